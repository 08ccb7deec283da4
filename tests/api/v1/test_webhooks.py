"""The feed, and the list of deliveries."""

import datetime as dt

import pytest

from accounts.models import ApiKey
from outbox.models import Event, WebhookDelivery
from outbox.service import record_event
from outbox.webhooks.courier import deliver_due
from outbox.webhooks.dispatch import dispatch_events
from outbox.webhooks.endpoints import create_endpoint, send_test_event
from rewards.points.events import EventRequest
from rewards.points.events import record_event as record_points
from rewards.points.exchanges import exchange_points
from tests import make
from tests.harness.webhook_sink import sink


@pytest.fixture
def organization(campaign):
    Event.objects.all().delete()  # of how the campaign came to be
    return campaign.organization


@pytest.fixture
def endpoint(organization, settings, now):
    settings.WEBHOOK_LOOPBACK = True
    with sink(503) as started:
        made, _secret = create_endpoint(organization, url=started.url, by=None, now=now)
        made.sink = started
        yield made


def test_the_feed_is_read_from_a_sequence_on(call, organization, now):
    for number in range(5):
        record_event(organization, "campaign.live", {"campaign": str(number)}, now=now)
    record_event(make.member().organization, "campaign.live", {"campaign": "another's"}, now=now)
    assert call("feed").json() == {"data": [], "next": None}  # not numbered yet
    dispatch_events(now=now)

    found, after = [], ""
    while True:
        page = call(f"feed?limit=2{after}").json()
        found += page["data"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"

    assert [(event["sequence"], event["data"]["campaign"]) for event in found] == [
        (number + 1, str(number)) for number in range(5)
    ]
    assert call("feed?after=5").json() == {"data": [], "next": None}


@pytest.mark.parametrize("query", ["after=-1", "after=x", "after=99999999999999999999", "limit=0", "limit=201"])
def test_a_bad_query_is_refused(call, organization, query):
    assert call(f"feed?{query}").status_code == 422


def test_an_exchange_is_in_the_feed_with_its_reward_url_and_only_for_live_keys(
    call, organization, campaign, program, tier, now
):
    record_points(campaign.app, EventRequest("e1", "ada", "level"), now=now)
    record_points(campaign.app, EventRequest("e2", "ada", "level"), now=now)
    done = exchange_points(campaign.app, app_user_id="ada", tier=tier, idempotency_key="k", now=now)
    dispatch_events(now=now)

    [event] = [event for event in call("feed").json()["data"] if event["type"] == "points.exchanged"]
    assert event["data"]["reward_url"] == done.url
    assert done.url.rpartition("/r/")[2] not in str(Event.objects.values_list("payload", flat=True))
    test_key = make.api_key(campaign.app, ApiKey.Mode.TEST)
    assert call("feed", key=test_key).json()["data"] == []


def test_deliveries_are_listed_with_their_state(call, organization, endpoint, campaign, now):
    record_event(organization, "campaign.live", {"campaign": "1"}, now=now)
    deliver_due(now=now)
    [first] = call("webhook-deliveries").json()["data"]

    delivery = WebhookDelivery.objects.get()
    assert first["event"] == endpoint.sink.requests[0].id and first["url"] == endpoint.url
    assert (first["status"], first["attempts"], first["response_status"]) == ("pending", 1, 503)
    assert first["error"] == "It answered 503." and first["finished_at"] is None
    assert dt.datetime.fromisoformat(first["next_attempt_at"]) == delivery.due_at.replace(microsecond=0)
    assert call("webhook-deliveries?status=delivered").json()["data"] == []
    assert call("webhook-deliveries?status=lost").status_code == 422
    assert call("webhook-deliveries", key=make.api_key(make.app())).json()["data"] == []

    member = organization.members.get()
    send_test_event(endpoint, by=member, now=now)
    deliver_due(now=now)
    test_key = make.api_key(campaign.app, ApiKey.Mode.TEST)
    assert [row["type"] for row in call("webhook-deliveries", key=test_key).json()["data"]] == ["test.ping"]
    assert [row["type"] for row in call("webhook-deliveries?limit=1").json()["data"]] == ["test.ping"]
