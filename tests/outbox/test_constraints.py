"""What PostgreSQL refuses in the tables of what leaves the machine."""

import pytest

from moments import clock
from outbox.models import EmailSuppression, Event, Heartbeat, WebhookDelivery
from outbox.webhooks.endpoints import create_endpoint
from tests import make
from tests.harness.constraints import Write, assert_refused, changed, twice


def suppression(email: str = "kim@example.com") -> EmailSuppression:
    return EmailSuppression(email=email, occurred_at=clock.now(), method=EmailSuppression.Method.REFUSED)


def upper_case() -> Write:
    found = suppression()
    found.save()
    return changed(found, email="Kim@example.com")


def event() -> Event:
    return Event.objects.create(organization=make.member().organization, type="test.ping", sequence=1)


def delivery() -> WebhookDelivery:
    found, now = event(), clock.now()
    endpoint, _secret = create_endpoint(found.organization, url="https://example.com/", by=None, now=now)
    return WebhookDelivery(event=found, endpoint=endpoint, organization=found.organization, due_at=now, created_at=now)


CASES = {
    "delivery_once": lambda: twice(delivery()),
    "event_sequence_once": lambda: twice(event()),
    "heartbeat_once": lambda: twice(Heartbeat(kind="worker", host="one", last_seen_at=clock.now(), skew_ms=0)),
    "trouble_email_lower_case": upper_case,
    "trouble_open_once": lambda: twice(suppression()),
}


@pytest.mark.parametrize("name", CASES)
def test_the_database_refuses_what_breaks_a_constraint(db, name):
    assert_refused(name, CASES[name])
