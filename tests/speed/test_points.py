"""Points at speed: batches of 500 events over many rules and users, and a balance whatever its history is."""

import json
import os
import pathlib
import random
import statistics
import time
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rewards.models import PointAccount
from rewards.points.balances import user_points
from rewards.points.setup.programs import create_program
from rewards.points.setup.tiers import add_tier
from tests import make
from tests.harness.million_points import add_history, add_rules, add_users, analyze
from tests.harness.numbers import FULL, size

USERS = size(5_000, 1_000_000)
RULES = size(100, 1_000)
CALLS = size(2, 10)
LEAST = 2_000  # events that one core, which Django and PostgreSQL share, counts a second
HISTORIES = (10, size(200, 1_000), size(2_000, 100_000))
ROUNDS = size(5, 200)
TIMES = 1.3  # as long as with a short history
pytestmark = [pytest.mark.timeout(1800), pytest.mark.django_db]


@pytest.fixture
def program(now):
    campaign = make.campaign()
    member = campaign.organization.members.get()
    made = create_program(member, name="Stars", time_zone="Europe/Berlin", apps=[campaign.app], now=now)
    for points in (100, 250, 1000):
        add_tier(made, points=points, group=campaign.groups.get(), now=now)
    return made


def batch(number: int, chance: random.Random) -> str:
    """The body of a call: 500 events of different users, half of them purchases in a category."""
    users = chance.sample(range(1, USERS + 1), 500)
    events = []
    for place, user in enumerate(users):
        event = {"event_id": f"{number}-{place}", "user_id": f"user-{user}", "quantity": place % 5}
        if place % 2:
            event |= {"action": "buy", "category": f"category-{place % (RULES // 2)}"}
        else:
            event |= {"action": f"action-{place % (RULES // 2)}"}
        events.append(event)
    return json.dumps({"events": events})


def test_events_per_second(program, client, settings, now, numbers):
    settings.API_RATE = "100000/s"
    app, chance = program.current_apps.get(), random.Random(7)
    headers = {"Authorization": f"Bearer {make.api_key(app)}"}
    add_rules(program, RULES)
    add_users(program, app, USERS, now=now)
    bodies = [batch(number, chance) for number in range(CALLS + 1)]

    took, worked = [], []
    for body in bodies:
        began, busy = time.perf_counter(), processor_time()
        answer = client.post("/api/v1/events", body, content_type="application/json", headers=headers)
        took.append(time.perf_counter() - began)
        worked.append(processor_time() - busy)
        assert {result["status"] for result in answer.json()["results"]} == {"counted"}

    rate, of_work = (round(500 / statistics.median(each[1:])) for each in (took, worked))
    numbers("events in batches of 500", rules=RULES, users=USERS, a_second=rate, a_second_of_one_core=of_work)
    assert not FULL or of_work >= LEAST


def processor_time() -> float:
    """Seconds that this process and its backend in PostgreSQL have worked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = pathlib.Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() + (int(backend[11]) + int(backend[12])) / os.sysconf("SC_CLK_TCK")


def test_a_balance_takes_as_long_whatever_its_history_is(program, now, numbers):
    accounts = [PointAccount(program=program, app_user_id=f"user-{count}", settled_at=now) for count in HISTORIES]
    PointAccount.objects.bulk_create(accounts)
    for account, count in zip(accounts, HISTORIES, strict=True):
        add_history(account.pk, count, now=now)
    analyze()

    looks = [lambda count=count: user_points(program, f"user-{count}", now=now) for count in HISTORIES]
    statements = []
    for look in looks:
        with CaptureQueriesContext(connection) as captured:
            assert look().balance.available > 0
        statements.append(len(captured))
    times = interleaved(looks)

    ratio = round(times[-1] / times[0], 2)
    numbers("balance by history", entries=HISTORIES, ms=[round(one * 1000, 2) for one in times], times=ratio)
    assert len(set(statements)) == 1
    assert not FULL or ratio <= TIMES


def interleaved(looks: list[Callable[[], object]]) -> list[float]:
    """The median of each, taken in turns, so that whatever else the machine does meets all alike."""
    took: list[list[float]] = [[] for _look in looks]
    for _round in range(ROUNDS):
        for place, look in enumerate(looks):
            began = time.perf_counter()
            look()
            took[place].append(time.perf_counter() - began)
    return [statistics.median(each) for each in took]
