"""Statements: from the ledger, once, unchangeable, as page, CSV and PDF."""

import csv
import datetime as dt
import io

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import Member
from campaigns.billing.statement_pdf import statement_pdf
from campaigns.billing.statements import close_months, issue_statement, mark_paid
from campaigns.budget.spending import month_of
from campaigns.models import OrganizationMonth, Statement, StatementLine
from moments.errors import RuleViolation
from outbox.emails.rendering import render_mail
from outbox.models import Event, Mail
from rewards.issuing.service import issue_reward
from rewards.ledger.reconciliation import reconcile
from tests import make

BILLING = reverse("console:billing:list")


def last_month(now: dt.datetime) -> dt.date:
    return (now.replace(day=1) - dt.timedelta(days=1)).date().replace(day=1)


def issue_last_month(campaign, now, times: int = 1, **fields) -> None:
    """In the middle of the month before."""
    then = dt.datetime.combine(last_month(now), dt.time(12), dt.UTC) + dt.timedelta(days=14)
    for _time in range(times):
        issue_reward(make.ask(campaign, **fields), shift=then - now)


@pytest.fixture
def campaign(member):
    return make.campaign(of=member, days=(-90, 30))


@pytest.fixture
def statement(campaign, now) -> Statement:
    issue_last_month(campaign, now, times=2)
    close_months(now=now + dt.timedelta(hours=1))
    return Statement.objects.get()


@pytest.mark.slow
def test_a_month_that_is_over_gets_one_statement_from_the_ledger(campaign, member, now):
    issue_last_month(campaign, now, times=3)
    other = make.campaign(of=member, cpa_cents=3000, days=(-90, 30))
    issue_last_month(other, now)
    issue_reward(make.ask(campaign))  # this month's

    assert [close_months(now=now), close_months(now=now)] == [1, 0]

    statement = Statement.objects.get()
    assert (statement.month, statement.total_cents, statement.status) == (last_month(now), 11_250, "due")
    lines = statement.lines.values_list("campaign_name", "moment_key", "actions", "each_cents", "cents")
    assert sorted(lines) == sorted(
        [
            (campaign.name, campaign.moments.get().key, 3, 2750, 8250),
            (other.name, other.moments.get().key, 1, 3000, 3000),
        ]
    )
    assert Event.objects.filter(type="statement.ready").count() == 1
    assert Mail.objects.filter(kind="statement_ready", to_email=member.user.email).count() == 1
    assert reconcile(now=now) == []


@pytest.mark.slow
def test_the_month_that_runs_and_the_first_hour_after_it_are_left_alone(campaign, now):
    issue_reward(make.ask(campaign))
    next_month = (month_of(now) + dt.timedelta(days=31)).replace(day=1)
    midnight = dt.datetime.combine(next_month, dt.time(), dt.UTC)

    assert close_months(now=midnight + dt.timedelta(minutes=59)) == 0
    assert close_months(now=midnight + dt.timedelta(hours=1)) == 1


@pytest.mark.slow
def test_a_month_that_cost_nothing_gets_none(campaign, now):
    OrganizationMonth.objects.create(organization=campaign.organization, month=last_month(now), limit_cents=100)

    assert close_months(now=now) == 0


@pytest.mark.slow
def test_books_that_differ_are_told_and_nothing_is_asked_for(campaign, now):
    issue_last_month(campaign, now)
    OrganizationMonth.objects.filter(month=last_month(now)).update(spent_cents=2749)

    assert [close_months(now=now), close_months(now=now)] == [0, 0]

    assert not Statement.objects.exists()
    shown = Mail.objects.get(subject="A statement was not issued")
    assert "The ledger has $27.50, the counter $27.49." in shown.text
    with pytest.raises(RuleViolation, match="counter"):
        issue_statement(campaign.organization, last_month(now), now=now)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE campaigns_statement SET total_cents = total_cents - 1",
        "UPDATE campaigns_statement SET month = month - 1",
        "DELETE FROM campaigns_statement",
        "UPDATE campaigns_statementline SET campaign_name = 'other'",
        "DELETE FROM campaigns_statementline",
    ],
)
def test_what_was_issued_cannot_be_rewritten(statement, change):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)

    statement.refresh_from_db()
    assert statement.total_cents == 5500 and statement.lines.count() == 1


def test_a_line_that_does_not_add_up_cannot_be_written(statement, campaign):
    line = StatementLine(statement=statement, campaign=campaign, actions=2, each_cents=100, cents=201)

    with pytest.raises(DatabaseError), transaction.atomic():
        line.save()


