"""Events reach an endpoint, signed, and again until it takes them."""

import datetime as dt
import json
import random
import re
import subprocess
import sys
import time

import pytest
from django.db import connection
from standardwebhooks import Webhook, WebhookVerificationError

from outbox.models import Event, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from outbox.webhooks import courier, schedule, transport
from outbox.webhooks.courier import deliver_due
from outbox.webhooks.deliveries import LEASE, claim
from outbox.webhooks.dispatch import dispatch_events
from outbox.webhooks.endpoints import create_endpoint, roll_secret
from tests import make
from tests.harness.numbers import size
from tests.harness.webhook_sink import sink
from tests.stack import ROOT

SECOND, HOUR = dt.timedelta(seconds=1), dt.timedelta(hours=1)
Status = WebhookDelivery.Status


def verified(request, secret: str) -> dict:
    return Webhook(secret).verify(request.body, request.headers)


def delivery() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


# What arrives


@pytest.mark.slow
def test_an_independent_library_verifies_every_delivery(endpoint, receiver, cause, deliver, numbers):
    count = size(50, 1000)
    for number in range(count):
        cause(number)

    began = time.monotonic()
    assert deliver() == count
    seconds = time.monotonic() - began

    bodies = [verified(request, endpoint.secret) for request in receiver.requests]
    assert sorted(body["sequence"] for body in bodies) == list(range(1, count + 1))
    assert {body["data"]["campaign"] for body in bodies} == {str(number) for number in range(count)}
    assert len({request.id for request in receiver.requests}) == count
    assert set(WebhookDelivery.objects.values_list("status", "attempts")) == {("delivered", 1)}
    assert receiver.connections <= 3  # one for the first delivery, then one for each thread
    numbers("webhooks verified", deliveries=count, connections=receiver.connections, seconds=f"{seconds:.1f}")


def test_a_delivery_is_thin_and_names_type_time_and_sequence(endpoint, receiver, cause, deliver):
    event = cause()
    deliver()

    [request] = receiver.requests
    body = json.loads(request.body)
    assert body.keys() == {"type", "timestamp", "sequence", "data"}
    assert (body["type"], body["sequence"], body["data"]) == ("campaign.live", 1, {"campaign": "1"})
    assert dt.datetime.fromisoformat(body["timestamp"]) - event.created_at < SECOND
    assert len(request.body) < 20_000
    assert request.headers["content-type"] == "application/json"


def test_the_sample_of_the_manual_reads_a_delivery(endpoint, receiver, cause, deliver, monkeypatch):
    monkeypatch.setenv("MOMENTS_WEBHOOK_SECRET", endpoint.secret)
    sample = re.search(r"```python\n(.*?)```", (ROOT / "docs/webhooks.md").read_text(), re.S)[1]
    cause()
    deliver()

    made: dict = {}
    exec(sample, made)  # noqa: S102 - our own manual
    [request] = receiver.requests
    assert made["receive"](request.body, request.headers)["type"] == "campaign.live"
    with pytest.raises(WebhookVerificationError):
        made["receive"](request.body + b" ", request.headers)


def test_another_secret_does_not_verify(endpoint, receiver, cause, deliver, organization, now):
    _other, secret = create_endpoint(organization, url="https://example.com/", by=None, now=now)
    WebhookEndpoint.objects.filter(url="https://example.com/").delete()
    cause()
    deliver()

    with pytest.raises(WebhookVerificationError):
        verified(receiver.requests[0], secret)


def test_both_secrets_sign_for_a_day_after_a_roll_then_the_new_one_alone(
    endpoint, receiver, cause, deliver, member, now
):
    fresh = roll_secret(endpoint, by=member, now=now)
    cause(1)
    deliver()
    cause(2)
    WebhookEndpoint.objects.update(former_secret_expires_at=now)  # a day has passed
    deliver()

    first, second = receiver.requests
    assert verified(first, endpoint.secret) == verified(first, fresh)
    assert verified(second, fresh)
    with pytest.raises(WebhookVerificationError):
        verified(second, endpoint.secret)


# When it is tried again


def test_attempts_follow_the_schedule_and_then_end(endpoint, receiver, cause, now):
    receiver.status = 500
    cause()
    at, waited = now, []
    while True:
        assert deliver_due(now=at) == 1
        found = delivery()
        if found.status != Status.PENDING:
            break
        assert deliver_due(now=found.due_at - SECOND) == 0
        waited.append(found.due_at - at)
        at = found.due_at + dt.timedelta(milliseconds=1)

    assert found.status == Status.FAILED and found.attempts == 8
    for delay, planned in zip(waited, schedule.RETRY_AFTER, strict=True):
        assert 0.89 * planned < delay < 1.11 * planned + SECOND
    assert len({request.id for request in receiver.requests}) == 1 and len(receiver.requests) == 8
    assert WebhookAttempt.objects.filter(response_status=500).count() == 8


