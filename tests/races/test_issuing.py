"""Caps, limits and keys under 64 callers at once; each beside a control that breaks without the guard."""

import threading
from collections import Counter

import pytest
from django.db import connection, transaction

from campaigns.approval.transitions import resume, take_down
from campaigns.budget.limits import set_organization_limit
from campaigns.budget.spending import month_of, set_limits
from campaigns.models import BudgetEntry, Campaign, CampaignMonth
from moments import clock
from moments.errors import RuleViolation
from rewards.issuing.service import IssueRequest, issue_reward
from rewards.ledger.reconciliation import reconcile
from rewards.models import Reward
from tests import make
from tests.harness.locks import behind, wait_for_waiters
from tests.harness.owner import owner
from tests.races.crowd import rush

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
CROWD = 64


def outcomes(results) -> Counter:
    return Counter(
        getattr(result, "code", None) or getattr(result, "outcome", None) or repr(result) for result in results
    )


def test_the_months_cap_holds_to_the_cent():
    """137 rewards of $27.50 fit into $3,767.50; of 200 calls 63 are refused."""
    campaign = make.campaign(monthly_limit_cents=137 * 2750)
    ask = make.ask(campaign)

    results = [result for _round in range(4) for result in rush(50, lambda _number: issue_reward(ask))]

    assert outcomes(results) == {"issued": 137, "campaign_month_cap_reached": 63}
    assert CampaignMonth.objects.get(campaign=campaign).spent_cents == 376_750
    assert reconcile(now=clock.now()) == []


def test_the_organizations_cap_holds_over_its_campaigns():
    member = make.member()
    campaigns = [make.campaign(of=member) for _number in range(4)]
    set_organization_limit(member.organization, limit_cents=50 * 2750 + 1, why="a test", by=None, now=clock.now())
    asks = [make.ask(campaign) for campaign in campaigns]

    results = rush(CROWD, lambda number: issue_reward(asks[number % 4]))

    assert outcomes(results) == {"issued": 50, "organization_month_cap_reached": 14}
    assert reconcile(now=clock.now()) == []


def test_the_total_budget_holds():
    campaign = make.campaign(total_budget_cents=20 * 2750)
    ask = make.ask(campaign)

    assert outcomes(rush(CROWD, lambda _number: issue_reward(ask))) == {"issued": 20, "campaign_budget_exhausted": 44}


@pytest.fixture
def unguarded():
    """The database without its checks: what a counter that is read and then written does."""
    checks = [
        ("campaigns_campaignmonth", "campaign_month_within_limit"),
        ("campaigns_campaign", "campaign_spent_within_budget"),
    ]
    definitions = []
    with owner() as cursor:
        for table, name in checks:
            cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name])
            definitions.append((table, name, cursor.fetchone()[0]))
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield
    with owner(is_guarded=False) as cursor:
        cursor.execute("TRUNCATE campaigns_campaign CASCADE")
        for table, name, definition in definitions:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def test_control_reading_and_then_writing_breaks_the_cap(unguarded):
    campaign = make.campaign(monthly_limit_cents=20 * 2750)
    month, _made = CampaignMonth.objects.get_or_create(
        campaign=campaign, month=month_of(clock.now()), defaults={"limit_cents": 20 * 2750}
    )

    all_have_looked = threading.Barrier(CROWD)

    def issue_naively(number: int) -> str:
        seen = CampaignMonth.objects.get(pk=month.pk)
        if seen.spent_cents + 2750 > seen.limit_cents:
            return "refused"
        all_have_looked.wait(30)
        seen.spent_cents += 2750
        seen.save(update_fields=["spent_cents"])
        return "issued"

    results = Counter(rush(CROWD, issue_naively))

    month.refresh_from_db()
    assert results == {"issued": CROWD} and month.spent_cents < CROWD * 2750


def test_an_external_id_is_issued_once():
    """Whoever comes second waits for the first and is refused, with nothing charged."""
    campaign = make.campaign(per_user_limit=CROWD)

    results = rush(
        CROWD,
        lambda number: issue_reward(
            make.ask(campaign, app_user_id="ada", external_id=f"order-{number % 4}", idempotency_key=f"k{number}")
        ),
    )

    assert outcomes(results) == {"issued": 4, "external_id_reused": CROWD - 4}
    assert reconcile(now=clock.now()) == []


