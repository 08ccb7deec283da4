"""The SQL function decides as its slow twin does, on thousands of random calls."""

import dataclasses
import random
import uuid

import pytest
from django.db import transaction

from campaigns.approval import transitions
from campaigns.budget.limits import set_organization_limit
from moments import clock
from moments.errors import RuleViolation
from rewards.issuing.preflight import dry_run
from rewards.issuing.service import issue_reward
from rewards.ledger.reconciliation import reconcile
from tests import make
from tests.rewards.issuing.oracle import expected_outcome


def outcome(ask) -> str:
    try:
        with transaction.atomic():
            return issue_reward(ask).outcome
    except RuleViolation as refusal:
        return refusal.code


def random_ask(chance: random.Random, campaigns):
    ask = make.ask(chance.choice(campaigns))
    changes = {
        "app_user_id": chance.choice([None, None, "ada", "bob", "cleo"]),
        "idempotency_key": chance.choice([None, None, "k1", "k2"]),
        "external_id": chance.choice([None, None, "x1", "x2"]),
        "fingerprint": chance.choice(["f", "f", "g"]),
        "moment": chance.choice([ask.moment] * 9 + ["nothing"]),
        "group": chance.choice([ask.group] * 9 + ["XX"]),
        "is_live": chance.random() < 0.9,
    }
    return dataclasses.replace(ask, **changes)


def assert_tried(ask) -> None:
    """A dry run agrees with the issue that follows, with a new key: if it is refused, for the first of its reasons."""
    ask = dataclasses.replace(ask, idempotency_key=uuid.uuid4().hex)
    reasons = [reason.code for reason in dry_run(ask, now=clock.now()).reasons]
    with transaction.atomic():
        decided = outcome(ask)
        transaction.set_rollback(True)

    assert decided in ({"issued", "preview"} if not reasons else {reasons[0]}), (reasons, ask)


def disturb(chance: random.Random, campaign) -> None:
    """Now and then somebody takes the campaign down, or resumes it."""
    campaign.refresh_from_db()
    act = {"live": transitions.take_down, "suspended": transitions.resume}.get(campaign.status)
    if act and chance.random() < 0.05:
        act(campaign, by=None, now=clock.now())


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_calls_are_decided_as_the_slow_twin_decides(db, seed):
    chance = random.Random(seed)
    member = make.member()
    small = {"total_budget_cents": 27_500, "monthly_limit_cents": 19_250}
    campaigns = [make.campaign(of=member, per_user_limit=chance.choice([1, 3]), **small) for _number in range(3)]
    campaigns += [make.campaign("approved", of=member), make.campaign("draft", of=member)]
    set_organization_limit(member.organization, limit_cents=44_001, why="a test", by=None, now=clock.now())
    seen = set()

    for number in range(250):
        disturb(chance, chance.choice(campaigns))
        ask = random_ask(chance, campaigns)
        expected = expected_outcome(ask, now=clock.now())
        assert_tried(ask)
        assert outcome(ask) == expected, (seed, number, ask)
        seen.add(expected)

    assert {"issued", "replay", "preview", "user_limit_reached", "idempotency_key_reused", "external_id_reused"} <= seen
    assert reconcile(now=clock.now()) == []
