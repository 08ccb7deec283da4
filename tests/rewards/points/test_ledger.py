"""The ledger of points: entries add up to the balance, and nobody spends what is not there."""

import pytest
from django.db import transaction

from moments.errors import RuleViolation
from rewards.models import PointAccount, PointEntry
from rewards.points.ledger import (
    balance_of,
    fingerprint_of,
    locked_account,
    program_of,
    refuse_blank,
    sum_of,
    write_entry,
)
from rewards.points.programs import create_program
from tests import make

Kind = PointEntry.Kind


@pytest.fixture
def app(member):
    return make.app(member)


@pytest.fixture
def program(member, app, now):
    return create_program(member, name="Stars", time_zone="UTC", apps=[app], now=now)


@pytest.fixture
def account(program):
    return PointAccount.objects.create(program=program, app_user_id="kim")


def write(account, amount: int, now, *, kind: str = "", reference: str = "") -> None:
    kind = kind or (Kind.CREDIT if amount > 0 else Kind.DEBIT)
    with transaction.atomic():
        write_entry(account, amount, kind, reference or f"test:{PointEntry.objects.count()}", "", now)


def stored(account) -> tuple[int, int, int]:
    """Available, owed, and what the entries add up to."""
    row = PointAccount.objects.get(pk=account.pk)
    return row.available, row.owed, sum_of(account.entries.all())


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


def test_a_fingerprint_tells_apart_what_is_asked_for():
    assert fingerprint_of("a", 1) == fingerprint_of("a", 1)
    assert len({fingerprint_of("a", 1), fingerprint_of("a1"), fingerprint_of("a", "1"), fingerprint_of("a")}) == 4


def test_somebody_without_points_has_an_empty_balance_that_is_not_stored(app, program):
    found = balance_of(app, "nobody")

    assert (found.available, found.owed, found.pk) == (0, 0, None)
    assert not PointAccount.objects.exists()


def test_an_account_is_made_once_and_locked(program):
    with transaction.atomic():
        first = locked_account(program, "kim")
        assert locked_account(program, "kim") == first

    assert PointAccount.objects.count() == 1


def test_credits_and_debits_move_the_balance_with_the_ledger(account, now):
    write(account, 100, now)
    write(account, -30, now)

    assert stored(account) == (70, 0, 70) and account.available == 70


def test_more_than_there_is_is_refused_and_leaves_no_entry(account, now):
    write(account, 100, now)

    with pytest.raises(RuleViolation) as caught:
        write(account, -101, now)

    assert caught.value.code == "not_enough_points" and "fewer than 101 points" in caught.value.message
    assert stored(account) == (100, 0, 100) and account.entries.count() == 1


def test_exactly_what_there_is_can_be_spent(account, now):
    write(account, 100, now)
    write(account, -100, now)

    assert stored(account) == (0, 0, 0)


@pytest.mark.parametrize(("credit", "expected"), [(30, (0, 20)), (50, (0, 0)), (80, (30, 0))])
def test_a_credit_pays_what_is_owed_first(account, now, credit, expected):
    PointAccount.objects.update(owed=50)
    account.refresh_from_db()

    write(account, credit, now)

    assert stored(account)[:2] == expected == (account.available, account.owed)


def test_an_account_that_was_read_before_does_not_write_back_an_old_balance(account, now):
    stale = PointAccount.objects.get(pk=account.pk)
    write(account, 100, now)

    write(stale, 10, now)

    assert stored(account) == (110, 0, 110)


def test_entries_of_nobody_add_up_to_nothing(account):
    assert sum_of(account.entries.all()) == 0
