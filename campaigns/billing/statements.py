"""Statements: made from the ledger once a month is over, paid outside or marked so by an operator."""

import datetime as dt
import logging
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count, Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.models import Member, Organization, User
from campaigns.budget.spending import month_of
from campaigns.models import BudgetEntry, OrganizationMonth, Payment, Statement, StatementLine
from moments.errors import RuleViolation
from moments.i18n.datetimes import display_month
from moments.integrations import stripe
from moments.lifecycle import advance
from moments.money import as_text, display
from moments.registry import absolute, emails
from outbox.service import notify_operators, queue_mail, record_event

logger = logging.getLogger(__name__)

# No issue of the old month is under way any more: a call waits seconds for its turn, not an hour.
SETTLED_AFTER = dt.timedelta(hours=1)


def close_months(*, now: dt.datetime) -> int:
    """Issue the statement of every month that is over and cost something; how many. May run twice and beside itself."""
    theirs = Statement.objects.filter(organization=OuterRef("organization"), month=OuterRef("month"))
    over = OrganizationMonth.objects.filter(month__lt=month_of(now - SETTLED_AFTER), spent_cents__gt=0)
    open_ones = over.exclude(Exists(theirs)).order_by("month", "pk").select_related("organization")
    return sum(_close(row, now=now) for row in open_ones)


def _close(row: OrganizationMonth, *, now: dt.datetime) -> bool:
    try:
        return issue_statement(row.organization, row.month, now=now) is not None
    except RuleViolation as refused:
        logger.error("No statement for %s: %s", row, refused.message)
        dedupe_key = f"statement:{row.organization_id}:{row.month}"
        notify_operators(_("A statement was not issued"), f"{row}: {refused.message}", dedupe_key=dedupe_key, now=now)
        return False


def issue_statement(organization: Organization, month: dt.date, *, now: dt.datetime) -> Statement | None:
    """What ``month`` cost, line by line. None where there is one already.

    Raises ``RuleViolation("books_differ")`` where the ledger does not add up to the month's counter: nothing is asked
    for before a person has looked.
    """
    with transaction.atomic():
        counter = OrganizationMonth.objects.select_for_update().get(organization=organization, month=month)
        if Statement.objects.filter(organization=organization, month=month).exists():
            return None
        lines = _lines_of(organization, month)
        total = sum(line.cents for line in lines)
        if total != counter.spent_cents:
            values = {"ledger": display(total), "counted": display(counter.spent_cents)}
            raise RuleViolation("books_differ", _("The ledger has %(ledger)s, the counter %(counted)s.") % values)
        earlier = Statement.objects.select_for_update(no_key=True).filter(
            organization=organization, status=Statement.Status.CARRIED, carried_to=None
        )
        carried = sum(statement.total_cents for statement in earlier)
        made = Statement.objects.create(
            organization=organization,
            month=month,
            number=f"M-{month:%Y%m}-{organization.pk:05}",
            total_cents=total + carried,
            carried_cents=carried,
            issued_at=now,
        )
        Statement.objects.filter(pk__in=[statement.pk for statement in earlier]).update(carried_to=made)
        for line in lines:
            line.statement = made
        StatementLine.objects.bulk_create(lines)
        carry_over_if_small(made)
        _tell(made, now=now)
    return made


def carry_over_if_small(statement: Statement) -> bool:
    """Less than a card can be charged with is added to the next statement. Whether this one is.

    For the transaction that has locked it. Where an operator bills the organization outside, every amount is due.
    """
    organization = Organization.objects.get(pk=statement.organization_id)
    is_charged = organization.payment_waived_at is None and stripe.is_set_up()
    if not is_charged or statement.total_cents >= stripe.smallest_payment("USD"):
        return False
    advance(statement, Statement.Status.CARRIED)
    return True


def _lines_of(organization: Organization, month: dt.date) -> list[StatementLine]:
    entries = BudgetEntry.objects.filter(organization=organization, month=month).order_by()
    summed = entries.values_list("campaign_id", "campaign__name", "moment__key", "amount_cents").annotate(Count("pk"))
    return [
        StatementLine(
            campaign_id=campaign_id,
            campaign_name=name,
            moment_key=key or "",
            actions=count,
            each_cents=each,
            cents=count * each,
        )
        for campaign_id, name, key, each, count in summed
    ]


def _tell(statement: Statement, *, now: dt.datetime) -> None:
    dedupe_key = f"statement.ready:{statement.pk}"
    payload = {"statement": statement.number, "month": statement.slug, "total": as_text(statement.total_cents)}
    record_event(
        statement.organization, "statement.ready", {**payload, "currency": "USD"}, dedupe_key=dedupe_key, now=now
    )
    managers = Member.objects.filter(organization=statement.organization).select_related("user")
    for member in managers:
        if member.may_manage:
            context = {"statement": statement.pk}
            mail = f"{dedupe_key}:{member.user_id}"
            queue_mail(
                "statement_ready",
                to_email=member.user.email,
                user=member.user,
                context=context,
                dedupe_key=mail,
                now=now,
            )


@emails.add("statement_ready")
def statement_context(context: dict) -> dict:
    """What the mail about a statement shows."""
    statement = Statement.objects.select_related("organization").get(pk=context["statement"])
    return {
        "organization": statement.organization.name,
        "month": display_month(statement.month),
        "number": statement.number,
        "total": display(statement.total_cents),
        "is_waived": statement.organization.payment_waived_at is not None,
        "is_carried": statement.status == Statement.Status.CARRIED,
        "statement_url": absolute("console:billing:statement", statement.slug),
    }


def pay(statement: Statement, *, now: dt.datetime, by: User | None = None) -> None:
    """The money is there."""
    advance(statement, Statement.Status.PAID, paid_at=now, paid_marked_by=by)


def mark_paid(statement: Statement, *, by: User, now: dt.datetime) -> None:
    """An operator has the money from elsewhere. Refused while a card is being charged for it."""
    with transaction.atomic():
        locked = Statement.objects.select_for_update(no_key=True).get(pk=statement.pk)
        if locked.payments.filter(status=Payment.Status.OPEN).exists():
            raise RuleViolation("payment_under_way", _("A payment by card is under way."))
        pay(locked, by=by, now=now)


COLUMNS = ["statement", "month", "campaign", "moment", "actions", "each", "amount", "currency"]


def exported(statement: Statement) -> Iterable[list[object]]:
    """The statement's lines for a CSV file, its header first; what was carried over to it last."""
    yield list(COLUMNS)
    for line in statement.lines.all():
        each, cents = as_text(line.each_cents), as_text(line.cents)
        names = [statement.number, statement.slug, line.campaign_name, line.moment_key]
        yield [*names, line.actions, each, cents, "USD"]
    for earlier in statement.carried_from.order_by("month"):
        names = [statement.number, statement.slug, _("Carried over from %s") % earlier.number, ""]
        yield [*names, "", "", as_text(earlier.total_cents), "USD"]