def test_a_receiver_that_works_again_gets_the_event_under_the_same_id(endpoint, receiver, cause, deliver):
    receiver.status = 503
    cause()
    deliver()
    receiver.status = 204
    receiver.body = b""
    deliver(10 * SECOND)

    first, second = receiver.requests
    assert first.id == second.id and first.body == second.body
    assert (delivery().status, delivery().attempts) == (Status.DELIVERED, 2)
    endpoint.refresh_from_db()
    assert endpoint.failing_since is None


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure_and_is_not_followed(endpoint, receiver, cause, deliver, status):
    with sink() as elsewhere:
        receiver.status, receiver.headers = status, {"Location": elsewhere.url}
        cause()
        deliver()

        assert elsewhere.connections == 0
    assert delivery().status == Status.PENDING and "redirects are not followed" in delivery().last_error


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("7200", 2 * HOUR, 2 * HOUR + SECOND),
        ("0", 4 * SECOND, 6 * SECOND),
        ("9" * 30, 24 * HOUR, 24 * HOUR + SECOND),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 4 * SECOND, 6 * SECOND),
        ("soon", 4 * SECOND, 6 * SECOND),
        ("-5", 4 * SECOND, 6 * SECOND),
    ],
)
def test_retry_after_delays_the_next_attempt_by_a_day_at_most(
    endpoint, receiver, cause, deliver, now, header, least, most
):
    receiver.status, receiver.headers = 429, {"Retry-After": header}
    cause()
    deliver()

    assert least <= delivery().due_at - now <= most


def test_a_closed_port_is_a_failure(endpoint, receiver, cause, deliver):
    receiver.end()
    cause()
    deliver()

    attempt = WebhookAttempt.objects.get()
    assert attempt.response_status is None and attempt.error == "No connection could be established."


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1"])
def test_an_endpoint_that_leads_inward_when_it_is_called_gets_no_byte(
    endpoint, receiver, cause, deliver, settings, host
):
    """Such as a name that pointed elsewhere when it was added."""
    WebhookEndpoint.objects.update(url=f"http://{host}:{receiver.port}/")
    settings.WEBHOOK_LOOPBACK = False
    cause()
    deliver()

    assert receiver.connections == 0
    assert delivery().last_error == "The host does not resolve to public addresses only."


# Receivers that hang


@pytest.mark.slow
def test_fifty_receivers_that_hang_do_not_delay_another(organization, endpoint, receiver, cause, now, monkeypatch):
    monkeypatch.setattr(transport, "ANSWER_SECONDS", 3.0)
    with sink(hangs=True) as hanging:
        for number in range(50):
            create_endpoint(organization, url=f"{hanging.url}/{number}", by=None, now=now)
        events = 20
        for number in range(events):
            cause(number)

        seconds = seconds_until(lambda: len(receiver.requests) == events, now)

        assert len(hanging.requests) == 50  # all of them hold a request meanwhile
    assert seconds < 2.5


@pytest.mark.slow
def test_control_with_one_thread_a_receiver_that_hangs_delays_another(
    organization, endpoint, receiver, cause, now, monkeypatch
):
    monkeypatch.setattr(transport, "ANSWER_SECONDS", 1.5)
    monkeypatch.setattr(courier, "MOST_THREADS", 1)
    with sink(hangs=True) as hanging:
        create_endpoint(organization, url=hanging.url, by=None, now=now)
        monkeypatch.setattr(random, "shuffle", lambda due: due.sort(key=lambda pk: pk == endpoint.pk))
        cause()

        assert seconds_until(lambda: len(receiver.requests) == 1, now) > 1.4


def seconds_until(is_true, now) -> float:
    """How long a courier takes; what still hangs is left to its threads."""
    working, began = courier.Courier(), time.monotonic()
    while not is_true():
        passed = time.monotonic() - began
        assert passed < 20
        if not working.turn(now=now + dt.timedelta(seconds=passed)):
            working.wait(0.02)
    found = time.monotonic() - began
    working.stop()
    while working.lanes:
        working.wait(0.2)
        working.turn(now=now)
    return found


@pytest.mark.slow
def test_an_answer_that_drips_is_cut_off(endpoint, receiver, cause, deliver, monkeypatch):
    monkeypatch.setattr(transport, "ANSWER_SECONDS", 0.3)
    receiver.hangs = True
    cause()
    began = time.monotonic()
    deliver()

    assert time.monotonic() - began < 2
    assert delivery().last_error == "No complete response within 0.3 seconds."


