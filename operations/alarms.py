"""Alarms from all apps that need an operator, shown on the admin's start page and reported at /statusz."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.budget.currencies import old_rates_in_use
from campaigns.models import Campaign, Payment
from moments.registry import absolute_url
from moments.security.key_fingerprints import missing_keys
from outbox import heartbeats
from outbox.models import Mail
from outbox.service import notify_operators
from redemption.models import FulfillmentRequest, Order, OrderPayment
from redemption.providers.registry import uncallable
from rewards.models import ReconciliationRun

BOOKS_STALE_AFTER = dt.timedelta(minutes=12)  # two runs were missed
MAIL_LATE_AFTER = dt.timedelta(minutes=10)
PAYMENT_LATE_AFTER = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Alarm:
    """An alarm. ``code`` is for monitoring, ``message`` and ``url`` (an admin page) are for people."""

    code: str
    message: str
    url: str


MAILED_ELSEWHERE = {"books_differ", "campaigns_held"}
OF_THE_MACHINE = {
    "worker_silent",
    "beat_silent",
    "clock_skewed",
    "books_unchecked",
    "keys_differ",
}  # these codes are public


def notify_operators_of_alarms(*, now: dt.datetime) -> int:
    """Email operators about every alarm, at most once a day each. Returns the number of emails.

    A dead worker cannot deliver these emails, so it is visible only on pages.
    """
    notified = 0
    for alarm in alarms(now=now):
        if alarm.code not in MAILED_ELSEWHERE:
            text, dedupe_key = f"{alarm.message}\n\n{absolute_url(alarm.url)}", f"alarm:{alarm.code}:{now.date()}"
            notified += notify_operators(alarm.message, text, dedupe_key=dedupe_key, now=now) is not None
    return notified


def alarms(*, now: dt.datetime) -> list[Alarm]:
    found = [*_of_keys(), *_of_workers(now), *_of_clocks(now), *_of_books(now), *_of_mail(now)]
    return [*found, *_of_orders(now), *_of_payments(now), *_of_rates(now)]


def _page(model: str, query: str = "") -> str:
    return reverse(f"admin:{model}_changelist") + query


def _of_workers(now: dt.datetime) -> list[Alarm]:
    message = {
        "worker": _("No worker has been heard of for 2 minutes: mails and orders wait."),
        "beat": _("The scheduler has not been heard of for 2 minutes: nothing is swept, opened, expired or checked."),
    }
    return [Alarm(f"{kind}_silent", message[kind], _page("outbox_heartbeat")) for kind in heartbeats.silent(now)]


def _of_keys() -> list[Alarm]:
    message = _("Keys are missing that this installation was written with: %s. Start it again to read how to add them.")
    missing = ", ".join(str(key) for key in missing_keys())
    return [Alarm("keys_differ", message % missing, reverse("admin:index"))] if missing else []


def _of_clocks(now: dt.datetime) -> list[Alarm]:
    message = _("The clock of %(host)s is %(seconds).1f s off the database's.")
    return [
        Alarm(
            "clock_skewed", message % {"host": heart.host, "seconds": heart.skew_ms / 1000}, _page("outbox_heartbeat")
        )
        for heart in heartbeats.skewed(now)
    ]


def _of_books(now: dt.datetime) -> list[Alarm]:
    found, page = [], _page("rewards_reconciliationrun")
    latest = ReconciliationRun.objects.first()
    if latest is None or now - latest.checked_at > BOOKS_STALE_AFTER:
        found.append(Alarm("books_unchecked", _("The books have not been checked for a while."), page))
    if latest and not latest.balanced:
        found.append(Alarm("books_differ", _("The books differ."), page))
    if held := Campaign.objects.exclude(held_at=None).count():
        message = ngettext("%d campaign is held for review.", "%d campaigns are held for review.", held) % held
        found.append(Alarm("campaigns_held", message, page))
    return found


def _of_mail(now: dt.datetime) -> list[Alarm]:
    found = []
    oldest = Mail.objects.filter(status=Mail.Status.QUEUED).aggregate(at=Min("due_at"))["at"]
    if oldest and now - oldest > MAIL_LATE_AFTER:
        found.append(Alarm("mail_late", _("Mail that is due is not sent."), _page("outbox_mail", "?status=queued")))
    if dead := Mail.objects.filter(status=Mail.Status.DEAD, forgotten_at=None).count():
        message = ngettext("%d mail was given up.", "%d mails were given up.", dead) % dead
        found.append(Alarm("mail_dead", message, _page("outbox_mail", "?status=dead")))
    return found


def _of_orders(now: dt.datetime) -> list[Alarm]:
    found = []
    stopped = FulfillmentRequest.objects.filter(status=FulfillmentRequest.Status.NEEDS_ATTENTION).count()
    message = ngettext("%d order at a provider needs attention.", "%d orders at providers need attention.", stopped)
    if stopped:
        page = _page("redemption_fulfillmentrequest", "?status=needs_attention")
        found.append(Alarm("fulfillment_stopped", message % stopped, page))
    waiting = [FulfillmentRequest.Status.QUEUED, FulfillmentRequest.Status.UNKNOWN]
    if unsent := FulfillmentRequest.objects.filter(status__in=waiting, provider__in=uncallable()).count():
        message = ngettext(
            "%d order waits for a provider whose keys are not set.",
            "%d orders wait for providers whose keys are not set.",
            unsent,
        )
        found.append(Alarm("provider_without_keys", message % unsent, _page("redemption_order", "?waits=provider")))
    if late := Order.objects.late(now).count():
        message = ngettext("%d order was not sent in time.", "%d orders were not sent in time.", late)
        found.append(Alarm("orders_late", message % late, _page("redemption_order", "?waits=late")))
    return found


def _of_payments(now: dt.datetime) -> list[Alarm]:
    """Report charges, customer payments and refunds that have been open for more than an hour."""
    found, long_ago = [], now - PAYMENT_LATE_AFTER
    if uncharged := Payment.objects.filter(status=Payment.Status.OPEN, begun_at__lte=long_ago).count():
        message = ngettext("%d statement cannot be charged.", "%d statements cannot be charged.", uncharged)
        found.append(Alarm("statements_late", message % uncharged, _page("campaigns_statement", "?status__exact=due")))
    if unsettled := OrderPayment.objects.filter(status=OrderPayment.Status.OPEN, begun_at__lte=long_ago).count():
        message = ngettext("%d payment is not settled.", "%d payments are not settled.", unsettled) % unsettled
        found.append(Alarm("payments_late", message, _page("redemption_orderpayment", "?status__exact=open")))
    if owed := OrderPayment.objects.filter(status=OrderPayment.Status.REFUNDING, ended_at__lte=long_ago).count():
        message = ngettext("%d refund does not go through.", "%d refunds do not go through.", owed) % owed
        found.append(Alarm("refunds_late", message, _page("redemption_orderpayment", "?status__exact=refunding")))
    return found


def _of_rates(now: dt.datetime) -> list[Alarm]:
    """Report exchange rates older than 35 days, which new budgets and credits are based on."""
    old = ", ".join(f"{currency} ({day})" for currency, day in old_rates_in_use(now=now).items())
    message = _("Exchange rates are older than 35 days: %s. Import current ones.") % old
    return [Alarm("rates_old", message, reverse("admin:catalog_csvimport_new", args=["rates"]))] if old else []
