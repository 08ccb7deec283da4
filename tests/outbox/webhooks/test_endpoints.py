"""Endpoints: what may be one, who is asked to change it, and when it is disabled."""

import base64
import datetime as dt

import pytest

from accounts.models import AuditEntry, Member
from moments.errors import Conflict, RuleViolation
from moments.registry import events
from outbox.emails.rendering import render_mail
from outbox.kinds import OPT_IN_EVENTS, PING
from outbox.models import Event, Mail, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from outbox.webhooks import endpoints as service
from outbox.webhooks.courier import NOT_RENDERED
from outbox.webhooks.endpoints import (
    create_endpoint,
    disable_endpoint,
    enable_endpoint,
    is_wanted,
    live_secrets,
    roll_secret,
    send_test_event,
)
from outbox.webhooks.retention import forget_old_attempts
from tests import make
from tests.moments.integrations.test_public_addresses import SPELLINGS

DAY = dt.timedelta(days=1)


# What may be one


@pytest.mark.parametrize("host", [host for host in SPELLINGS if host.isascii() and host != "localhost."])
def test_a_literal_address_of_this_network_is_refused_when_it_is_added(organization, settings, now, host):
    settings.WEBHOOK_LOOPBACK = False
    with pytest.raises(RuleViolation) as refused:
        create_endpoint(organization, url=f"https://{host}/x", by=None, now=now)

    assert refused.value.field == "url" and not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.com", "http://example.com/", "ftp://example.com/", "https://", "https:///path", "https://[::1"),
        *("https://example.com:port/", "https://ada:secret@example.com/", "https://ada@example.com/"),
        *("https://example.com/#part", "https://exam ple.com/", "https://example.com/\x00", "https://exämple.com/"),
        "https://example.com/" + "x" * 500,
    ],
)
def test_a_url_that_cannot_be_called_is_refused(organization, now, url):
    with pytest.raises(RuleViolation) as refused:
        create_endpoint(organization, url=url, by=None, now=now)

    assert refused.value.field == "url" and not WebhookEndpoint.objects.exists()


def test_loopback_needs_the_setting(organization, settings, now):
    for url in ("http://localhost:9/", "http://127.0.0.1:9/", "https://[::1]/"):
        settings.WEBHOOK_LOOPBACK = False
        with pytest.raises(RuleViolation):
            create_endpoint(organization, url=url, by=None, now=now)
        settings.WEBHOOK_LOOPBACK = True
        create_endpoint(organization, url=url, by=None, now=now)


def test_an_unknown_event_is_refused(organization, now):
    with pytest.raises(RuleViolation, match="“campaign.lively” is not an event"):
        create_endpoint(organization, url="https://example.com", event_types=["campaign.lively"], by=None, now=now)

    assert not WebhookEndpoint.objects.exists()


def test_a_member_can_add_only_so_many(member, now, monkeypatch):
    monkeypatch.setattr(service, "MOST_ENDPOINTS", 1)
    create_endpoint(member.organization, url="https://example.com", by=member, now=now)
    with pytest.raises(RuleViolation, match="at most 1 endpoints"):
        create_endpoint(member.organization, url="https://example.com", by=member, now=now)

    assert WebhookEndpoint.objects.count() == 1


def test_analysts_change_nothing(endpoint, organization, now):
    analyst = make.member(Member.Role.ANALYST, organization=organization)
    before = WebhookEndpoint.objects.values().get()
    for act in (
        lambda: create_endpoint(organization, url="https://example.com", by=analyst, now=now),
        lambda: roll_secret(endpoint, by=analyst, now=now),
        lambda: disable_endpoint(endpoint, by=analyst, now=now),
        lambda: enable_endpoint(endpoint, by=analyst, now=now),
        lambda: send_test_event(endpoint, by=analyst, now=now),
    ):
        with pytest.raises(RuleViolation, match="analyst"):
            act()

    assert WebhookEndpoint.objects.values().get() == before and not Event.objects.exists()


# Secrets


def test_a_secret_is_standard_base64_and_is_stored_sealed(endpoint, now):
    assert endpoint.secret.startswith("whsec_")
    assert len(base64.b64decode(endpoint.secret.removeprefix("whsec_"), validate=True)) == 32
    assert endpoint.secret[6:] not in str(WebhookEndpoint.objects.values().get())
    assert live_secrets(endpoint, now=now) == [endpoint.secret]


def test_two_secrets_live_while_one_is_rolled_and_never_three(endpoint, member, now):
    second = roll_secret(endpoint, by=member, now=now)
    assert live_secrets(endpoint, now=now + DAY - dt.timedelta(seconds=1)) == [second, endpoint.secret]
    assert live_secrets(endpoint, now=now + DAY) == [second]

    third = roll_secret(endpoint, by=member, now=now)
    assert live_secrets(endpoint, now=now) == [third, second]


def test_a_secret_that_was_sealed_with_a_lost_key_is_rolled(endpoint, receiver, member, cause, deliver, settings, now):
    settings.SECRET_KEY = "another key of at least fifty characters, as Django asks"
    cause()
    deliver()
    failed = WebhookDelivery.objects.get()
    assert (failed.status, failed.last_error, receiver.requests) == ("pending", NOT_RENDERED, [])

    fresh = roll_secret(endpoint, by=member, now=now)
    deliver(dt.timedelta(minutes=1))

    assert live_secrets(endpoint, now=now) == [fresh] and len(receiver.requests) == 1


