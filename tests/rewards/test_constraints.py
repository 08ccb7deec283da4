"""What PostgreSQL refuses in the tables of rewards and points."""

import pytest

from moments import clock
from rewards.models import (
    BatchRow,
    ClaimFingerprint,
    ClaimOverride,
    DailyRewardTotals,
    PointAccount,
    PointEntry,
    PointEvent,
    PointExchange,
    PointRule,
    PointsProgram,
    PointTier,
    Reward,
    RewardBatch,
    StuckExchange,
)
from tests import make
from tests.harness.constraints import Write, added, assert_refused, changed, twice


def reward(**fields) -> Reward:
    return make.reward(make.campaign(), **fields)


def totals() -> DailyRewardTotals:
    return DailyRewardTotals.objects.get(campaign=reward().campaign)


def fingerprint() -> ClaimFingerprint:
    customer = make.customer()
    return ClaimFingerprint(
        campaign=make.campaign(), customer=customer, kind="device", digest="d", occurred_at=clock.now()
    )


def batch_row() -> BatchRow:
    campaign = make.campaign()
    of = {"organization": campaign.organization, "campaign": campaign, "uploaded_at": clock.now()}
    batch = RewardBatch.objects.create(**of, status=RewardBatch.Status.CHECKED, file_name="players.csv")
    return BatchRow(batch=batch, line=2, status=BatchRow.Status.WAITING)


def program() -> PointsProgram:
    return PointsProgram.objects.create(organization=make.member().organization, name="Stars")


def account() -> PointAccount:
    return PointAccount.objects.create(program=program(), app_user_id="ada")


def tier() -> PointTier:
    campaign = make.campaign()
    points = PointsProgram.objects.create(organization=campaign.organization, name="Stars")
    return PointTier.objects.create(
        program=points, points=100, moment=campaign.moments.get(), group=campaign.groups.get()
    )


def event(of: PointsProgram, app) -> PointEvent:
    return PointEvent.objects.create(
        program=of, app=app, event_id="e1", app_user_id="ada", action="level", at=clock.now()
    )


def stuck() -> StuckExchange:
    reached = tier()
    ada = PointAccount.objects.create(program=reached.program, app_user_id="ada")
    caused_by = event(reached.program, reached.moment.campaign.app)
    return StuckExchange(account=ada, tier=reached, event=caused_by, code="x", occurred_at=clock.now())


def resolved_at_no_time() -> Write:
    found = stuck()
    found.save()
    return changed(found, outcome=StuckExchange.Outcome.DISMISSED)


def same_key_for_another_reward() -> Write:
    reached = tier()
    campaign = reached.moment.campaign
    ada = PointAccount.objects.create(program=reached.program, app_user_id="ada")
    of = {"account": ada, "tier": reached, "app": campaign.app, "idempotency_key": "k", "points": 100}
    return twice(PointExchange(**of, reward=make.reward(campaign), at=clock.now()), reward=make.reward(campaign))


def entry() -> PointEntry:
    return PointEntry(account=account(), kind=PointEntry.Kind.CREDIT, amount=5, reference="event:1", at=clock.now())


CASES = {
    "batch_line_once": lambda: twice(batch_row()),
    "claim_allowance_once": lambda: twice(
        ClaimOverride(reward=reward(), customer=make.customer(), occurred_at=clock.now())
    ),
    "claim_trace_once": lambda: twice(fingerprint()),
    "point_account_not_negative": lambda: changed(account(), available=-1),
    "point_account_once": lambda: twice(account()),
    "point_account_owes_or_has": lambda: changed(account(), available=1, owed=1),
    "point_entry_signed": lambda: added(entry(), amount=-5),
    "point_event_once": lambda: twice(event(program(), make.app())),
    "point_exchange_once": same_key_for_another_reward,
    "point_rule_once": lambda: twice(PointRule(program=program(), action="level")),
    "point_tier_automatic_since_a_time": lambda: changed(tier(), is_automatic=True),
    "point_tier_once": lambda: twice(tier()),
    "point_tier_positive": lambda: changed(tier(), points=0),
    "program_name_once": lambda: twice(program()),
    "reward_amounts_not_negative": lambda: changed(reward(), credit_cents=-1),
    "reward_claimed_by_someone": lambda: changed(reward(), status=Reward.Status.CLAIMED, claimed_at=clock.now()),
    "reward_day_once": lambda: twice(totals()),
    "reward_day_positive": lambda: changed(totals(), actions=0),
    "reward_idempotency_key_once": lambda: twice(reward(idempotency_key="k")),
    "reward_ids_not_empty": lambda: changed(reward(), idempotency_key=""),
    "reward_user_has_slot": lambda: changed(reward(), user_slot=1),
    "reward_user_slot_once": lambda: twice(reward(app_user_id="ada")),
    "stuck_exchange_open_once": lambda: twice(stuck()),
    "stuck_exchange_resolved_at_a_time": resolved_at_no_time,
}


@pytest.mark.parametrize("name", CASES)
def test_the_database_refuses_what_breaks_a_constraint(db, name):
    assert_refused(name, CASES[name])


def test_rewards_without_a_user_or_key_may_repeat(db):
    first = reward()

    twice(first)()

    assert Reward.objects.filter(campaign=first.campaign, app_user_id=None, idempotency_key=None).count() == 2
