"""The ledger of points: batches, expiry, pending and owed points; entries add up to what batches have left."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from moments.errors import RuleViolation
from outbox.models import Event
from rewards.ledger.reconciliation import find_discrepancies
from rewards.models import PointAccount, PointAllocation, PointBatch, PointDailyTotals, PointEntry
from rewards.points.balances import balance_of, expiries_of
from rewards.points.ledger import Kind, lock_account
from rewards.points.lookups import account_of, fingerprint_of, program_of, refuse_blank
from rewards.points.settlement import announce_expiring, settle_due
from tests.harness.owner import owner

DAY = dt.timedelta(days=1)


def write(program, amount: int, now, *, reference: str = "", **periods) -> None:
    """A credit, or an exchange's debit where ``amount`` is negative."""
    reference = reference or f"test:{PointEntry.objects.count()}"
    with transaction.atomic():
        posting, account = lock_account(program, "kim", now=now)
        if amount > 0:
            posting.credit(account, amount, reference=reference, occurred_at=now, **periods)
        else:
            posting.debit(account, -amount, kind=Kind.DEBIT, reference=reference, occurred_at=now)
        posting.close()


def owe(program, points: int, now) -> None:
    """As a reversal of points that are spent leaves it."""
    write(program, points, now, reference="spent")
    write(program, -points, now)
    with transaction.atomic():
        posting, account = lock_account(program, "kim", now=now)
        batch = PointBatch.objects.get(credits__reference="spent")
        posting.take_back(account, points, batch_id=batch.pk, reference="reversal:1:1", occurred_at=now)
        posting.close()


def balance(program, now) -> tuple[int, int, int]:
    found = balance_of(program, "kim", now=now)
    return found.available, found.pending, found.owed


def stored() -> tuple[int, int, int]:
    row = PointAccount.objects.get()
    return row.available, row.pending, row.owed


def sum_of_entries() -> int:
    return PointEntry.objects.aggregate(sum=Sum("amount"))["sum"] or 0


def test_an_app_has_the_program_that_it_is_in(app, program):
    assert program_of(app) == program


def test_an_app_without_a_program_is_refused(app):
    with pytest.raises(RuleViolation) as caught:
        program_of(app)

    assert caught.value.code == "no_program" and not PointAccount.objects.exists()


@pytest.mark.parametrize("text", ["", "  ", "\t\n"])
def test_an_empty_id_is_refused_by_its_name(text):
    with pytest.raises(RuleViolation) as caught:
        refuse_blank(appUserId="kim", eventId=text)

    assert (caught.value.code, caught.value.field) == ("invalid_request", "eventId")
    refuse_blank(appUserId="kim", eventId="e1")


def test_a_fingerprint_distinguishes_what_is_asked_for():
    assert fingerprint_of("a", 1) == fingerprint_of("a", 1)
    assert len({fingerprint_of("a", 1), fingerprint_of("a1"), fingerprint_of("a", "1"), fingerprint_of("a")}) == 4


def test_somebody_without_points_has_an_empty_balance_that_is_not_stored(program, now):
    assert balance(program, now) == (0, 0, 0)
    assert account_of(program, "kim").pk is None and not PointAccount.objects.exists()


def test_credits_and_debits_move_the_balance_with_the_ledger(program, now):
    write(program, 100, now)
    write(program, -30, now)

    assert balance(program, now) == stored() == (70, 0, 0)
    assert sum_of_entries() == 70 and find_discrepancies() == []


def test_more_than_there_is_is_refused_and_leaves_no_entry(program, now):
    write(program, 100, now)

    with pytest.raises(RuleViolation) as caught:
        write(program, -101, now)

    assert caught.value.code == "insufficient_points" and "the user has 100 available" in caught.value.message
    assert stored() == (100, 0, 0) and PointEntry.objects.count() == 1


def test_exactly_what_there_is_can_be_spent(program, now):
    write(program, 100, now)
    write(program, -100, now)

    assert stored() == (0, 0, 0)


def test_credits_of_the_same_days_share_a_batch(program, now):
    for _time in range(3):
        write(program, 10, now, expires_at=now + 9 * DAY)
    write(program, 10, now, expires_at=now + 8 * DAY)

    assert sorted(PointBatch.objects.values_list("original", "remaining")) == [(10, 10), (30, 30)]
    assert PointEntry.objects.count() == 4


@pytest.mark.parametrize(("credit", "expected"), [(30, (0, 0, 20)), (50, (0, 0, 0)), (80, (30, 0, 0))])
def test_a_credit_pays_what_is_owed_first(program, now, credit, expected):
    owe(program, 50, now)
    assert stored() == (0, 0, 50)

    write(program, credit, now)

    assert stored() == balance(program, now) == expected
    assert find_discrepancies() == []


