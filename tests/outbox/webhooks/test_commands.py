"""The commands of webhooks."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from outbox.models import WebhookEndpoint
from outbox.webhooks.endpoints import live_secrets


def made(**options) -> str:
    out = io.StringIO()
    call_command("make_webhook_endpoint", stdout=out, **options)
    return out.getvalue()


def test_an_endpoint_is_made_and_its_id_and_secret_are_printed(organization, now):
    found = json.loads(made(organization=str(organization.pk), url="http://127.0.0.1:9/", events=" reward.voided,"))

    endpoint = WebhookEndpoint.objects.get()
    assert found == {"id": str(endpoint.pk), "secret": live_secrets(endpoint, now=now)[0]}
    assert endpoint.event_types == ["reward.voided"] and endpoint.organization == organization


@pytest.mark.parametrize(
    "changes", [{"organization": "0"}, {"organization": "x"}, {"url": "http://example.com/"}, {"events": "lost"}]
)
def test_a_bad_option_is_refused_in_words(organization, changes):
    given = {"organization": str(organization.pk), "url": "https://example.com/", **changes}
    with pytest.raises(CommandError, match=r"\.$"):
        made(**given)

    assert not WebhookEndpoint.objects.exists()


def test_due_deliveries_are_made_by_hand(endpoint, receiver, cause):
    cause()
    out = io.StringIO()
    call_command("deliver_webhooks", stdout=out)

    assert out.getvalue() == "1 attempts made.\n" and len(receiver.requests) == 1
