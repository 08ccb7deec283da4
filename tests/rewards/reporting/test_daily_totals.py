"""Sums by day: kept with every issue, compared with the books, read by reports; and the pace they show."""

import datetime as dt

import pytest
from django.db import connection, transaction

from campaigns.models import Campaign, CampaignMonth
from moments.errors import RuleViolation
from rewards.issuing.service import issue_reward
from rewards.issuing.voiding import void_reward
from rewards.ledger.reconciliation import reconcile
from rewards.models import DailyRewardTotals, Reward
from rewards.reporting.daily_totals import By, ReportFilter, Totals, Window, daily, report_of
from rewards.reporting.spend_forecast import Cap, spend_forecasts
from tests import make


def of_days(member, now, by=By.DAY, **narrowed):
    return report_of(member, ReportFilter(Window.up_to(now, 30), **narrowed), by)


@pytest.fixture
def campaign(db):
    """Live since sixty days ago."""
    return make.campaign(days=(-60, 30))


def test_each_issue_is_counted_on_its_own_day_and_the_books_agree(campaign, now):
    for days in (0, 0, 1, 40):
        issue_reward(make.ask(campaign), shift=-dt.timedelta(days=days))

    today = now.date()
    assert list(DailyRewardTotals.objects.order_by("day").values_list("day", "actions", "cents")) == [
        (today - dt.timedelta(days=40), 1, 2750),
        (today - dt.timedelta(days=1), 1, 2750),
        (today, 2, 5500),
    ]
    assert reconcile(now=now) == []


def test_a_refused_call_leaves_no_trace_in_the_sums(now):
    tight = make.campaign(cpa_cents=2750, monthly_limit_cents=5000)
    issue_reward(make.ask(tight))

    with pytest.raises(RuleViolation), transaction.atomic():
        issue_reward(make.ask(tight))

    assert DailyRewardTotals.objects.get().actions == 1


def test_a_repeat_and_a_preview_are_not_counted(campaign):
    for _call in range(2):
        issue_reward(make.ask(campaign, idempotency_key="order-1"))
    issue_reward(make.ask(make.campaign("approved")))

    assert DailyRewardTotals.objects.get().actions == 1


def test_neither_claims_nor_orders_nor_voids_move_the_sums(campaign, customer, now):
    reward, voided = make.reward(campaign), make.reward(campaign)
    before = list(DailyRewardTotals.objects.values())

    make.order(reward, by=customer)
    void_reward(voided, now=now)

    assert list(DailyRewardTotals.objects.values()) == before


@pytest.mark.parametrize("column", ["cents", "actions"])
def test_sums_that_differ_from_the_ledger_are_told_and_hold_nothing(campaign, now, column):
    issue_reward(make.ask(campaign))
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE rewards_dailyrewardtotals SET {column} = {column} + 1")

    found = [found.what for found in reconcile(now=now)]

    assert found == [{"cents": "report charges", "actions": "report actions"}[column]]
    assert not Campaign.objects.exclude(held_at=None).exists()


def test_a_report_has_a_line_for_each_and_the_time_before(now):
    owner = make.member()
    one, other = make.campaign(of=owner, days=(-60, 30)), make.campaign(of=owner, cpa_cents=3000, days=(-60, 30))
    issue_reward(make.ask(one, device_type="iOS"))
    issue_reward(make.ask(one), shift=-dt.timedelta(days=35))
    issue_reward(make.ask(other))
    issue_reward(make.ask(make.campaign()))  # a stranger's

    report = of_days(owner, now, By.CAMPAIGN)
    assert [(line.label, line.now, line.before) for line in report.lines] == [
        (other.name, Totals(1, 3000), Totals()),
        (one.name, Totals(1, 2750), Totals(1, 2750)),
    ]
    assert (report.now, report.before) == (Totals(2, 5750), Totals(1, 2750))
    assert {line.label: line.now.actions for line in of_days(owner, now, By.DEVICE).lines} == {"iOS": 1, "Web": 1}
    assert [line.note for line in of_days(owner, now, By.MOMENT).lines] == [other.name, one.name]
    assert [line.key for line in of_days(owner, now, By.MARKETPLACE).lines] == ["US"]
    assert of_days(owner, now, device="iOS").now == Totals(1, 2750)
    assert of_days(owner, now, campaign=other).now == Totals(1, 3000)
    assert of_days(owner, now, marketplace="JP").now == Totals()


