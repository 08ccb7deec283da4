"""Redis is wiped and workers are killed while webhooks go out: each event arrives, under one id."""

import collections
import json
import time

import pytest
import redis
from standardwebhooks import Webhook

from tests.crash.test_broker import socket_of
from tests.crash.test_kills import CHEAP, SEED, connect
from tests.harness.http import App
from tests.harness.issuers import Issuers
from tests.harness.numbers import FULL, size
from tests.harness.processes import Family
from tests.harness.webhook_sink import sink

pytestmark = [pytest.mark.xdist_group("crash"), pytest.mark.timeout(1500)]


def test_a_wiped_redis_and_killed_workers_lose_no_webhook(stack, tmp_path, numbers):
    count, harms = size(60, 2000), size(2, 10)
    made = stack.make_campaign(*CHEAP)
    client, family = redis.Redis(unix_socket_path=socket_of(stack)), Family(stack)
    with sink() as receiver:
        done = stack.manage(
            "make_webhook_endpoint",
            *("--organization", str(made["organizationId"]), "--url", receiver.url, "--events", "reward.issued"),
        )
        endpoint = json.loads(done.stdout)
        issuers = Issuers(App(stack.port, made), count, seed=SEED, folder=tmp_path).start()
        for harm in range(1, harms + 1):
            while len(receiver.requests) < count * harm // (harms + 2) and issuers.done < count:
                time.sleep(0.02)
            client.flushall()
            family.kill("worker")
        issuers.wait(600)
        waited = until_delivered(stack, endpoint["id"], count)
        times = collections.Counter(request.id for request in receiver.requests)
        verify = Webhook(endpoint["secret"]).verify
        rewards = {verify(request.body, request.headers)["data"]["reward"] for request in receiver.requests}

    assert rewards == set(issuers.acknowledged.values())
    assert len(times) == count
    twice = sum(times.values()) - len(times)
    assert twice <= 100 * harms  # what two threads had under way when their worker died
    numbers(
        *("webhooks, Redis wiped and workers killed",),
        **{"events": count, "wipes": harms, "kills": harms, "ids": len(times), "twice": twice, "lost": 0},
        last_after=f"{waited:.0f} s",
    )


def until_delivered(stack, endpoint: str, count: int) -> float:
    began = time.monotonic()
    left = "SELECT count(*) FROM outbox_webhookdelivery WHERE endpoint_id = %s AND status = 'delivered'"
    while True:
        with connect(stack) as database:
            if not FULL:  # the leases of dead workers end at once
                database.execute("UPDATE outbox_webhookdelivery SET due_at = now() WHERE status = 'pending'")
            if database.execute(left, [endpoint]).fetchone()[0] == count:
                return time.monotonic() - began
        assert time.monotonic() - began < 150, stack.log.read_text()[-2000:]
        time.sleep(1)
