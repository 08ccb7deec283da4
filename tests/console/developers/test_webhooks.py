"""The pages of webhooks: add, change, roll, disable; what was sent, and sending it again."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from accounts.models import AuditEntry, Member
from accounts.sign_in.sessions import SIGNED_IN
from outbox.models import Event, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from outbox.service import record_event
from outbox.webhooks.courier import deliver_due
from outbox.webhooks.endpoints import create_endpoint, live_secrets
from tests import make
from tests.harness.webhook_sink import sink


@pytest.fixture(autouse=True)
def loopback(settings):
    settings.WEBHOOK_LOOPBACK = True


@pytest.fixture
def receiver():
    with sink() as started:
        yield started


@pytest.fixture
def endpoint(member, receiver, now):
    return create_endpoint(member.organization, url=receiver.url, by=member, now=now)[0]


def page(name: str, *arguments) -> str:
    return reverse(f"console:developers:{name}", args=arguments)


def text(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


ADDED = {"url": "https://example.com/hook", "description": "Orders", "which": "all"}


def test_the_secret_is_shown_once_on_the_page_that_made_it(console, member, now):
    assert "Receive events on your server" in text(console.get(page("webhooks")))
    answer = console.post(page("new_webhook"), ADDED)

    endpoint = WebhookEndpoint.objects.get()
    [secret] = live_secrets(endpoint, now=now)
    assert secret in text(answer) and "no-store" in answer["Cache-Control"]
    for shown in (page("webhooks"), page("webhook", endpoint.pk), page("edit_webhook", endpoint.pk)):
        assert secret not in text(console.get(shown))
    assert (endpoint.url, endpoint.description, endpoint.event_types) == (ADDED["url"], "Orders", [])
    assert AuditEntry.objects.filter(event="webhook_added", actor=member.user).count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"url": "http://example.com/"}, "The URL must start with https://."),
        ({"url": "https://10.0.0.1/"}, "10.0.0.1 is not a public address."),
        ({"url": ""}, "This field is required."),
        ({"which": "chosen"}, "Select at least one event"),
        ({"which": "chosen", "event_types": ["campaign.lively"]}, "campaign.lively"),
    ],
)
def test_bad_input_keeps_what_was_typed_and_adds_nothing(console, changes, sentence):
    answer = console.post(page("new_webhook"), {**ADDED, **changes})

    assert sentence in text(answer) and 'value="Orders"' in text(answer)
    assert not WebhookEndpoint.objects.exists()


def test_events_are_chosen_and_changed(console, endpoint):
    chosen = {**ADDED, "url": endpoint.url, "which": "chosen", "event_types": ["reward.voided", "campaign.live"]}
    assert console.post(page("edit_webhook", endpoint.pk), chosen).status_code == 302
    endpoint.refresh_from_db()
    assert endpoint.event_types == ["campaign.live", "reward.voided"]
    assert text(console.get(page("edit_webhook", endpoint.pk))).count("checked") == 3

    console.post(page("edit_webhook", endpoint.pk), {**chosen, "which": "all"})
    endpoint.refresh_from_db()
    assert endpoint.event_types == []


def test_a_roll_shows_the_new_secret_and_says_how_long_the_former_one_signs(console, endpoint, now):
    [former] = live_secrets(endpoint, now=now)
    assert "Roll the secret?" in text(console.get(page("roll_webhook", endpoint.pk)))
    answer = text(console.post(page("roll_webhook", endpoint.pk)))

    endpoint.refresh_from_db()
    fresh, kept = live_secrets(endpoint, now=now)
    assert fresh in answer and kept == former and former not in answer and "former secret, too, until" in answer


def test_an_endpoint_is_disabled_and_enabled(console, endpoint):
    console.post(page("disable_webhook", endpoint.pk))
    assert "disabled by a member" in text(console.get(page("webhook", endpoint.pk)))
    answer = console.post(page("ping_webhook", endpoint.pk), follow=True)
    assert "This endpoint is disabled. Enable it first." in text(answer) and not Event.objects.exists()
    console.post(page("enable_webhook", endpoint.pk))

    endpoint.refresh_from_db()
    assert endpoint.status == "active"
    events = ["webhook_enabled", "webhook_disabled", "webhook_added"]
    assert [entry.event for entry in AuditEntry.objects.filter(event__startswith="webhook")] == events


def test_a_test_event_shows_request_and_response(console, endpoint, receiver, now):
    receiver.body = b'{"thanks": true}'
    console.post(page("ping_webhook", endpoint.pk))
    deliver_due(now=now + dt.timedelta(minutes=1))

    delivery = WebhookDelivery.objects.get()
    assert "test.ping" in text(console.get(page("webhook", endpoint.pk)))
    shown = text(console.get(page("webhook_delivery", endpoint.pk, delivery.pk)))
    assert receiver.requests[0].id in shown and "&quot;thanks&quot;: true" in shown and "v1,…" in shown
    assert receiver.requests[0].headers["webhook-signature"] not in shown


def test_a_delivery_is_sent_again_under_its_id(console, endpoint, member, receiver, now):
    record_event(member.organization, "campaign.live", {"campaign": "1"}, now=now)
    deliver_due(now=now)
    delivery = WebhookDelivery.objects.get()
    console.post(page("send_again", endpoint.pk, delivery.pk))
    deliver_due(now=now + dt.timedelta(minutes=1))

    assert [request.id for request in receiver.requests] == [receiver.requests[0].id] * 2
    assert WebhookAttempt.objects.count() == 2
    assert AuditEntry.objects.filter(event="webhook_replayed").count() == 1


def test_a_replay_sends_the_range_and_what_was_missed(console, endpoint, member, receiver, now):
    def record(number: int, hours: int) -> None:
        record_event(
            member.organization, "campaign.live", {"campaign": str(number)}, now=now - dt.timedelta(hours=hours)
        )

    record(1, 30)
    record(2, 5)
    deliver_due(now=now)
    console.post(page("disable_webhook", endpoint.pk))
    record(3, 1)
    deliver_due(now=now)
    console.post(page("enable_webhook", endpoint.pk))
    receiver.requests.clear()
    start, end = (f"{at:%Y-%m-%dT%H:%M}" for at in (now - dt.timedelta(days=1), now + dt.timedelta(minutes=1)))
    answer = console.post(page("replay_webhook", endpoint.pk), {"start": start, "end": end}, follow=True)
    deliver_due(now=now + dt.timedelta(minutes=1))

    assert "2 events are on their way." in text(answer)
    assert sorted(request.body[-5:-2] for request in receiver.requests) == [b'"2"', b'"3"']


@pytest.mark.parametrize(
    ("start", "end", "sentence"),
    [
        ("2026-05-02T10:00", "2026-05-02T10:00", "The end must be after the start."),
        ("yesterday", "2026-05-02T10:00", "This is not a date and time; write it like"),
        ("0001-01-01T00:00", "2026-05-02T10:00", "is too far away"),
    ],
)
def test_a_bad_range_is_refused(console, endpoint, start, end, sentence):
    answer = console.post(page("replay_webhook", endpoint.pk), {"start": start, "end": end})

    assert sentence in text(answer) and not WebhookDelivery.objects.exists()


def test_the_list_of_deliveries_is_filtered_and_paged(console, endpoint, member, now, monkeypatch):
    monkeypatch.setattr("console.developers.webhook_views.PAGE", 2)
    for type in ("campaign.live", "campaign.live", "campaign.live", "reward.voided"):
        record_event(member.organization, type, {}, now=now)
    deliver_due(now=now)
    address = page("webhook", endpoint.pk)

    def listed(query: str) -> list[str]:
        return [row.event.type for row in console.get(address + query).context["deliveries"]]

    assert listed("") == ["reward.voided", "campaign.live"]
    oldest = WebhookDelivery.objects.order_by("id")[2].pk
    assert listed(f"?before={oldest}") == ["campaign.live"] * 2
    assert listed("?type=reward.voided&status=delivered") == ["reward.voided"]
    assert "No delivery matches." in text(console.get(address + "?status=failed"))
    assert listed("?before=nonsense&status=nonsense") == ["reward.voided", "campaign.live"]
    assert listed("?before=" + "9" * 40) == ["reward.voided", "campaign.live"]


def test_changes_ask_who_is_there_after_ten_minutes(console, endpoint):
    session = console.session
    session["account_authentication_methods"] = [{"method": "password", "at": session[SIGNED_IN] - 601}]
    session.save()
    before = WebhookEndpoint.objects.values().get()
    for address in (
        page("new_webhook"),
        *(page(f"{name}_webhook", endpoint.pk) for name in ("edit", "roll", "disable", "enable")),
    ):
        answer = console.post(address, ADDED)
        assert answer.status_code == 302 and "reauthenticate" in answer["Location"], address

    assert WebhookEndpoint.objects.values().get() == before


def test_an_analyst_reads_and_finds_no_buttons(client, endpoint, member):
    analyst = make.member(Member.Role.ANALYST, organization=member.organization)
    client.force_login(analyst.user)

    shown = text(client.get(page("webhooks"))) + text(client.get(page("webhook", endpoint.pk)))
    assert endpoint.url in shown
    assert not re.search(r"Add an endpoint|Send test event|Roll secret|Disable|/replay/", shown)