@pytest.mark.parametrize("length", [2_000, 100_000])
def test_only_the_beginning_of_a_response_is_kept(endpoint, receiver, cause, deliver, length):
    receiver.body = b"x" * length
    cause(1)
    cause(2)
    deliver()

    assert set(WebhookDelivery.objects.values_list("status", flat=True)) == {Status.DELIVERED}
    assert {len(body) for body in WebhookAttempt.objects.values_list("response_body", flat=True)} == {2_000}


# Rows are the truth


def test_the_delivery_of_a_dead_worker_is_repeated_under_the_same_id(endpoint, receiver, cause, deliver, now):
    """It was sent, and its worker was killed before it could write that down."""
    cause()
    dispatch_events(now=now)
    dead = courier.Courier()
    [claimed] = claim({endpoint.pk: 1}, now=now)
    bodies = courier.bodies_of([claimed.event])
    dead.attempt(claimed, bodies, [endpoint.secret], now)

    assert deliver() == 0  # the lease is not over
    assert deliver(LEASE + SECOND) == 1

    assert [request.id for request in receiver.requests] == [receiver.requests[0].id] * 2
    assert delivery().status == Status.DELIVERED


def test_two_couriers_send_each_event_once(endpoint, receiver, cause, now):
    for number in range(40):
        cause(number)
    one, other = courier.Courier(), courier.Courier()
    for _turn in range(400):
        if not one.turn(now=now) | other.turn(now=now) and not one.lanes + other.lanes:
            break
        one.wait(0.005)

    assert len(receiver.requests) == len({request.id for request in receiver.requests}) == 40


def test_a_failure_that_is_reported_after_the_lease_changes_nothing(endpoint, receiver, cause, deliver, now):
    cause()
    dispatch_events(now=now)
    [late] = claim({endpoint.pk: 1}, now=now)
    deliver(LEASE + SECOND)
    failed = courier.Outcome(late, endpoint.url, now, transport.Answer(500, "It answered 500.", "", 1))
    courier.record_outcomes([failed], now=now)

    assert (delivery().status, delivery().attempts) == (Status.DELIVERED, 1)


def test_an_event_that_commits_late_gets_the_next_number(endpoint, receiver, cause, deliver):
    """Its id is lower than that of an event that was delivered before."""
    early, late = cause("committed first"), cause("committed last")
    Event.objects.filter(pk=late.pk).update(id=early.pk - 1)  # as if it had taken its id first
    hidden = Event.objects.get(pk=early.pk - 1)
    hidden.delete()
    deliver()
    hidden.save(force_insert=True)
    deliver()

    found = [json.loads(request.body) for request in receiver.requests]
    assert [(body["sequence"], body["data"]["campaign"]) for body in found] == [
        (1, "committed first"),
        (2, "committed last"),
    ]


def test_sequences_of_organizations_are_apart(endpoint, cause, deliver, now):
    other = make.member().organization
    Event.objects.create(organization=other, type="campaign.live")
    cause()
    deliver()

    assert list(Event.objects.values_list("sequence", flat=True)) == [1, 1]


def test_an_event_that_cannot_be_rendered_holds_up_no_other(endpoint, receiver, cause, deliver, organization, now):
    Event.objects.create(organization=organization, type="campaign.live", payload={"campaign": "x" * 20_000})
    cause("small")
    deliver()

    assert [json.loads(request.body)["data"]["campaign"] for request in receiver.requests] == ["small"]
    assert WebhookDelivery.objects.get(event__sequence=1).last_error == courier.NOT_RENDERED


@pytest.mark.slow
def test_deliveries_per_second(organization, cause, now, numbers):
    """To a receiver in a process of its own. The goal is 500 on two quiet cores."""
    count = size(200, 3000)
    command = [sys.executable, "-m", "tests.harness.webhook_sink"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as receiving:
        port = receiving.stdout.readline().strip()
        create_endpoint(organization, url=f"http://127.0.0.1:{port}/", by=None, now=now)
        Event.objects.bulk_create(
            Event(organization=organization, type="campaign.live", payload={"campaign": str(number)})
            for number in range(count)
        )
        began, used = time.monotonic(), time.process_time()
        assert deliver_due(now=now) == count
        seconds, used = time.monotonic() - began, time.process_time() - used
        received = receiving.communicate("")[0].split()

    assert received[:2] == [str(count), str(count)]
    assert not WebhookDelivery.objects.exclude(status=Status.DELIVERED).exists()
    numbers("webhooks", deliveries=count, per_second=round(count / seconds), per_core_second=round(count / used))


def test_senders_use_no_connection_to_the_database(endpoint, receiver, cause, deliver):
    """There may be more of them than PostgreSQL has room for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        before = cursor.fetchone()
    for number in range(10):
        cause(number)
    deliver()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        assert cursor.fetchone() == before
