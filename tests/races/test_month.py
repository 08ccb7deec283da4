"""Hundreds of issues across midnight UTC at a month's end: each counts in the month of its own instant."""

import datetime as dt
import threading
from collections import Counter

import pytest

from campaigns.budget.spending import month_of
from campaigns.models import BudgetEntry, CampaignMonth, OrganizationMonth
from moments import clock
from moments.errors import RuleViolation
from rewards.issuing.service import issue_reward
from rewards.ledger.reconciliation import reconcile
from rewards.models import Reward
from tests import make
from tests.harness.numbers import size
from tests.races.crowd import rush

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
CROWD, FIT = 32, size(20, 60)  # as many as a busy machine issues in a second


@pytest.mark.parametrize(
    "midnight",
    ["2027-01-01", "2028-03-01", "2027-11-01"],
    ids=["a year's end", "the end of 29 February", "beside a change of clocks"],
)
def test_each_month_holds_its_own_cap_to_the_cent(midnight, numbers):
    """At least 500 calls from a second before to a second after; few of them fit into each month."""
    turn = dt.datetime.fromisoformat(midnight).replace(tzinfo=dt.UTC)
    campaign = make.campaign(monthly_limit_cents=FIT * 2750, days=(-1, 900))
    ask, shift = make.ask(campaign), turn - clock.now() - dt.timedelta(seconds=1.2)
    after = threading.Event()

    def act(_number: int) -> Counter:
        found: Counter = Counter()
        while sum(found.values()) < 16 or not after.is_set():
            try:
                found[issue_reward(ask, shift=shift).outcome] += 1
            except RuleViolation as refusal:
                found[refusal.code] += 1
            if clock.now(shift) > turn + dt.timedelta(seconds=1):
                after.set()
        return found

    outcomes = sum(rush(CROWD, act), Counter())

    before, since = month_of(turn - dt.timedelta(days=1)), month_of(turn)
    spent = {before: FIT * 2750, since: FIT * 2750}
    assert outcomes["issued"] == 2 * FIT and set(outcomes) == {"issued", "campaign_month_cap_reached"}
    assert dict(CampaignMonth.objects.filter(spent_cents__gt=0).values_list("month", "spent_cents")) == spent
    assert dict(OrganizationMonth.objects.values_list("month", "spent_cents")) == spent
    assert Counter(month_of(at) for at in Reward.objects.values_list("issued_at", flat=True)) == {
        before: FIT,
        since: FIT,
    }
    assert all(month_of(at) == month for at, month in BudgetEntry.objects.values_list("occurred_at", "month"))
    assert reconcile(now=clock.now()) == []
    numbers(f"month's turn at {midnight}", calls=sum(outcomes.values()), issued_before=FIT, issued_after=FIT)
