"""A receiver on loopback, and an endpoint that points at it."""

import pytest

from outbox.service import record_event
from outbox.webhooks.courier import deliver_due
from outbox.webhooks.endpoints import create_endpoint
from tests.harness.webhook_sink import sink


@pytest.fixture(autouse=True)
def loopback(settings):
    settings.WEBHOOK_LOOPBACK = True


@pytest.fixture
def receiver():
    with sink() as started:
        yield started


@pytest.fixture
def organization(member):
    return member.organization


@pytest.fixture
def endpoint(organization, receiver, now):
    """With ``.secret``, which is shown once."""
    made, secret = create_endpoint(organization, url=receiver.url, by=None, now=now)
    made.secret = secret
    return made


@pytest.fixture
def cause(organization, now):
    """Record an event."""
    return lambda number=1, type="campaign.live": record_event(organization, type, {"campaign": str(number)}, now=now)


@pytest.fixture
def deliver(now):
    """Deliver what is due, as if it were later."""

    def act(later=None):
        return deliver_due(now=now + later if later else now)

    return act
