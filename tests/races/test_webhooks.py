"""Many dispatchers at once, and events that commit late: each event gets one number, and no reader passes it."""

import threading

import pytest
from django.db import connection, transaction

from moments import clock
from outbox.models import Event, WebhookDelivery
from outbox.service import record_event
from outbox.webhooks import dispatch
from outbox.webhooks.dispatch import dispatch_events
from outbox.webhooks.endpoints import create_endpoint
from outbox.webhooks.listing import feed_of
from tests import make
from tests.races.crowd import rush

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
CROWD, EVENTS = 8, 100


@pytest.fixture
def organization():
    found = make.member().organization
    create_endpoint(found, url="https://receiver.invalid/", by=None, now=clock.now())
    for number in range(EVENTS):
        record_event(found, "campaign.live", {"campaign": str(number)}, now=clock.now())
    return found


def test_of_many_dispatchers_one_numbers_each_event(organization):
    numbered = rush(CROWD, lambda _number: dispatch_events(now=clock.now()))

    assert sum(numbered) == EVENTS
    assert list(Event.objects.order_by("id").values_list("sequence", flat=True)) == list(range(1, EVENTS + 1))
    assert WebhookDelivery.objects.count() == EVENTS


def test_control_without_the_lock_events_are_numbered_again(organization, monkeypatch):
    monkeypatch.setattr(dispatch, "TAKE_LOCK", "SELECT pg_sleep(0.3 + 0 * %s)::text IS NOT NULL")
    numbered = rush(CROWD, lambda _number: dispatch_events(now=clock.now()))

    assert [found for found in numbered if isinstance(found, Exception)] or sum(numbered) > EVENTS


def commit_late(organization, begun: threading.Event, may_commit: threading.Event) -> threading.Thread:
    """An event that takes its id now and commits when it may."""

    def write() -> None:
        try:
            with transaction.atomic():
                record_event(organization, "campaign.live", {"campaign": "late"}, now=clock.now())
                begun.set()
                may_commit.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    return thread


def test_an_event_that_commits_late_is_read_after_those_that_were_read(organization):
    begun, may_commit = threading.Event(), threading.Event()
    late = commit_late(organization, begun, may_commit)
    assert begun.wait(20)
    early = record_event(organization, "campaign.live", {"campaign": "early"}, now=clock.now())
    dispatch_events(now=clock.now())
    read = feed_of(organization.pk, after=0, limit=1000)
    last_id = max(event.pk for event, _data in read)
    may_commit.set()
    late.join()
    dispatch_events(now=clock.now())

    [(event, data)] = feed_of(organization.pk, after=read[-1][0].sequence, limit=1000)
    assert data == {"campaign": "late"} and event.pk < early.pk
    assert not Event.objects.filter(pk__gt=last_id).exists(), "control: a reader by id has passed it"
