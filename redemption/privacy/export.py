"""Export of all data about a person, for the page and the download.

A section is a list of entries; an entry maps field names to texts, integers, times with their zone, or amounts as text
with their currency. ``redemption.privacy.registry`` lists which columns are personal data.
"""

import datetime as dt
import json
import zoneinfo
from collections.abc import Callable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db.models import Q

from accounts.models import SupportMessage, User
from accounts.privacy.erasure import addresses_of
from accounts.sign_in.sign_in_log import device_of
from accounts.time_zones import zone_of_user
from campaigns.models import Campaign
from moments.money import as_text
from moments.registry import absolute
from moments.security.encryption import DecryptionError
from outbox.models import EmailSuppression, Mail
from redemption.addresses.address import address_of
from redemption.models import Appeal, BackInStockAlert, Order
from redemption.orders.digital_content import content_of
from redemption.orders.timeline import sentence
from rewards.models import ClaimFingerprint, PointEventEmail, Reward

Entry = dict[str, Any]


def collect(user: User) -> dict[str, list[Entry]]:
    """Return section → entries as JSON-compatible values, with times in the user's time zone."""
    zone = zoneinfo.ZoneInfo(zone_of_user(user))
    return {name: [_plain(entry, zone) for entry in gather(user)] for name, gather in SECTIONS.items()}


def _plain(value: Any, zone: dt.tzinfo) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(part, zone) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part, zone) for part in value]
    return value if value is None or isinstance(value, (bool, int)) else str(value)


def amount(cents: int, currency: str) -> str:
    """Format an amount as ``27.50 USD``."""
    return f"{as_text(cents, currency)} {currency}"


def account(user: User) -> list[Entry]:
    return [
        {
            "email": user.email,
            "name": user.name,
            "time_zone": user.time_zone,
            "browser_time_zone": user.browser_time_zone,
            "language": user.language,
            "joined": user.joined_at,
            "last_signed_in": user.last_login,
            "is_operator": user.is_staff,
        }
    ]


def addresses_of_mail(user: User) -> list[Entry]:
    found = EmailAddress.objects.filter(user=user).order_by("pk")
    return [{"email": row.email, "is_login": row.primary, "is_confirmed": row.verified} for row in found]


def second_factors(user: User) -> list[Entry]:
    """Return which second factors exist, without their secrets."""
    found = Authenticator.objects.filter(user=user).order_by("pk")
    return [{"kind": row.get_type_display(), "set_up": row.created_at, "last_used": row.last_used_at} for row in found]


def providers(user: User) -> list[Entry]:
    """Return the linked identity providers and the profile they sent."""
    found = SocialAccount.objects.filter(user=user).order_by("pk")
    return [
        {
            "provider": row.provider,
            "number": row.uid,
            "profile": json.dumps(row.extra_data, ensure_ascii=False),
            "since": row.date_joined,
            "last_used": row.last_login,
        }
        for row in found
    ]


def sessions(user: User) -> list[Entry]:
    found = UserSession.objects.filter(user=user).order_by("created_at")
    return [{"since": row.created_at, "device": device_of(row.user_agent), "address": row.ip} for row in found]


def sign_ins(user: User) -> list[Entry]:
    return [
        {"when": row.occurred_at, "what": row.get_outcome_display(), "device": row.device, "network": row.address}
        for row in user.sign_ins.all()
    ]


def organizations(user: User) -> list[Entry]:
    return [
        {"organization": row.organization.name, "role": row.get_role_display(), "since": row.created_at}
        for row in user.memberships.select_related("organization").order_by("pk")
    ]


def requests(user: User) -> list[Entry]:
    """Return the user's messages in support requests of organizations."""
    found = SupportMessage.objects.filter(author=user, from_operator=False).select_related("request")
    return [{"when": row.created_at, "subject": row.request.subject, "message": row.body} for row in found]


def saved_addresses(user: User) -> list[Entry]:
    return [{**_address(row), "last_used": row.last_used_at} for row in user.saved_addresses.order_by("pk")]


def memberships(user: User) -> list[Entry]:
    return [
        {"since": row.starts_on, "until": row.ends_on, "granted": row.granted_at}
        for row in user.shipping_memberships.order_by("pk")
    ]


def points_emails(user: User) -> list[Entry]:
    """Return which apps sent an address of the user for emails about rewards that are still to come."""
    found = PointEventEmail.objects.filter(email__in=addresses_of(user)).select_related("event__app")
    return [
        {"app": row.event.app.name, "email": row.email, "since": row.received_at}
        for row in found.order_by("received_at")
    ]


def rewards(user: User) -> list[Entry]:
    """Return the claimed rewards without their links, which would let anyone open them."""
    found = Reward.objects.filter(customer=user).select_related("campaign", "app").order_by("claimed_at")
    return [
        {
            "number": row.pk,
            "app": row.app.name,
            "message": row.campaign.redemption_message,
            "promo_credit": amount(row.credit_cents, row.currency),
            "state": row.get_status_display(),
            "claimed": row.claimed_at,
            "good_until": _end_of(row.campaign),
        }
        for row in found
    ]


