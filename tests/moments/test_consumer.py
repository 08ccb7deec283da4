"""A worker that loses its broker with messages in hand goes on."""

import uuid
from types import SimpleNamespace

import pytest
from celery.worker import consumer
from kombu.message import Message
from kombu.simple import SimpleQueue
from redis.exceptions import ConnectionError as BrokerGone

from moments.celery import app
from moments.consumer import Consumer
from tests.harness.relay import Relay

pytestmark = pytest.mark.filterwarnings("ignore::celery.exceptions.CPendingDeprecationWarning")


@pytest.fixture
def relay(settings):
    made = Relay(settings.REDIS_URL.removeprefix("unix://").partition("?")[0])
    yield made
    made.end()


@pytest.fixture
def in_hand():
    """Messages that are forgotten in the end: each channel would return its own when this process ends."""
    messages: list[Message] = []
    yield messages
    for message in messages:
        message.channel.do_restore = False


def lose_the_broker(relay: Relay, in_hand: list[Message], kind: type[consumer.Consumer]) -> consumer.Consumer:
    """A consumer of this kind, up to the loss: two channels wait, each with a message that is not acknowledged."""
    found = kind.__new__(kind)
    found.app, found.hub, found.prefetch_multiplier, found.initial_prefetch_count = app, None, 1, 4
    found.qos_global, found.pool = False, SimpleNamespace(num_processes=4)
    found.connection = app.connection_for_read(f"redis://127.0.0.1:{relay.port}/0")
    for channel in (found.connection.default_channel, found.connection.channel()):
        queue = SimpleQueue(channel, f"in-hand-{uuid.uuid4().hex}")
        queue.put({})
        in_hand.append(queue.get(timeout=10))
        with pytest.raises(queue.Empty):
            queue.get(timeout=0.1)
    relay.tell("drop")
    return found


def test_messages_in_hand_do_not_end_the_worker(relay, in_hand):
    found = lose_the_broker(relay, in_hand, Consumer)

    found.on_connection_error_after_connected(BrokerGone("Connection closed by server."))

    assert found.connection is None
    for message in in_hand:
        message.ack()


def test_control_celerys_own_consumer_ends_it(relay, in_hand):
    found = lose_the_broker(relay, in_hand, consumer.Consumer)

    with pytest.raises(AttributeError, match="hostname"):
        found.on_connection_error_after_connected(BrokerGone("Connection closed by server."))
    for message in in_hand:
        with pytest.raises((AttributeError, BrokerGone)):
            message.ack()
