"""A running Moments, started by the launcher, that may be killed piece by piece; and a receiver of its mail."""

import pytest

from tests.harness.smtp_sink import Sink
from tests.stack import Stack


@pytest.fixture(scope="package")
def sink():
    started = Sink().start()
    yield started
    started.stop()


@pytest.fixture(scope="package")
def stack(sink):
    environment = {"MOMENTS_DEMO": "0", "MOMENTS_API_RATE": "100000/s", "MOMENTS_WEBHOOK_LOOPBACK": "1"}
    running = Stack(**environment, SMTP_URL=sink.url).start()
    yield running
    running.end()
    running.remove()