def _end_of(campaign: Campaign) -> dt.datetime | None:
    ends = campaign.rewards_expire_at
    return ends.astimezone(zoneinfo.ZoneInfo(campaign.time_zone)) if ends else None


def orders(user: User) -> list[Entry]:
    found = Order.objects.filter(customer=user).select_related("product").order_by("placed_at")
    return [_order(row) for row in found.prefetch_related("history", "substitutions__original")]


def _order(order: Order) -> Entry:
    sums = {
        name.removesuffix("_cents"): amount(getattr(order, name), order.currency)
        for name in ("item_cents", "shipping_cents", "tax_cents", "credit_cents", "paid_cents", "operator_paid_cents")
    }
    history = order.history.all()
    return {
        "number": order.number,
        "product": order.product.title,
        "size": order.size,
        "state": order.customer_status,
        "placed": order.placed_at,
        "shipped": order.shipped_at,
        "delivered": order.delivered_at,
        "canceled": order.canceled_at,
        "refunded": order.refunded_at,
        **sums,
        **_address(order),
        "carrier": order.carrier,
        "tracking_number": order.tracking_number,
        "code_or_link": _content(order),
        "history": [
            {"when": row.occurred_at, "what": sentence(row, order) or row.get_event_display(), "why": row.reason}
            for row in history
        ],
        "replaced": [
            {"when": row.offered_at, "instead_of": row.original.title, "answer": row.get_status_display()}
            for row in order.substitutions.all()
        ],
        "page": absolute("redemption:order", order.number),
    }


def _content(order: Order) -> str:
    try:
        return content_of(order)
    except DecryptionError:
        return ""


def _address(row: Any) -> Entry:
    return address_of(row).as_fields()


def payments(user: User) -> list[Entry]:
    return [
        {
            "when": row.begun_at,
            "order": row.order.number if row.order else "",
            "amount": amount(row.amount_cents, row.currency),
            "state": row.get_status_display(),
            "ended": row.ended_at,
        }
        for row in user.order_payments.select_related("order").order_by("begun_at")
    ]


def mails(user: User) -> list[Entry]:
    """Return the emails sent to the user or to one of their confirmed addresses. Others may belong to somebody else."""
    known = EmailAddress.objects.filter(user=user, verified=True).values("email")
    found = Mail.objects.filter(Q(user=user) | Q(to_email__in=known)).order_by("pk")
    return [
        {"queued": row.created_at, "sent": row.sent_at, "kind": row.kind, "to": row.to_email, "subject": row.subject}
        for row in found
    ]


def appeals(user: User) -> list[Entry]:
    return [
        {
            "when": row.opened_at,
            "text": row.text,
            "state": row.get_status_display(),
            "answered": row.decided_at,
            "answer": row.answer,
        }
        for row in Appeal.objects.filter(customer=user).order_by("opened_at")
    ]


def claim_fingerprints(user: User) -> list[Entry]:
    """Return the digests that detect many accounts claiming in one place."""
    found = ClaimFingerprint.objects.filter(customer=user).order_by("occurred_at")
    return [{"when": row.occurred_at, "kind": row.get_kind_display(), "digest": row.digest} for row in found]


def wishes(user: User) -> list[Entry]:
    """Return the back-in-stock alerts."""
    found = BackInStockAlert.objects.filter(customer=user).select_related("product").order_by("asked_at")
    return [{"when": row.asked_at, "product": row.product.title, "notified": row.notified_at} for row in found]


def unreachable(user: User) -> list[Entry]:
    """Return the failed deliveries to the user's confirmed addresses."""
    known = EmailAddress.objects.filter(user=user, verified=True).values("email")
    found = EmailSuppression.objects.filter(Q(email__in=known) | Q(proposed__in=known)).order_by("occurred_at")
    return [
        {
            "when": row.occurred_at,
            "email": row.email,
            "why": row.reason,
            "proposed": row.proposed,
            "ended": row.ended_at,
        }
        for row in found
    ]


def staff_accesses(user: User) -> list[Entry]:
    return [
        {"when": row.occurred_at, "what": row.object_type, "purpose": row.get_purpose_display()}
        for row in user.accesses.order_by("occurred_at")
    ]


SECTIONS: dict[str, Callable[[User], list[Entry]]] = {
    gather.__name__: gather
    for gather in (
        *(
            account,
            addresses_of_mail,
            second_factors,
            providers,
            sessions,
            sign_ins,
            saved_addresses,
            memberships,
            points_emails,
            rewards,
            orders,
        ),
        *(payments, appeals, wishes, unreachable, claim_fingerprints, mails, staff_accesses, organizations, requests),
    )
}
