"""Everything is killed, again and again, while rewards are issued: what was acknowledged is there, charged once."""

import os
import random
import time

import psycopg
import pytest

from moments.devserver.running import running_servers
from tests.harness.http import App
from tests.harness.issuers import Issuers
from tests.harness.numbers import FULL, size
from tests.harness.processes import Family
from tests.stack import Stack

pytestmark = [pytest.mark.xdist_group("crash"), pytest.mark.timeout(1500)]
KINDS = ["web worker", "web master", "backend", "postmaster", "redis", "worker", "beat"]
CHEAP = ("--cpa", "0.50", "--monthly-limit", "5000")
SEED = int(os.environ.get("MOMENTS_SEED") or random.SystemRandom().randrange(1_000_000))


def connect(stack: Stack) -> psycopg.Connection:
    return psycopg.connect(running_servers(stack.data_dir)["DATABASE_OWNER_URL"], autocommit=True)


def truth(stack: Stack, campaign: str) -> dict[str, dict]:
    """Key → reward of a campaign; and how many ledger lines and events there are for it."""
    with connect(stack) as database:
        rewards = dict(
            database.execute(
                "SELECT idempotency_key, id::text FROM rewards_reward WHERE campaign_id = %s", [campaign]
            ).fetchall()
        )
        ledger = database.execute(
            "SELECT count(*) FROM campaigns_budgetentry WHERE campaign_id = %s", [campaign]
        ).fetchone()[0]
        events = database.execute(
            "SELECT count(*) FROM outbox_event WHERE type = 'reward.issued' AND payload->>'campaign' = %s", [campaign]
        ).fetchone()[0]
    return {"rewards": rewards, "ledger": ledger, "events": events}


def until_it_answers(stack: Stack, seconds: float = 90) -> None:
    import urllib.request

    until = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(stack.url + "/readyz", timeout=5):
                return
        except OSError:
            assert time.monotonic() < until, stack.log.read_text()[-3000:]
            time.sleep(0.2)


def test_nothing_acknowledged_is_lost_and_nothing_is_charged_twice(stack, numbers):
    count, kills = size(300, 10_000), size(4, 44)
    app = App(stack.port, stack.make_campaign(*CHEAP))
    plan = random.Random(SEED)
    kinds = [KINDS[number % len(KINDS)] for number in range(kills)] if FULL else ["backend", "web worker", "redis"]
    kinds += [] if FULL else ["postmaster"]
    plan.shuffle(kinds)
    issuers = Issuers(app, count, seed=SEED, folder=stack.folder).start()
    family, killed = Family(stack), []

    for number, kind in enumerate(kinds, 1):
        while issuers.done < count * number // (kills + 1):
            time.sleep(0.02)
        pick = plan.choice([min, max])
        until = time.monotonic() + 60
        while not family.kill(kind, pick=pick):
            assert time.monotonic() < until, f"no {kind} to kill"
            time.sleep(0.1)
        killed.append(kind)
    seconds = issuers.wait(900)

    until_it_answers(stack)
    found, acknowledged = truth(stack, app.made["campaignId"]), issuers.acknowledged
    assert acknowledged == found["rewards"]
    assert len(acknowledged) == found["ledger"] == found["events"] == count
    assert stack.manage("reconcile").stdout == "The books agree.\n"
    numbers(
        "kills while issuing",
        seed=SEED,
        kills=len(killed),
        acknowledged=len(acknowledged),
        rewards=len(found["rewards"]),
        ledger=found["ledger"],
        events=found["events"],
        calls=sum(issuers.statuses.values()),
        seconds=f"{seconds:.0f}",
    )


def test_control_without_synchronous_commit_what_was_acknowledged_is_lost(stack, numbers):
    """The tables still agree with each other; only the clients' own file tells."""
    with connect(stack) as database:
        database.execute("ALTER SYSTEM SET synchronous_commit = off")
        database.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
        database.execute("SELECT pg_reload_conf()")
    app = App(stack.port, stack.make_campaign(*CHEAP))
    issuers = Issuers(app, 100_000, seed=SEED + 1, folder=stack.folder).start()
    while issuers.done < size(100, 1000):
        time.sleep(0.01)

    assert Family(stack).kill("postmaster")
    issuers.stop()
    until_it_answers(stack)

    with connect(stack) as database:
        database.execute("ALTER SYSTEM RESET ALL")
        database.execute("SELECT pg_reload_conf()")
    found, acknowledged = truth(stack, app.made["campaignId"]), issuers.acknowledged
    lost = set(acknowledged.values()) - set(found["rewards"].values())
    assert lost
    assert stack.manage("reconcile").stdout == "The books agree.\n"
    numbers("control: synchronous commit off", acknowledged=len(acknowledged), lost=len(lost), books="agree")
