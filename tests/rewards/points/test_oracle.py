"""The ledger decides as its slow twin does, on random events, reversals, expiries, debits, and moves of the clock."""

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from moments.errors import RuleViolation
from rewards.ledger.reconciliation import find_discrepancies
from rewards.models import PointAccount, PointEntry
from rewards.points.balances import balance_of
from rewards.points.events import EventRequest, record_event, record_events
from rewards.points.ledger import Kind, lock_account
from rewards.points.reversals import reverse_event
from rewards.points.settlement import settle_due
from rewards.points.setup.programs import create_program
from rewards.points.setup.rule_editor import add_rule
from tests import make
from tests.harness.numbers import FULL, size
from tests.rewards.points.oracle import Book

START = dt.datetime(2027, 5, 5, 10, tzinfo=dt.UTC)
IDS = [f"e{number}" for number in range(6)]
steps = st.one_of(
    st.tuples(st.just("event"), st.sampled_from(IDS), st.integers(0, 40), st.sampled_from([0, 0, 0, 5, 24, 50, 160])),
    st.tuples(st.just("events"), st.lists(st.tuples(st.sampled_from(IDS), st.integers(0, 9)), min_size=1, max_size=5)),
    st.tuples(st.just("spend"), st.sampled_from([10, 50, 90, 100, 100, 101])),
    st.tuples(st.just("reverse"), st.sampled_from(IDS), st.none() | st.integers(1, 20)),
    st.tuples(st.just("wait"), st.sampled_from([1, 14, 24, 36, 48, 72])),
    st.tuples(st.just("sweep")),
)
periods = st.tuples(st.sampled_from([0, 0, 1, 2]), st.none() | st.integers(1, 3))


PHASES = tuple(Phase) if FULL else (Phase.explicit, Phase.generate)  # shrinking a plan takes minutes


# Debts that pending points pay, in part and with points that expire; found by chance only now and then.
SPENT = [("event", "e0", 40, 0), ("wait", 48), ("spend", 100), ("event", "e1", 20, 0), ("reverse", "e0", None)]
DEBT = [*SPENT, ("wait", 24), ("event", "e2", 30, 5), ("wait", 48), ("reverse", "e1", 7), ("wait", 72), ("sweep",)]


class Undone(Exception):  # noqa: N818 - ends an example without a trace
    pass


class Twins:
    """The services and the slow book, step by step."""

    def __init__(self, app, program, book: Book) -> None:
        self.app, self.program, self.book = app, program, book
        self.now, self.number = START, 0

    def event(self, event_id: str, quantity: int, hours_ago: int) -> None:
        at = self.now - dt.timedelta(hours=hours_ago)
        asked = EventRequest(event_id, "ada", "walk", quantity=quantity, occurred_at=at)
        try:
            found = record_event(self.app, asked, now=self.now).points
        except RuleViolation as refusal:
            assert refusal.code == "event_id_reused" and event_id in self.book.events
        else:
            assert found == self.book.event(event_id, quantity, at)

    def events(self, asked: list[tuple[str, int]]) -> None:
        requests = [
            EventRequest(key, "ada", "walk", quantity=quantity, occurred_at=self.now) for key, quantity in asked
        ]
        for result, (key, quantity) in zip(record_events(self.app, requests, now=self.now), asked, strict=True):
            if result.status == "refused":
                assert result.code == "event_id_reused" and key in self.book.events
            else:
                assert result.points == self.book.event(key, quantity, self.now)

    def spend(self, percent: int) -> None:
        """So many percent of what is available; more than 100 are refused."""
        points = self.book.available * percent // 100 + (percent > 100)
        if points == 0:
            return
        self.number += 1
        try:
            with transaction.atomic():
                posting, account = lock_account(self.program, "ada", now=self.now)
                reference = f"spent:{self.number}"
                posting.debit(account, points, kind=Kind.DEBIT, reference=reference, occurred_at=self.now)
                posting.close()
        except RuleViolation:
            assert not self.book.spend(points)
        else:
            assert self.book.spend(points)

    def reverse(self, event_id: str, part: int | None) -> None:
        self.number += 1
        try:
            key = f"r{self.number}"
            done = reverse_event(self.app, event_id, quantity=part, idempotency_key=key, now=self.now)
        except RuleViolation:
            assert self.book.reverse(event_id, part) is None
        else:
            if not done.is_replay:
                assert done.points == self.book.reverse(event_id, part)

    def wait(self, hours: int) -> None:
        self.now += dt.timedelta(hours=hours)
        self.book.tick(self.now)

    def sweep(self) -> None:
        settle_due(now=self.now)

    def compare(self) -> None:
        found = balance_of(self.program, "ada", now=self.now)
        assert (found.available, found.pending, found.owed) == (
            self.book.available,
            self.book.pending,
            self.book.owed,
        )


@pytest.fixture
def app(db):
    return make.app()


@pytest.mark.slow
def test_the_ledger_decides_as_the_slow_book_does(app):
    member = app.organization.members.get()

    @settings(
        max_examples=size(50, 2000),
        phases=PHASES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @example(DEBT, (1, None))
    @example(DEBT, (2, 1))
    @example(DEBT, (1, 3))
    @given(st.lists(steps, min_size=8, max_size=40), periods)
    def check(plan, days) -> None:
        pending_days, valid_days = days
        try:
            with transaction.atomic():
                program = create_program(
                    member,
                    name="Stars",
                    time_zone="UTC",
                    apps=[app],
                    points_valid_days=valid_days,
                    pending_days=pending_days,
                    now=START,
                )
                add_rule(program, action="walk", points_per_quantity=3, daily_cap=150, now=START)
                twins = Twins(app, program, Book(START, 3, 150, pending_days, valid_days))
                for name, *arguments in plan:
                    getattr(twins, name)(*arguments)
                    twins.compare()
                assert find_discrepancies() == []
                twins.sweep()
                twins.compare()
                assert sum(PointEntry.objects.values_list("amount", flat=True)) == twins.book.entries
                assert find_discrepancies() == []
                raise Undone
        except Undone:
            assert not PointAccount.objects.exists()

    check()
