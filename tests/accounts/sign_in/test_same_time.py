"""Who has an account is not told by how long an answer takes. Compared within one run, beside a control."""

import itertools
import statistics
import time
from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import SignIn, User
from accounts.sign_in import service as sign_in_service
from outbox.models import Mail
from tests import make
from tests.accounts.sign_in.test_signing_in import sign_up

PAIRS = 9
numbers = itertools.count(1)


class LighterArgon2(Argon2PasswordHasher):
    """A quarter of the work, still more than all the rest that an answer takes."""

    memory_cost = Argon2PasswordHasher.memory_cost // 4


@pytest.fixture
def real_passwords(settings):
    settings.PASSWORD_HASHERS = ["tests.accounts.sign_in.test_same_time.LighterArgon2"]


def fresh() -> Client:
    return Client(REMOTE_ADDR=f"203.0.113.{next(numbers) % 250}")


def seconds(act: Callable[[str], object], email: str) -> float:
    """Of the processor: a busy machine does not count."""
    began = time.process_time()
    act(email)
    return time.process_time() - began


def ratio(act: Callable[[str], object]) -> float:
    """Known to unknown, by turns."""
    known, unknown = [], []
    for _pair in range(PAIRS):
        known.append(seconds(act, make.user().email))
        unknown.append(seconds(act, f"new{next(numbers)}@example.com"))
    return statistics.median(known) / statistics.median(unknown)


WAYS: dict[str, Callable[[str], object]] = {
    "sign-up": lambda email: sign_up(fresh(), email),
    "reset": lambda email: fresh().post("/accounts/password/reset/", {"email": email}),
    "link": lambda email: fresh().post("/accounts/link/", {"login": email}),
    "sign-in": lambda email: fresh().post("/accounts/login/", {"login": email, "password": "wrong"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_known_and_unknown_addresses_take_as_long(db, real_passwords, way):
    act = WAYS[way]
    act("warm@example.com")

    assert 0.75 < ratio(act) < 1.33


def cost(act: Callable[[str], object], email: str) -> tuple[int, int]:
    """Statements that read or write, and emails that are queued."""
    before = Mail.objects.count()
    with CaptureQueriesContext(connection) as found:
        act(email)
    savepoints = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")
    return sum(not query["sql"].startswith(savepoints) for query in found), Mail.objects.count() - before


@pytest.mark.parametrize("way", WAYS)
def test_known_and_unknown_addresses_cost_as_many_statements_and_emails(db, way):
    act = WAYS[way]
    act("warm@example.com")

    known, unknown = cost(act, make.user().email), cost(act, "nobody@example.com")

    assert known == unknown


def test_what_is_done_for_a_known_address_leaves_nothing(db):
    user = make.user()
    before = list(User.objects.values()), list(EmailAddress.objects.values()), list(SignIn.objects.values())

    sign_up(fresh(), user.email)
    WAYS["sign-in"]("nobody@example.com")

    after = list(User.objects.values()), list(EmailAddress.objects.values()), list(SignIn.objects.values())
    assert after == before
    assert list(Mail.objects.values_list("kind", "to_email")) == [("account_already_exists", user.email)]


@pytest.mark.slow
def test_control_without_the_work_for_known_addresses_they_are_told_apart(db, real_passwords, monkeypatch):
    monkeypatch.setattr(sign_in_service, "save_nobody", lambda form, request: None)
    sign_up(fresh(), "warm@example.com")

    assert ratio(WAYS["sign-up"]) < 0.75
    assert cost(WAYS["sign-up"], make.user().email) != cost(WAYS["sign-up"], "nobody@example.com")
