"""Deletion of old data. The retention periods are settings."""

import datetime as dt

from django.conf import settings
from django.db.models import Q

from accounts.privacy import retention
from api.call_log.retention import forget_old_calls
from catalog.models import CsvImport
from outbox.emails.retention import forget_old_mails
from outbox.webhooks.retention import forget_old_attempts
from redemption.models import Appeal, Order
from redemption.privacy.erasure import BLANK_ORDER
from rewards.points import event_emails

BATCH = 500
IMPORTS_KEPT = dt.timedelta(days=7)
Status = Order.Status


def forget_old_data(*, now: dt.datetime) -> dict[str, int]:
    """Apply all retention rules. Returns the number of rows per rule."""

    def before(what: str) -> dt.datetime:
        return now - dt.timedelta(days=settings.KEEP_DAYS[what])

    return {
        "addresses": forget_delivered_addresses(before=before("addresses"), now=now),
        "appeals": forget_answered_appeals(before=before("mails")),
        "imports": forget_unapplied_imports(before=now - IMPORTS_KEPT),
        "emails of point events": event_emails.forget_old(before=before("mails"), batch=BATCH),
        "mails": forget_old_mails(before=before("mails"), now=now, batch=BATCH),
        "sign-ins": retention.forget_old_sign_ins(before=before("sign_ins"), batch=BATCH),
        "sessions": retention.forget_ended_sessions(now=now, batch=BATCH),
        "API calls": forget_old_calls(now=now, batch=BATCH),
        "webhook attempts": forget_old_attempts(now=now, batch=BATCH),
        "unconfirmed accounts": forget_unconfirmed_accounts(before=before("unconfirmed")),
    }


def forget_delivered_addresses(*, before: dt.datetime, now: dt.datetime) -> int:
    """Blank the addresses of orders that ended or were shipped before ``before``. Digital content is kept for the
    customer.
    """
    ended = Q(delivered_at__lt=before) | Q(canceled_at__lt=before) | Q(refunded_at__lt=before)
    ended |= Q(status=Status.SHIPPED, shipped_at__lt=before)
    due = Order.objects.filter(ended, forgotten_at=None)
    done = 0
    while ids := list(due.values_list("pk", flat=True)[:BATCH]):
        done += Order.objects.filter(pk__in=ids, forgotten_at=None).update(**BLANK_ORDER, forgotten_at=now)
    return done


def forget_unapplied_imports(*, before: dt.datetime) -> int:
    """Delete unapplied import files of operators, which can contain members' addresses."""
    return retention.delete_in_batches(CsvImport.objects.filter(applied_at=None, uploaded_at__lt=before), batch=BATCH)


def forget_answered_appeals(*, before: dt.datetime) -> int:
    return retention.delete_in_batches(Appeal.objects.filter(decided_at__lt=before), batch=BATCH)


def forget_unconfirmed_accounts(*, before: dt.datetime) -> int:
    """Delete unconfirmed accounts without rewards, orders, saved addresses, memberships or access logs."""
    nothing = {"rewards": None, "orders": None, "saved_addresses": None, "shipping_memberships": None, "accesses": None}
    due = retention.unconfirmed_accounts(before=before).filter(**nothing)
    return retention.delete_in_batches(due, batch=BATCH)
