"""What PostgreSQL refuses in the tables of what leaves the machine."""

import pytest

from moments import clock
from outbox.models import EmailSuppression, Heartbeat
from tests.harness.constraints import Write, assert_refused, changed, twice


def suppression(email: str = "kim@example.com") -> EmailSuppression:
    return EmailSuppression(email=email, occurred_at=clock.now(), method=EmailSuppression.Method.REFUSED)


def upper_case() -> Write:
    found = suppression()
    found.save()
    return changed(found, email="Kim@example.com")


CASES = {
    "heartbeat_once": lambda: twice(Heartbeat(kind="worker", host="one", last_seen_at=clock.now(), skew_ms=0)),
    "trouble_email_lower_case": upper_case,
    "trouble_open_once": lambda: twice(suppression()),
}


@pytest.mark.parametrize("name", CASES)
def test_the_database_refuses_what_breaks_a_constraint(db, name):
    assert_refused(name, CASES[name])
