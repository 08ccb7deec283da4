"""Reading sent emails without their secret links, and sending them again, for operators."""

import datetime as dt

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.utils import translation
from django.utils.translation import gettext as _

from moments.errors import RuleViolation
from moments.registry import emails
from outbox.emails.rendering import Rendered, render_kind
from outbox.models import Mail
from outbox.service import queue_mail

# Emails that stay valid later. Their secrets are links that are created at rendering.
SENT_AGAIN = frozenset(
    {
        *("order_confirmed", "order_shipped", "order_delivered", "order_canceled", "order_refunded"),
        *("order_substitution", "payment_returned", "appeal_answered", "reward_issued", "statement_ready"),
        "points_exchanged",
    }
)
READABLE = SENT_AGAIN | {
    *("campaign_approved", "campaign_rejected", "campaign_finished", "campaign_held", "campaign_released"),
    *("budget_threshold", "payment_failed", "exchange_stuck", "reward_expiring", "back_in_stock", "report"),
    *("operator_digest", "webhook_disabled"),
}
SECRET_LINKS = ("reward_url", "unsubscribe_url")


def is_readable(mail: Mail) -> bool:
    return mail.kind in READABLE and mail.forgotten_at is None


def can_be_sent_again(mail: Mail) -> bool:
    return mail.kind in SENT_AGAIN and mail.forgotten_at is None and mail.status == Mail.Status.SENT


def read_mail(mail: Mail) -> Rendered:
    """Render the email in its recipient's language from current data, without its secret links.

    Raises ``RuleViolation`` if its kind is not readable or its data no longer exists.
    """
    if not is_readable(mail):
        raise RuleViolation("not_readable", _("Emails of this kind are not shown, because they hold secrets."))
    try:
        with translation.override(mail.language):
            shown = emails[mail.kind](mail.context)
            hidden = {name: f"{settings.BASE_URL}/#hidden" for name in SECRET_LINKS if shown.get(name)}
            return render_kind(mail.kind, {**shown, **hidden}, to=mail.to_email)
    except ObjectDoesNotExist:
        raise RuleViolation("gone", _("What this email is about no longer exists.")) from None


def send_copy(mail: Mail, *, now: dt.datetime) -> Mail:
    """Queue the email again to the same address, at most once an hour. Raises ``RuleViolation`` otherwise."""
    mail.refresh_from_db()
    if not can_be_sent_again(mail):
        raise RuleViolation("not_sent_again", _("This email cannot be sent again."))
    copy = queue_mail(
        mail.kind,
        to_email=mail.to_email,
        context=mail.context,
        user=mail.user,
        language=mail.language,
        dedupe_key=f"again:{mail.pk}:{now:%Y-%m-%dT%H}",
        now=now,
    )
    if copy is None:
        message = _("This email was sent again within this hour, or its recipient has erased their account.")
        raise RuleViolation("not_sent_again", message)
    return copy