def test_an_entry_that_comes_late_is_found_by_the_check_of_the_books(statement, campaign, now):
    issue_last_month(campaign, now)

    assert [found.what for found in reconcile(now=now)] == ["statement"]


def test_it_is_paid_once(statement, now):
    operator = make.operator()
    mark_paid(statement, by=operator, now=now)

    with pytest.raises(RuleViolation):
        mark_paid(Statement.objects.get(), by=operator, now=now)
    statement.refresh_from_db()
    assert (statement.status, statement.paid_at, statement.paid_marked_by) == ("paid", now, operator)


def test_operators_mark_it_paid_in_admin(client, statement):
    client.force_login(make.operator())
    page = reverse("admin:campaigns_statement_changelist")

    client.post(page, {"action": "mark_as_paid", "_selected_action": [statement.pk]})

    statement.refresh_from_db()
    assert statement.status == "paid"
    assert client.get(reverse("admin:campaigns_statement_change", args=[statement.pk])).status_code == 200


# What members see


def test_the_page_lists_statements_and_says_what_the_month_costs_so_far(console, campaign, statement):
    issue_reward(make.ask(campaign))

    page = console.get(BILLING).text

    assert "$55.00" in page and statement.number in page and "$27.50" in page
    assert "Billed outside, by agreement" in page


def test_a_new_organization_is_told_how_it_will_be(client, db):
    owner = make.member()
    type(owner.organization).objects.update(payment_waived_at=None)
    client.force_login(owner.user)

    page = client.get(BILLING).text

    assert "Nothing is arranged yet" in page and "No statement yet" in page


@pytest.mark.slow
def test_each_form_of_it_says_the_same(console, campaign, statement):
    kinds = ("statement", "statement_csv", "statement_pdf")
    page, table, document = (console.get(reverse(f"console:billing:{kind}", args=[statement.slug])) for kind in kinds)

    assert "$55.00" in page.text and campaign.name in page.text
    rows = list(csv.reader(io.StringIO(table.getvalue().decode("utf-8-sig"))))
    assert rows[1] == [
        *(statement.number, statement.slug, campaign.name, campaign.moments.get().key),
        *("2", "27.50", "55.00", "USD"),
    ]
    assert document["Content-Type"] == "application/pdf"
    text = PdfReader(io.BytesIO(document.content)).pages[0].extract_text()
    assert statement.number in text and campaign.name in text and "$55.00" in text


@pytest.mark.slow
@pytest.mark.parametrize("name", ["山田商店", "Łukasz i Żaneta", "Ωμέγα Игры", "한국 게임", 'A "quoted" <b>&amp;</b>'])
def test_the_document_prints_every_name(campaign, now, name):
    type(campaign.organization).objects.filter(pk=campaign.organization_id).update(name=name)
    type(campaign).objects.filter(pk=campaign.pk).update(name=name)
    issue_last_month(campaign, now)
    close_months(now=now)

    text = PdfReader(io.BytesIO(statement_pdf(Statement.objects.get()))).pages[0].extract_text()

    assert text.count(name) == 2


@pytest.mark.slow
def test_a_long_statement_has_its_total_on_the_last_page(statement, campaign):
    made = [
        StatementLine(
            statement=statement,
            campaign=campaign,
            campaign_name=f"Campaign {number} " + "with a long name " * 5,
            moment_key="reached-level-ten",
            actions=1,
            each_cents=100,
            cents=100,
        )
        for number in range(120)
    ]
    StatementLine.objects.bulk_create(made)

    pages = PdfReader(io.BytesIO(statement_pdf(statement))).pages

    assert len(pages) > 3
    assert "Total" in pages[-1].extract_text() and f"{len(pages)} / {len(pages)}" in pages[-1].extract_text()


@pytest.mark.parametrize("slug", ["2026-13", "x", "1999-01", "2026-1-1", "%00"])
def test_a_month_without_statement_is_not_found(console, slug):
    assert console.get(f"/console/billing/{slug}/").status_code == 404


def test_a_stranger_does_not_find_it_and_an_analyst_reads_it(client, statement, member):
    client.force_login(make.member().user)
    for kind in ("statement", "statement_csv", "statement_pdf"):
        assert client.get(reverse(f"console:billing:{kind}", args=[statement.slug])).status_code == 404

    client.force_login(make.member(Member.Role.ANALYST, organization=member.organization).user)
    assert client.get(reverse("console:billing:statement", args=[statement.slug])).status_code == 200


def test_the_mail_tells_the_total_and_where_each_line_is(statement):
    mail = render_mail(Mail.objects.get(kind="statement_ready"))

    assert mail.subject.endswith("$55.00")
    assert f"/console/billing/{statement.slug}/" in mail.text and statement.number in mail.html