# Which events


def test_opt_in_events_go_only_where_they_were_chosen(organization, endpoint, now, monkeypatch):
    opt_in = sorted(OPT_IN_EVENTS)[0]
    assert not is_wanted(organization.pk, opt_in) and is_wanted(organization.pk, "campaign.live")
    WebhookEndpoint.objects.update(event_types=[opt_in])
    assert is_wanted(organization.pk, opt_in) and not is_wanted(organization.pk, "campaign.live")
    WebhookEndpoint.objects.update(status="disabled")
    assert not is_wanted(organization.pk, opt_in)


def test_an_endpoint_gets_what_it_chose_and_of_its_own_organization_alone(organization, endpoint, cause, deliver, now):
    chosen, _secret = create_endpoint(organization, url=endpoint.url, event_types=["reward.voided"], by=None, now=now)
    stranger, _secret = create_endpoint(make.member().organization, url=endpoint.url, by=None, now=now)
    for type in (*sorted(OPT_IN_EVENTS & set(events)), "campaign.live", "reward.voided"):
        cause(type=type)
    deliver()

    def got(found) -> set[str]:
        return set(found.deliveries.values_list("event__type", flat=True))

    assert got(endpoint) == {"campaign.live", "reward.voided"}
    assert got(chosen) == {"reward.voided"} and got(stranger) == set()


def test_a_test_event_is_sent_to_its_endpoint_alone(organization, endpoint, receiver, member, deliver, now):
    other, _secret = create_endpoint(organization, url=endpoint.url, event_types=["reward.voided"], by=None, now=now)
    send_test_event(other, by=member, now=now)
    deliver()

    assert WebhookDelivery.objects.get().endpoint == other
    assert [request.body.startswith(b'{"type":"test.ping"') for request in receiver.requests] == [True]


def test_every_type_has_a_sentence():
    assert PING in events
    assert all(str(events[type]).endswith(".") for type in events)


# Disabled


def test_410_disables_and_emails_who_made_it(organization, receiver, member, cause, deliver, now):
    endpoint, _secret = create_endpoint(organization, url=receiver.url, by=member, now=now)
    make.member(Member.Role.ADMIN, organization=organization)
    receiver.status = 410
    cause(1)
    deliver()
    cause(2)
    deliver(DAY)

    endpoint.refresh_from_db()
    assert (endpoint.status, endpoint.disabled_reason) == ("disabled", "gone")
    assert len(receiver.requests) == 1
    assert WebhookDelivery.objects.get().status == "failed"  # and the second event has none
    mail = Mail.objects.get(kind="webhook_disabled")
    assert mail.to_email == member.user.email
    assert "410 Gone" in render_mail(mail).text and endpoint.url in render_mail(mail).text
    assert AuditEntry.objects.filter(event="webhook_disabled", actor=None).count() == 1


def test_five_days_of_nothing_but_failures_disable(endpoint, receiver, cause, deliver):
    receiver.status = 500
    cause(1)
    deliver()
    cause(2)
    deliver(5 * DAY - dt.timedelta(minutes=1))
    endpoint.refresh_from_db()
    assert endpoint.status == "active"

    deliver(5 * DAY + dt.timedelta(hours=1))

    endpoint.refresh_from_db()
    assert (endpoint.status, endpoint.disabled_reason) == ("disabled", "failing")
    assert Mail.objects.filter(kind="webhook_disabled").count() == 1


def test_one_success_in_five_days_keeps_it(endpoint, receiver, cause, deliver):
    receiver.status = 500
    cause(1)
    deliver()
    receiver.status = 200
    deliver(4 * DAY)
    receiver.status = 500
    cause(2)
    deliver(6 * DAY)

    endpoint.refresh_from_db()
    assert endpoint.status == "active" and not Mail.objects.exists()


def test_what_was_pending_fails_when_a_member_disables_it(endpoint, receiver, member, cause, deliver, now):
    receiver.status = 500
    cause(1)
    deliver()
    disable_endpoint(endpoint, by=member, now=now)
    deliver(DAY)

    found = WebhookDelivery.objects.get()
    assert (found.status, found.last_error, len(receiver.requests)) == ("failed", service.NOT_SENT, 1)
    assert not Mail.objects.exists()
    with pytest.raises(RuleViolation):
        send_test_event(endpoint, by=member, now=now)


def test_an_endpoint_that_is_enabled_again_gets_new_events(endpoint, receiver, member, cause, deliver, now):
    disable_endpoint(endpoint, by=member, now=now)
    stale = WebhookEndpoint.objects.get(pk=endpoint.pk)
    enable_endpoint(endpoint, by=member, now=now)
    with pytest.raises(Conflict):
        enable_endpoint(stale, by=member, now=now)
    cause()
    deliver()

    assert len(receiver.requests) == 1


# Retention


def test_the_log_is_deleted_after_30_days_and_what_is_pending_stays(endpoint, receiver, cause, deliver, now):
    cause(1)
    deliver()
    receiver.status = 500
    cause(2)
    deliver()

    forget_old_attempts(now=now + 29 * DAY, batch=10)
    assert WebhookAttempt.objects.count() == 2
    forget_old_attempts(now=now + 31 * DAY, batch=10)
    assert WebhookAttempt.objects.count() == 0
    assert WebhookDelivery.objects.get().status == "pending"