def test_one_user_gets_exactly_the_limit():
    campaign = make.campaign(per_user_limit=5)
    ask = make.ask(campaign, app_user_id="ada")

    assert outcomes(rush(CROWD, lambda _number: issue_reward(ask))) == {"issued": 5, "user_limit_reached": 59}


def test_one_key_is_one_reward():
    campaign = make.campaign()
    ask = make.ask(campaign, idempotency_key="k-1", fingerprint="f")

    results = rush(CROWD, behind_a_lock(campaign, ask))[1:]

    assert outcomes(results) == {"issued": 1, "replay": 62}
    assert len({result.url for result in results}) == 1
    assert Campaign.objects.get(pk=campaign.pk).total_spent_cents == 2750


def test_under_one_key_a_twin_with_another_body_is_refused():
    """They all look before the first writes; whoever comes second learns that the key is taken, and nothing more."""
    campaign = make.campaign()
    asks = [make.ask(campaign, idempotency_key="k-1", fingerprint=f"f-{number % 2}") for number in range(2)]

    results = rush(CROWD, behind_a_lock(campaign, *asks))[1:]

    found, winner = outcomes(results), Reward.objects.get()
    same = 32 if winner.fingerprint == "f-1" else 31
    assert found == {"issued": 1, "replay": same - 1, "idempotency_key_reused": 63 - same}
    assert {result.reward_id for result in results if hasattr(result, "url")} == {winner.pk}
    assert Campaign.objects.get(pk=campaign.pk).total_spent_cents == 2750


def test_one_user_alone_is_one_reward_where_the_limit_is_one():
    ask = make.ask(make.campaign(), app_user_id="ada")

    results = rush(CROWD, lambda _number: issue_reward(ask))

    assert outcomes(results) == {"issued": 1, "replay": 63}


@pytest.fixture
def no_unique_key():
    """Without the unique key of rewards, twins that all look first are all inserted."""
    with owner() as cursor:
        cursor.execute("ALTER TABLE rewards_reward DROP CONSTRAINT reward_idempotency_key_once")
    yield
    with owner(is_guarded=False) as cursor:
        cursor.execute("TRUNCATE rewards_reward CASCADE")
        cursor.execute(
            "ALTER TABLE rewards_reward ADD CONSTRAINT reward_idempotency_key_once UNIQUE (app_id, idempotency_key)"
        )


def test_control_without_the_unique_key_twins_are_charged_twice(no_unique_key):
    campaign = make.campaign()
    ask = make.ask(campaign, idempotency_key="k-1", fingerprint="f")

    rush(CROWD, behind_a_lock(campaign, ask))

    assert Reward.objects.count() > 1


def behind_a_lock(campaign: Campaign, *asks: IssueRequest):
    """Callers that all look before the first commits: number 0 holds the row that every issue writes last."""

    def hold(held: threading.Event) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
            held.set()
            wait_for_waiters(cursor, 4)

    return behind(hold, lambda number: issue_reward(asks[number % len(asks)]))


def test_no_deadlock_while_the_campaign_is_worked_on():
    """Issues beside changes of its state and its limits: all wait for each other in one order."""
    campaign = make.campaign()
    ask = make.ask(campaign)

    def act(number: int):
        if number % 4 == 1:
            mine = Campaign.objects.get(pk=campaign.pk)
            return set_limits(mine, total_budget_cents=5_000_000, monthly_limit_cents=500_000, by=None, now=clock.now())
        if number % 4 == 3:
            mine = Campaign.objects.get(pk=campaign.pk)
            return take_down(mine, by=None, now=clock.now()) or resume(mine, by=None, now=clock.now())
        return issue_reward(ask)

    for _round in range(3):
        results = rush(CROWD, act)
        errors = [result for result in results if isinstance(result, Exception)]
        assert all(isinstance(error, RuleViolation) for error in errors), errors
    assert reconcile(now=clock.now()) == []


def test_a_campaign_taken_down_while_issues_wait_issues_none_of_them():
    """The rival holds the campaign's row, as a state change does, while 20 issues queue up behind it."""
    campaign = make.campaign()
    ask = make.ask(campaign)

    def hold(held: threading.Event) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            take_down(campaign, by=None, now=clock.now())
            held.set()
            wait_for_waiters(cursor, 4)

    results = rush(21, behind(hold, lambda _number: issue_reward(ask)))[1:]

    assert outcomes(results) == {"campaign_suspended": 20}
    assert BudgetEntry.objects.count() == 0
    assert reconcile(now=clock.now()) == []
