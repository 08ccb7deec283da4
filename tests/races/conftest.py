"""One running Moments for the races over HTTP: PostgreSQL 10 ms away, 64 requests at once."""

import json

import pytest

from tests.harness.http import Browser
from tests.harness.relayed import RelayedStack

CROWD = 64


@pytest.fixture(scope="package")
def stack():
    running = RelayedStack().start()
    yield running
    assert running.end() == 0, running.log.read_text()
    running.remove()


@pytest.fixture(scope="package")
def browsers(stack) -> list[Browser]:
    """64 customers who are signed in."""
    return sign_in(stack, CROWD)


def sign_in(stack, count: int) -> list[Browser]:
    done = stack.python("-m", "tests.harness.people", str(count))
    assert done.returncode == 0, done.stderr
    return [Browser(stack.port, session) for session in json.loads(done.stdout)]


@pytest.fixture
def database(stack):
    """What is true, past the relay."""
    with stack.connect() as connection:
        yield connection


@pytest.fixture
def books_agree(stack):
    """Counters, ledger, rewards and events add up, and no cap was passed."""

    def check() -> None:
        assert stack.manage("reconcile").stdout == "The books agree.\n"
        with stack.connect() as connection:
            over = connection.execute(
                "SELECT count(*) FROM campaigns_campaignmonth WHERE spent_cents > limit_cents UNION ALL "
                "SELECT count(*) FROM campaigns_organizationmonth WHERE spent_cents > limit_cents UNION ALL "
                "SELECT count(*) FROM campaigns_campaign WHERE total_spent_cents > total_budget_cents"
            ).fetchall()
        assert over == [(0,)] * 3

    return check
