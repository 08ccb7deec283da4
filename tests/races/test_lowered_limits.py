"""Limits hold whatever waits while they are lowered, the month's first rewards included."""

import pathlib
import re
import threading

import pytest
from django.db import connection, transaction

from campaigns.budget.limits import set_campaign_ceiling, set_organization_limit
from campaigns.budget.spending import month_end, set_limits
from campaigns.models import BudgetEntry, Campaign, CampaignMonth, OrganizationMonth
from moments import clock
from moments.errors import RuleViolation
from rewards.issuing.service import issue_reward
from rewards.ledger.reconciliation import reconcile
from rewards.models import Reward
from tests import make
from tests.harness.locks import behind, waiters
from tests.harness.owner import owner
from tests.races.crowd import rush

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
LOCKED = (pathlib.Path(__file__).parents[2] / "rewards" / "database.sql").read_text()
CAMPAIGNS = ", monthly_limit_cents\n        INTO v_total, v_campaign.monthly_limit_cents;"
FIRST_OF_MONTH = r"    IF NOT EXISTS \(SELECT FROM campaigns_organizationmonth.*?END IF;\n"
READ_BEFORE = re.sub(FIRST_OF_MONTH, "", LOCKED.replace(CAMPAIGNS, " INTO v_total;"), flags=re.DOTALL)
WAITERS, FIT = 8, 2
LOWERED = FIT * 2750


def lower_ceiling(campaign):
    set_campaign_ceiling(campaign, ceiling_cents=LOWERED, why="a test", by=None, now=clock.now())


def lower_organization(campaign):
    set_organization_limit(campaign.organization, limit_cents=LOWERED, why="a test", by=None, now=clock.now())


def lower_month(campaign):
    set_limits(campaign, total_budget_cents=500_000, monthly_limit_cents=LOWERED, by=None, now=clock.now())


def lower_total(campaign):
    set_limits(campaign, total_budget_cents=LOWERED, monthly_limit_cents=500_000, by=None, now=clock.now())


def lower_ceiling_without_a_month(campaign):
    """As it was: the month's row is updated where it is, and it is not there yet."""
    Campaign.objects.filter(pk=campaign.pk).update(monthly_ceiling_cents=LOWERED, monthly_limit_cents=LOWERED)


def lower_organization_at_the_month_s_end(campaign):
    """The month that ends gets its row; the one that begins has none yet."""
    type(campaign.organization).objects.filter(pk=campaign.organization_id).update(monthly_limit_cents=LOWERED)


LOWER = {
    "campaign_month_cap_reached": [lower_ceiling, lower_month, lower_ceiling_without_a_month],
    "organization_month_cap_reached": [lower_organization, lower_organization_at_the_month_s_end],
    "campaign_budget_exhausted": [lower_total],
}
CASES = [pytest.param(act, code, id=act.__name__) for code, acts in LOWER.items() for act in acts]


def wait_for_callers() -> None:
    """Until all of them wait for a lock, or have their rewards because nothing made them wait."""
    with connection.cursor() as cursor:
        for _tick in range(3000):
            cursor.execute("SELECT pg_sleep(0.01), pg_stat_clear_snapshot()")
            if waiters(cursor) + Reward.objects.count() >= WAITERS:
                return
    raise AssertionError("nobody came")


def issue_while_it_is_lowered(campaign, lower) -> list[str]:
    """What came of calls that all waited, as the month's first, while ``lower`` was being committed."""
    if lower is lower_total:
        Campaign.objects.filter(pk=campaign.pk).update(total_budget_cents=500_000)
    CampaignMonth.objects.all().delete()  # a new month: nobody has spent anything in it
    OrganizationMonth.objects.all().delete()
    ask = make.ask(campaign)

    def hold(held: threading.Event) -> None:
        with transaction.atomic():
            lower(campaign)
            held.set()
            wait_for_callers()

    def act(_number: int) -> str:
        try:
            return issue_reward(ask).outcome
        except RuleViolation as refusal:
            return refusal.code

    return [outcome for outcome in rush(WAITERS + 1, behind(hold, act)) if outcome]


@pytest.mark.parametrize(("lower", "code"), CASES)
def test_a_limit_lowered_while_the_months_first_rewards_wait_holds(lower, code):
    campaign = make.campaign()

    outcomes = issue_while_it_is_lowered(campaign, lower)

    assert sorted(outcomes) == sorted(["issued"] * FIT + [code] * (WAITERS - FIT))
    assert Reward.objects.count() == BudgetEntry.objects.count() == FIT
    assert CampaignMonth.objects.get().spent_cents == OrganizationMonth.objects.get().spent_cents == LOWERED
    assert reconcile(now=clock.now()) == []


@pytest.fixture
def limits_read_before_the_wait():
    """The function without its guard: it inserts the limit that it read before it waited."""
    assert CAMPAIGNS in LOCKED and re.search(FIRST_OF_MONTH, LOCKED, re.DOTALL)
    with owner() as cursor:
        cursor.execute(READ_BEFORE)
    yield
    with owner() as cursor:
        cursor.execute(LOCKED)


@pytest.mark.parametrize("lower", [lower_ceiling_without_a_month, lower_organization_at_the_month_s_end])
def test_without_the_limits_of_the_locked_row_they_are_passed(lower, limits_read_before_the_wait):
    """The control: the month keeps the limit from before, also after the lower one is committed."""
    campaign = make.campaign()

    outcomes = issue_while_it_is_lowered(campaign, lower)

    assert outcomes == ["issued"] * WAITERS
    assert issue_reward(make.ask(campaign)).outcome == "issued"


def test_a_limit_also_changes_the_months_that_have_begun_since(campaign, now):
    """An instant before midnight the change was asked for; a reward of the next month came first."""
    later = month_end(now).date()
    for model, of in (
        (CampaignMonth, {"campaign": campaign}),
        (OrganizationMonth, {"organization": campaign.organization}),
    ):
        model.objects.create(month=later, spent_cents=100, limit_cents=400_000, **of)

    lower_ceiling(campaign)
    lower_organization(campaign)

    assert set(CampaignMonth.objects.values_list("limit_cents", flat=True)) == {LOWERED}
    assert set(OrganizationMonth.objects.values_list("limit_cents", flat=True)) == {LOWERED}
