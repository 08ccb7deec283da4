"""The data export as readable text, in the language of the page."""

import datetime as dt
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.time_zones import zone_of_user
from moments.i18n.datetimes import display_date, display_instant
from redemption.privacy.export import SECTIONS, Entry

Line = tuple[str, str]  # label, text


def readable(user: User) -> list[tuple[str, list[list[Line]]]]:
    """Return (title, entries) pairs; an entry is a list of lines, without empty ones."""
    return [(str(TITLES[name]), [_lines(entry, user) for entry in gather(user)]) for name, gather in SECTIONS.items()]


def _lines(entry: Entry, user: User) -> list[Line]:
    lines = []
    for name, value in entry.items():
        if isinstance(value, list):
            lines += [(str(NAMES[name]), " · ".join(text for _n, text in _lines(part, user))) for part in value]
        elif value not in (None, ""):
            lines.append((str(NAMES[name]), _text(value, user)))
    return lines


def _text(value: Any, user: User) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, dt.datetime):
        return display_instant(value, zone_of_user(user))
    if isinstance(value, dt.date):
        return display_date(value)
    return str(value)


TITLES: dict[str, str | Promise] = {
    "account": _("Your account"),
    "addresses_of_mail": _("Addresses of mail"),
    "providers": _("Other accounts you sign in with"),
    "second_factors": _("Second factors"),
    "sessions": _("Where you are signed in"),
    "sign_ins": _("Sign-ins"),
    "saved_addresses": _("Addresses you keep"),
    "memberships": _("Memberships"),
    "points_emails": _("Addresses that apps sent us for rewards to come"),
    "rewards": _("Rewards"),
    "orders": _("Orders"),
    "payments": _("Payments"),
    "appeals": _("What you asked us to look at"),
    "claim_fingerprints": _("Marks that keep claims fair, until the campaign ends"),
    "wishes": _("What you wait for"),
    "unreachable": _("When our mails did not reach you"),
    "mails": _("Mails we sent you"),
    "staff_accesses": _("When our staff looked at your data"),
    "organizations": _("Organizations you work for"),
    "requests": _("What you wrote to us for an organization"),
}
NAMES: dict[str, str | Promise] = {
    "address": _("Network address"),
    "amount": _("Amount"),
    "answer": _("Answer"),
    "answered": _("Answered"),
    "operator_paid": _("On us"),
    "canceled": _("Canceled"),
    "app": _("App"),
    "carrier": _("Carrier"),
    "city": _("City"),
    "city_area": _("District or neighborhood"),
    "claimed": _("Claimed"),
    "code_or_link": _("Code or link"),
    "country": _("Country"),
    "credit": _("Promo credit used"),
    "delivered": _("Delivered"),
    "device": _("Device"),
    "digest": _("Mark"),
    "email": _("Email"),
    "ended": _("Ended"),
    "good_until": _("Good until"),
    "granted": _("Granted"),
    "history": _("What happened"),
    "instead_of": _("Instead of"),
    "is_confirmed": _("Confirmed"),
    "is_login": _("Your login"),
    "is_operator": _("Operator"),
    "item": _("Item"),
    "joined": _("Joined"),
    "kind": _("Kind"),
    "language": _("Language"),
    "last_signed_in": _("Last signed in"),
    "last_used": _("Last used"),
    "message": _("Message"),
    "name": _("Name"),
    "network": _("Network"),
    "number": _("Number"),
    "order": _("Order"),
    "organization": _("Organization"),
    "page": _("Page"),
    "paid": _("Paid"),
    "phone": _("Phone"),
    "placed": _("Placed"),
    "postal_code": _("Postal code"),
    "product": _("Product"),
    "profile": _("What it told us"),
    "promo_credit": _("Promo credit"),
    "proposed": _("Proposed instead"),
    "provider": _("Provider"),
    "purpose": _("Purpose"),
    "queued": _("Queued"),
    "recipient": _("Full name"),
    "refunded": _("Refunded"),
    "region": _("State or province"),
    "replaced": _("Replacement offered"),
    "role": _("Role"),
    "sent": _("Sent"),
    "set_up": _("Set up"),
    "shipped": _("Shipped"),
    "shipping": _("Shipping"),
    "since": _("Since"),
    "size": _("Size"),
    "state": _("Status"),
    "street": _("Street address"),
    "subject": _("Subject"),
    "tax": _("Tax"),
    "text": _("Text"),
    "time_zone": _("Time zone"),
    "browser_time_zone": _("Time zone of your browser"),
    "to": _("Sent to"),
    "notified": _("Notified"),
    "tracking_number": _("Tracking number"),
    "until": _("Until"),
    "what": _("What"),
    "when": _("When"),
    "why": _("Why"),
}
