"""What PostgreSQL refuses in the tables of rewards and points."""

import datetime as dt

import pytest

from moments import clock
from rewards.models import (
    BatchRow,
    ClaimFingerprint,
    ClaimOverride,
    DailyRewardTotals,
    PointAccount,
    PointAdjustment,
    PointAllocation,
    PointAppUser,
    PointBatch,
    PointCapUse,
    PointCategory,
    PointDailyEarned,
    PointDailyTotals,
    PointEntry,
    PointEvent,
    PointEventEmail,
    PointExchange,
    PointMultiplier,
    PointMultiplierVersion,
    PointReversal,
    PointRule,
    PointRuleVersion,
    PointsProgram,
    PointStatus,
    PointTier,
    ProgramApp,
    Reward,
    RewardBatch,
    StuckExchange,
)
from tests import make
from tests.harness.constraints import Write, added, assert_refused, changed, twice

NOON = dt.datetime(2020, 5, 5, 12, tzinfo=dt.UTC)


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


def account(of: PointsProgram | None = None) -> PointAccount:
    return PointAccount.objects.create(program=of or program(), app_user_id="ada")


def tier() -> PointTier:
    campaign = make.campaign()
    points = PointsProgram.objects.create(organization=campaign.organization, name="Stars")
    return PointTier.objects.create(
        program=points, points=100, moment=campaign.moments.get(), group=campaign.groups.get()
    )


def event(of: PointAccount | None = None, app=None) -> PointEvent:
    now = clock.now()
    return PointEvent.objects.create(
        app=app or make.app(),
        event_id="e1",
        account=of or account(),
        action="level",
        occurred_at=now,
        received_at=now,
    )


def event_email() -> PointEventEmail:
    return PointEventEmail.objects.create(event=event(), email="kim@example.com", received_at=clock.now())


def stuck() -> StuckExchange:
    reached = tier()
    ada = account(reached.program)
    caused_by = event(ada, reached.moment.campaign.app)
    return StuckExchange(account=ada, tier=reached, event=caused_by, code="x", occurred_at=clock.now())


def resolved_at_no_time() -> Write:
    found = stuck()
    found.save()
    return changed(found, outcome=StuckExchange.Outcome.DISMISSED)


def exchange(**fields) -> PointExchange:
    reached = tier()
    campaign = reached.moment.campaign
    ada = account(reached.program)
    of = {"account": ada, "tier": reached, "app": campaign.app, "idempotency_key": "k", "points": 100, **fields}
    return PointExchange.objects.create(**of, reward=make.reward(campaign), occurred_at=clock.now())


def another_exchange(made: PointExchange, **values) -> Write:
    return added(made, reward=make.reward(made.tier.moment.campaign), **values)


def batch(**fields) -> PointBatch:
    return PointBatch.objects.create(account=account(), **{"original": 10, "remaining": 10, **fields})


def entry() -> PointEntry:
    of, now = batch(), clock.now()
    values = {"account": of.account, "batch": of, "kind": PointEntry.Kind.CREDIT, "amount": 5}
    return PointEntry.objects.create(**values, reference="event:1", occurred_at=now, recorded_at=now)


def reversal(**fields) -> PointReversal:
    of = event()
    return PointReversal.objects.create(event=of, app=of.app, points=5, recorded_at=clock.now(), **fields)


def adjustment() -> PointAdjustment:
    made = entry()
    values = {"account": made.account, "entry": made, "idempotency_key": "k", "points": 5, "reason": "Sorry"}
    return PointAdjustment.objects.create(**values, recorded_at=made.recorded_at)


def second_adjustment(**values) -> Write:
    made = adjustment()
    credited, now = made.entry, clock.now()
    other = PointEntry.objects.create(
        account=credited.account,
        batch=credited.batch,
        kind="credit",
        amount=5,
        reference="event:2",
        occurred_at=now,
        recorded_at=now,
    )
    return added(made, entry=other, **values)


def rule(**fields) -> PointRule:
    return PointRule.objects.create(program=program(), action="level", **fields)


def version(**fields) -> PointRuleVersion:
    return PointRuleVersion.objects.create(rule=rule(), **{"points_per_event": 1, **fields})


def category() -> PointCategory:
    return PointCategory.objects.create(program=program(), key="books")


def status() -> PointStatus:
    return PointStatus.objects.create(program=program(), name="Gold", threshold=100)


def multiplier() -> PointMultiplierVersion:
    return PointMultiplierVersion.objects.create(
        multiplier=PointMultiplier.objects.create(program=program(), name="Double"), factor=2
    )


def program_app() -> ProgramApp:
    return ProgramApp.objects.create(program=program(), app=make.app(), joined_at=clock.now())


def cap_use() -> PointCapUse:
    return PointCapUse.objects.create(
        account=account(), rule=rule(), window="day", window_start=clock.now().date(), points=5
    )


def daily_earned() -> PointDailyEarned:
    return PointDailyEarned.objects.create(account=account(), day=clock.now().date(), points=5)


