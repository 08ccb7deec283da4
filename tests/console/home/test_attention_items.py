"""What in an organization waits for one of its people, the most pressing first."""

import datetime as dt

import pytest

from accounts.models import Member
from campaigns.budget.spending import month_of
from campaigns.models import Campaign, OrganizationMonth, Payment, Statement
from console.home.attention_items import AT_MOST, attention_items
from rewards.reporting.spend_forecast import Cap, SpendForecast
from tests import make

DAY = dt.timedelta(days=1)
LASTS = SpendForecast(
    month_cents=0, limit_cents=500_000, total_left_cents=5_000_000, pace_cents=0, exhausted_on=None, by=None
)


def found(member, *campaigns, now, **outlook):
    expected = {campaign.pk: SpendForecast(**{**LASTS.__dict__, **outlook}) for campaign in campaigns}
    return attention_items(member, list(campaigns), expected, now=now)


def texts(*args, **kwargs) -> str:
    return "\n".join(need.text for need in found(*args, **kwargs))


@pytest.fixture
def live(member):
    made = make.campaign(of=member, days=(-1, 30))
    make.api_key(made.app)
    return made


def statement(member, now, **fields) -> Statement:
    values = {"month": month_of(now), "number": "M-1", "total_cents": 12_345, "issued_at": now - DAY, **fields}
    return Statement.objects.create(organization=member.organization, **values)


def test_where_nothing_waits_nothing_is_said(member, live, now):
    assert found(member, live, now=now) == []


def test_errors_come_before_warnings_and_those_before_the_rest(member, now):
    draft, rejected, live = (make.campaign(status, of=member) for status in ("draft", "rejected", "live"))

    assert [need.level for need in found(member, draft, live, rejected, now=now)] == ["error", "warning", ""]


def test_no_more_are_shown_than_can_be_read(member, now):
    campaigns = [Campaign(name=f"C{number}", status="draft") for number in range(AT_MOST + 3)]

    assert len(found(member, *campaigns, now=now)) == AT_MOST


def test_an_analyst_is_not_asked_to_go_on_with_drafts(member, now):
    draft = make.campaign("draft", of=member)
    analyst = make.member(Member.Role.ANALYST, organization=member.organization)

    assert "is a draft" in texts(member, draft, now=now)
    assert texts(analyst, draft, now=now) == ""


@pytest.mark.parametrize(
    ("because", "words"), [("brake", "paused itself"), ("books", "is held while we check its books")]
)
def test_why_a_campaign_is_held_is_said(member, live, now, because, words):
    live.held_because = because

    (need,) = found(member, live, now=now)

    assert need.level == "error" and words in need.text and live.name in need.text


def test_a_campaign_that_goes_live_on_its_date_waits_for_nobody(member, now):
    by_button, by_date = (make.campaign("approved", of=member, goes_live=how) for how in ("button", "date"))

    said = texts(member, by_button, by_date, now=now)

    assert by_button.name in said and by_date.name not in said


def test_a_campaign_that_waits_for_approval_needs_a_payment_to_be_arranged(member, now):
    pending = make.campaign("pending", of=member)
    assert texts(member, pending, now=now) == ""  # the operator waived it

    member.organization.payment_waived_at = None
    assert "no payment is arranged yet" in texts(member, pending, now=now)


@pytest.mark.parametrize(("percent", "is_told"), [(79, False), (80, True), (100, True)])
def test_from_eighty_percent_of_the_organizations_month_on_it_is_told(member, now, percent, is_told):
    month = {"organization": member.organization, "month": month_of(now)}
    OrganizationMonth.objects.create(**month, limit_cents=100_000, spent_cents=percent * 1000)

    assert (f"has spent {percent} %" in texts(member, now=now)) == is_told


def test_a_new_statement_is_told_for_a_week_while_it_is_due(member, now):
    due = statement(member, now)
    assert "is ready: $123.45" in texts(member, now=now)

    assert texts(member, now=now + 7 * DAY) == ""
    due.status, due.paid_at = Statement.Status.PAID, now
    Statement.objects.filter(pk=due.pk).update(status=due.status, paid_at=now)
    assert texts(member, now=now) == ""


def test_the_statement_of_another_organization_is_not_told(member, now):
    statement(make.member(), now)

    assert found(member, now=now) == []


def test_a_payment_that_failed_comes_first(member, live, now):
    due = statement(member, now, issued_at=now - 30 * DAY)
    of_card = {"customer_id": "cus_1", "method_id": "pm_1", "card": "Visa 4242"}
    Payment.objects.create(statement=due, status=Payment.Status.FAILED, begun_at=now, ended_at=now, **of_card)

    assert found(member, live, now=now)[0].text == "The payment of $123.45 by Visa 4242 failed."


@pytest.mark.parametrize(("days", "is_told"), [(7, True), (8, False)])
def test_a_budget_that_is_spent_within_a_week_is_told(member, live, now, days, is_told):
    day = now.date() + days * DAY

    said = texts(member, live, now=now, exhausted_on=day, by=Cap.TOTAL)

    assert ("at this pace its budget is spent" in said) == is_told


def test_which_limit_it_is_is_said_and_the_organizations_is_told_elsewhere(member, live, now):
    soon = now.date() + DAY

    assert "its monthly limit is reached" in texts(member, live, now=now, exhausted_on=soon, by=Cap.MONTH)
    assert texts(member, live, now=now, exhausted_on=soon, by=Cap.ORGANIZATION) == ""


def test_a_campaign_that_ends_within_a_week_is_told(member, now):
    ends = make.campaign(of=member, days=(-1, 5))
    make.api_key(ends.app)

    assert f"“{ends.name}” ends on" in texts(member, ends, now=now)