def test_every_day_has_its_line_also_those_without_issues(campaign, now):
    issue_reward(make.ask(campaign))
    member = campaign.organization.members.get()

    lines = of_days(member, now).lines

    assert len(lines) == 30 and lines[0].now == Totals(1, 2750) and lines[1].now == Totals()
    assert len(daily(member, ReportFilter(Window.up_to(now, 7)))) == 7


def test_a_report_costs_two_queries_however_much_there_is(campaign, now, django_assert_num_queries):
    member = campaign.organization.members.get()
    for days in range(5):
        issue_reward(make.ask(campaign), shift=-dt.timedelta(days=days))

    with django_assert_num_queries(2):
        of_days(member, now, By.MOMENT)


# Pace


NOON = dt.datetime(2026, 5, 10, 12, tzinfo=dt.UTC)


def ledger(campaign: Campaign, cents: dict[int, int]) -> None:
    """Spent so much, so many days before the 10th of May."""
    moment, group = campaign.moments.first(), campaign.groups.first()
    for days, spent in cents.items():
        DailyRewardTotals.objects.create(
            organization=campaign.organization,
            campaign=campaign,
            moment=moment,
            group=group,
            device_type=Reward.Device.WEB,
            day=NOON.date() - dt.timedelta(days=days),
            actions=1,
            cents=spent,
        )
    spent = sum(cents.values())
    CampaignMonth.objects.create(
        campaign=campaign, month=NOON.date().replace(day=1), spent_cents=spent, limit_cents=500_000
    )
    columns = {
        "total_spent_cents": spent,
        "starts_at": NOON - dt.timedelta(days=60),
        "ends_at": NOON + dt.timedelta(days=90),
    }
    Campaign.objects.filter(pk=campaign.pk).update(**columns)
    campaign.refresh_from_db()


def test_a_steady_campaign_runs_out_when_its_budget_divided_by_its_pace_says(campaign):
    """$75 in seven days and a half is $10 a day; $400 are left."""
    ledger(campaign, {7: 2500, 3: 2500, 0: 2500})
    Campaign.objects.filter(pk=campaign.pk).update(total_budget_cents=47_500)
    campaign.refresh_from_db()

    found = spend_forecasts([campaign], now=NOON)[campaign.pk]

    assert found.pace_cents == pytest.approx(1000)
    assert (found.by, found.exhausted_on) == (Cap.TOTAL, NOON.date() + dt.timedelta(days=40))
    assert (found.month_cents, found.left_cents, found.total_left_cents) == (7500, 492_500, 40_000)


def test_the_months_limit_comes_first_where_it_is_tighter(campaign):
    ledger(campaign, {2: 375_000})  # $500 a day, $1,250 left of the month

    found = spend_forecasts([campaign], now=NOON)[campaign.pk]

    assert (found.by, found.exhausted_on) == (Cap.MONTH, dt.date(2026, 5, 13))


def test_nothing_runs_out_at_no_pace_or_after_the_end(campaign):
    ledger(campaign, {20: 7500})  # before the days that are looked at
    assert spend_forecasts([campaign], now=NOON)[campaign.pk].exhausted_on is None

    DailyRewardTotals.objects.update(day=NOON.date())
    Campaign.objects.update(total_budget_cents=47_500, ends_at=NOON + dt.timedelta(days=30))
    campaign.refresh_from_db()
    assert spend_forecasts([campaign], now=NOON)[campaign.pk].exhausted_on is None


def test_a_campaign_of_yesterday_is_not_measured_by_a_whole_week(campaign):
    ledger(campaign, {0: 2000})
    Campaign.objects.update(starts_at=NOON - dt.timedelta(days=2))
    campaign.refresh_from_db()

    assert spend_forecasts([campaign], now=NOON)[campaign.pk].pace_cents == pytest.approx(1000)


def test_a_budget_that_is_spent_has_run_out_today(campaign):
    ledger(campaign, {0: 2750})
    Campaign.objects.update(total_budget_cents=2750)
    campaign.refresh_from_db()

    assert spend_forecasts([campaign], now=NOON)[campaign.pk].exhausted_on == NOON.date()