def allocation() -> PointAllocation:
    return PointAllocation(batch=batch(), amount=1, recorded_at=clock.now())


def point_totals() -> PointDailyTotals:
    return PointDailyTotals.objects.create(program=program(), day=clock.now().date())


CASES = {
    "batch_line_once": lambda: twice(batch_row()),
    "claim_allowance_once": lambda: twice(
        ClaimOverride(reward=reward(), customer=make.customer(), occurred_at=clock.now())
    ),
    "claim_trace_once": lambda: twice(fingerprint()),
    "point_account_not_negative": lambda: changed(account(), available=-1),
    "point_account_once": lambda: twice(account()),
    "point_account_owes_or_has": lambda: changed(account(), available=1, owed=1),
    "point_adjustment_has_a_reason": lambda: second_adjustment(idempotency_key="l", reason=""),
    "point_adjustment_once": second_adjustment,
    "point_allocation_positive": lambda: added(allocation(), amount=0),
    "point_app_user_once": lambda: twice(PointAppUser(account=account(), app=make.app(), first_seen_at=clock.now())),
    "point_batch_available_before_expiry": lambda: changed(
        batch(), available_at=clock.now(), expires_at=clock.now() - dt.timedelta(days=1)
    ),
    "point_batch_lapsed_expired": lambda: changed(batch(), lapsed=1),
    "point_batch_once": lambda: twice(batch()),
    "point_batch_within_original": lambda: changed(batch(), remaining=11),
    "point_cap_use_not_negative": lambda: changed(cap_use(), points=-1),
    "point_cap_use_once": lambda: twice(cap_use()),
    "point_category_once": lambda: twice(category()),
    "point_daily_earned_not_negative": lambda: changed(daily_earned(), points=-1),
    "point_daily_earned_once": lambda: twice(daily_earned()),
    "point_entry_credits_a_batch": lambda: added(entry(), batch=None),
    "point_entry_signed": lambda: added(entry(), amount=-5),
    "point_event_amount_in_a_currency": lambda: added(event(), event_id="e2", amount_minor=5),
    "point_event_email_lower_case": lambda: changed(event_email(), email="Kim@example.com"),
    "point_event_once": lambda: twice(event()),
    "point_exchange_live_has_a_reward": lambda: changed(exchange(), reward=None),
    "point_exchange_once": lambda: another_exchange(exchange()),
    "point_exchange_tier_once": lambda: another_exchange(exchange(is_once=True), idempotency_key="l"),
    "point_multiplier_version_dates_in_order": lambda: changed(multiplier(), starts_at=NOON, ends_at=NOON),
    "point_multiplier_version_open_once": lambda: twice(multiplier()),
    "point_multiplier_version_positive": lambda: changed(multiplier(), factor=0),
    "point_reversal_by_one_measure": lambda: added(reversal(), quantity=1, amount_minor=1),
    "point_reversal_key_once": lambda: added(reversal(idempotency_key="k", quantity=1)),
    "point_reversal_not_negative": lambda: added(reversal(quantity=1), points=-1),
    "point_reversal_whole_once": lambda: added(reversal()),
    "point_rule_once": lambda: twice(rule()),
    "point_rule_version_gives_points": lambda: changed(version(), points_per_event=0),
    "point_rule_version_names_currency": lambda: changed(version(), points_per_amount=1),
    "point_rule_version_open_once": lambda: twice(version()),
    "point_rule_version_valid_days_positive": lambda: changed(version(), points_valid_days=0),
    "point_rule_version_validity_in_order": lambda: changed(version(), valid_from=NOON, valid_until=NOON),
    "point_status_name_once": lambda: added(status(), threshold=7),
    "point_status_numbers_positive": lambda: changed(status(), period_days=0),
    "point_status_threshold_once": lambda: added(status(), name="Silver"),
    "point_tier_automatic_from_a_vintage": lambda: changed(tier(), is_automatic=True),
    "point_tier_once": lambda: twice(tier()),
    "point_tier_positive": lambda: changed(tier(), points=0),
    "point_totals_once": lambda: twice(point_totals()),
    "program_app_leaves_after_it_joins": lambda: changed(program_app(), left_at=NOON),
    "program_app_once": lambda: twice(program_app()),
    "program_test_ledger_positive": lambda: changed(program(), test_ledger=0),
    "program_valid_days_positive": lambda: changed(program(), points_valid_days=0),
    "program_name_once": lambda: twice(program()),
    "reward_amounts_not_negative": lambda: changed(reward(), credit_cents=-1),
    "reward_claimed_by_someone": lambda: changed(reward(), status=Reward.Status.CLAIMED, claimed_at=clock.now()),
    "reward_day_once": lambda: twice(totals()),
    "reward_day_positive": lambda: changed(totals(), actions=0),
    "reward_idempotency_key_once": lambda: twice(reward(idempotency_key="k")),
    "reward_external_id_once": lambda: twice(reward(external_id="order-1"), idempotency_key=None),
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
