"""Sessions end after a pause and after a while, on the server, whatever the browser keeps."""

import datetime as dt

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import Organization, User
from tests import make
from tests.accounts.sign_in.test_security import sign_in

START = dt.datetime(2031, 3, 4, 9, tzinfo=dt.UTC)
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
CONSOLE, MINE = "/console/", "/my/rewards/"


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveler:
        yield traveler


def is_in(client: Client, path: str, **headers) -> bool:
    return client.get(path, headers=headers).status_code == 200


def walk(client: Client, clock, path: str, *, step: dt.timedelta, until: dt.timedelta, **headers) -> dt.timedelta:
    """Looks every ``step``; after how long it was the last time that the page opened."""
    passed = dt.timedelta()
    while passed < until:
        clock.shift(step)
        if not is_in(client, path, **headers):
            return passed
        passed += step
    return passed


def people() -> dict[str, User]:
    return {"console": make.member().user, "operator": make.operator(), "customer": make.customer()}


@pytest.mark.parametrize(
    ("who", "path", "good", "gone"),
    [
        ("console", CONSOLE, 29 * MINUTE, 31 * MINUTE),
        ("operator", "/admin/", 29 * MINUTE, 31 * MINUTE),
        ("customer", MINE, 13 * DAY, 15 * DAY),
    ],
)
def test_a_pause_that_is_too_long_ends_it(db, clock, who, path, good, gone):
    for pause, stays in ((good, True), (gone, False)):
        client = sign_in(people()[who])
        key = client.session.session_key
        clock.shift(pause)
        assert is_in(client, path) is stays
        assert Session.objects.filter(session_key=key).exists() is stays, "it is worth nothing on the server"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("who", "path", "step", "longest"),
    [
        ("console", CONSOLE, 20 * MINUTE, 12 * HOUR),
        ("operator", "/admin/", 20 * MINUTE, 12 * HOUR),
        ("customer", MINE, 5 * DAY, 30 * DAY),
    ],
)
def test_however_busy_somebody_is_it_ends_in_the_end(db, clock, who, path, step, longest):
    client = sign_in(people()[who])

    assert walk(client, clock, path, step=step, until=2 * longest) == longest


@pytest.mark.slow
def test_a_page_that_asks_without_anybody_there_does_not_put_the_end_off(member, clock):
    client = sign_in(member.user)

    assert walk(client, clock, CONSOLE, step=5 * MINUTE, until=2 * HOUR, **{"X-Poll": "1"}) == 30 * MINUTE


def test_a_form_that_comes_too_late_changes_nothing_and_the_page_says_why(member, clock):
    client = sign_in(member.user)
    clock.shift(HOUR)

    answer = client.post("/console/organization/", {"name": "Thief"})

    assert answer["Location"].startswith("/accounts/login/?next=/console/organization/")
    assert not Organization.objects.filter(name="Thief").exists()
    assert "your session ended" in client.get(answer["Location"]).text


def test_whoever_signs_in_again_begins_again(member, clock):
    client = sign_in(member.user)
    clock.shift(13 * HOUR)
    assert not is_in(client, CONSOLE)

    client.post("/accounts/login/", {"login": member.user.email, "password": make.PASSWORD})
    clock.shift(29 * MINUTE)

    assert is_in(client, CONSOLE)


def test_the_limits_are_settings(member, clock, settings):
    settings.SESSION_LIMITS = settings.SESSION_LIMITS | {"console": (300, 3600)}
    client = sign_in(member.user)
    clock.shift(6 * MINUTE)

    assert not is_in(client, CONSOLE)


def test_a_customer_who_joins_an_organization_has_its_limits_from_then_on(member, clock):
    customer = make.customer()
    client = sign_in(customer)
    clock.shift(HOUR)
    assert is_in(client, MINE)

    member.organization.members.create(user=customer, role="editor", created_at=START)
    clock.shift(HOUR)

    assert not is_in(client, MINE)


def test_a_new_password_ends_every_session(member, db):
    here, there = sign_in(member.user), sign_in(member.user)
    fields = {"oldpassword": make.PASSWORD, "password1": "four other words here", "password2": "four other words here"}

    here.post("/accounts/password/change/", fields)

    assert [is_in(client, CONSOLE) for client in (here, there)] == [False, False]
