"""Report emails, sent to subscribed members once per week or month."""

import datetime as dt

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.privacy.user_lock import try_lock_active_user
from console.models import ReportSubscription
from moments.i18n.datetimes import display_date
from moments.money import display
from moments.registry import absolute, emails
from outbox.service import queue_mail
from rewards.reporting.daily_totals import By, Report, ReportFilter, Totals, Window, report_of

SALT = "stop report mails"
LINES = 10  # campaigns per email
Every = ReportSubscription.Every


def subscribe(member: Member, every: str, *, now: dt.datetime) -> None:
    """Subscribe, starting with the current week or month."""
    values = {"every": every, "mailed_up_to": latest(every, now).last}
    ReportSubscription.objects.update_or_create(member=member, defaults=values)


def unsubscribe(member_id: int) -> None:
    ReportSubscription.objects.filter(member_id=member_id).delete()


def latest(every: str, now: dt.datetime) -> Window:
    """Return the last complete week (Monday to Sunday) or calendar month before ``now``, in UTC."""
    today = now.astimezone(dt.UTC).date()
    if every == Every.WEEK:
        sunday = today - dt.timedelta(days=today.isoweekday())
        return Window(sunday - dt.timedelta(days=6), sunday)
    last = today.replace(day=1) - dt.timedelta(days=1)
    return Window(last.replace(day=1), last)


def mail_reports(*, now: dt.datetime) -> int:
    """Queue the due reports. Returns how many. Safe to run concurrently: a member gets each period once."""
    sent = 0
    for every in Every.values:
        window = latest(every, now)
        due = ReportSubscription.objects.filter(every=every, mailed_up_to__lt=window.last)
        for row in due.select_related("member__user", "member__organization").iterator():
            with transaction.atomic():
                try_lock_active_user(row.member.user)
                won = due.filter(pk=row.pk).update(mailed_up_to=window.last)
                sent += bool(won and queue(row, window, now=now))
    return sent


def queue(row: ReportSubscription, window: Window, *, now: dt.datetime) -> bool:
    member = row.member
    report = report_of(member, ReportFilter(window), By.CAMPAIGN)
    context = {
        "organization": member.organization.name,
        "first": display_date(window.first),
        "last": display_date(window.last),
        "actions": report.now.actions,
        "spend": display(report.now.cents),
        "change": change_in_words(report.now, report.before),
        "lines": lines_of(report),
        "report_url": absolute("console:reports:report") + f"?since={window.first}&until={window.last}&by=campaign",
        "unsubscribe_url": absolute("console:reports:unsubscribe", signing.dumps(member.pk, salt=SALT)),
    }
    to = member.user.email
    dedupe_key = f"report:{member.pk}:{row.every}:{window.last}"
    return (
        queue_mail("report", to_email=to, context=context, user=member.user, dedupe_key=dedupe_key, now=now) is not None
    )


def lines_of(report: Report) -> list[list]:
    """Return [campaign, actions, spend] of the ten campaigns with the highest spend."""
    spent = [line for line in report.lines if line.now.actions]
    return [[line.label, line.now.actions, display(line.now.cents)] for line in spent[:LINES]]


def change_in_words(now: Totals, before: Totals) -> str:
    """Describe the change in spend from the previous period."""
    if not before.cents:
        return _("Nothing was spent in the time before.") if now.cents else ""
    percent = round((now.cents - before.cents) * 100 / before.cents)
    if percent == 0:
        return _("As much as in the time before.")
    if percent > 0:
        return _("%(percent)d %% more than in the time before.") % {"percent": percent}
    return _("%(percent)d %% less than in the time before.") % {"percent": -percent}


def member_to_stop(signed: str) -> int | None:
    """Return the id of the member whose emails the link stops; None if its signature is invalid."""
    try:
        return signing.loads(signed, salt=SALT)
    except signing.BadSignature:
        return None


@emails.add("report")
def report_context(context: dict) -> dict:
    return context