def test_points_expire_at_their_instant_without_a_sweep(program, now):
    write(program, 100, now, expires_at=now + 5 * DAY)
    write(program, 40, now)

    assert balance(program, now + 5 * DAY - dt.timedelta(seconds=1)) == (140, 0, 0)
    assert balance(program, now + 5 * DAY) == (40, 0, 0)
    assert stored() == (140, 0, 0)  # written when somebody posts next, or by the sweep

    assert settle_due(now=now + 5 * DAY) == 1
    assert stored() == (40, 0, 0) and sum_of_entries() == 40
    assert PointEntry.objects.get(kind="expiry").occurred_at == now + 5 * DAY
    assert settle_due(now=now + 5 * DAY) == 0 and find_discrepancies() == []


def test_pending_points_become_available_without_a_sweep(program, now):
    write(program, 100, now, available_at=now + 2 * DAY)

    assert balance(program, now) == stored() == (0, 100, 0)
    with pytest.raises(RuleViolation):
        write(program, -1, now)
    assert balance(program, now + 2 * DAY) == (100, 0, 0)
    write(program, -100, now + 2 * DAY)

    assert stored() == (0, 0, 0) and find_discrepancies() == []


def test_points_that_become_available_pay_what_is_owed(program, now):
    owe(program, 50, now)
    write(program, 30, now, available_at=now + DAY)
    write(program, 40, now, available_at=now + 2 * DAY, expires_at=now + 3 * DAY)

    assert balance(program, now) == (0, 70, 50)
    assert balance(program, now + DAY) == (0, 40, 20)
    assert balance(program, now + 2 * DAY) == (20, 0, 0)
    assert balance(program, now + 3 * DAY) == (0, 0, 0)
    settle_due(now=now + 3 * DAY)
    assert stored() == (0, 0, 0) and find_discrepancies() == []


def test_what_expires_first_is_spent_first(program, now):
    write(program, 10, now)
    write(program, 10, now, expires_at=now + 9 * DAY)
    write(program, 10, now, expires_at=now + 3 * DAY)

    write(program, -15, now)

    assert [(one.points, one.expires_at) for one in expiries_of(program, "kim", now=now)] == [(5, now + 9 * DAY)]
    assert sorted(PointAllocation.objects.values_list("amount", flat=True)) == [5, 10]


def test_points_that_expired_before_they_arrived_are_an_expiry_at_once(program, now):
    for _time in range(2):
        write(program, 10, now, expires_at=now - DAY)

    assert stored() == (0, 0, 0) and PointEntry.objects.filter(kind="expiry").count() == 2
    assert find_discrepancies() == []


def test_taking_back_counts_expired_points_as_gone(program, now):
    write(program, 100, now, reference="first", expires_at=now + DAY)
    write(program, -30, now)
    later = now + DAY
    with transaction.atomic():
        posting, account = lock_account(program, "kim", now=later)
        batch = PointBatch.objects.get()
        lapsed = posting.take_back(account, 100, batch_id=batch.pk, reference="reversal:1:1", occurred_at=later)
        posting.close()

    assert lapsed == 70 and stored() == (0, 0, 30)
    assert sum_of_entries() == -30 and find_discrepancies() == []


def test_a_caller_with_an_earlier_clock_changes_nothing_that_was_settled(program, now):
    write(program, 100, now, available_at=now + DAY)
    settle_due(now=now + DAY)

    write(program, -100, now)

    assert stored() == (0, 0, 0) and find_discrepancies() == []


def test_totals_of_the_day_add_up(program, now):
    write(program, 100, now, expires_at=now + DAY)
    write(program, -30, now)
    settle_due(now=now + DAY)

    rows = PointDailyTotals.objects.order_by("day").values_list("credited", "spent", "expired", "members")
    assert list(rows) == [(100, 30, 0, 1), (0, 0, 70, 0)]


@pytest.mark.parametrize("table", ["pointentry", "pointallocation", "pointevent", "pointreversal", "pointadjustment"])
@pytest.mark.parametrize("statement", ["UPDATE rewards_{} SET id = id", "DELETE FROM rewards_{}"])
def test_ledgers_cannot_be_rewritten(program, now, table, statement):
    write(program, 10, now)
    with owner() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal ORDER BY 1",
            [f"rewards_{table}"],
        )
        assert [name for (name,) in cursor.fetchall()] == ["append_only", "refuse_truncate"]
        if table == "pointentry":
            with pytest.raises(IntegrityError), transaction.atomic():
                cursor.execute(statement.format(table))


def test_a_difference_is_found(program, now):
    write(program, 10, now)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rewards_pointbatch SET remaining = 9")

    assert {found.what for found in find_discrepancies()} == {"points", "points of a batch"}


def test_points_about_to_expire_are_announced_once(program, now):
    write(program, 100, now, expires_at=now + 8 * DAY)
    write(program, 30, now, expires_at=now + 2 * DAY)

    assert [announce_expiring(now=now), announce_expiring(now=now), announce_expiring(now=now + DAY)] == [1, 0, 1]

    told = Event.objects.filter(type="points.expiring").order_by("id").values_list("payload", flat=True)
    assert [(row["user"], row["points"]) for row in told] == [("kim", 30), ("kim", 100)]
