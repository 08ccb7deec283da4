"""Caps, limits and keys under hundreds of calls at once, over HTTP, with PostgreSQL 10 ms away."""

import pathlib
import threading
import time
from collections import Counter

import pytest

from tests.harness.crowd import together
from tests.harness.http import App, outcome
from tests.harness.locks import behind, wait_for_waiters
from tests.harness.numbers import size

pytestmark = [pytest.mark.xdist_group("races"), pytest.mark.timeout(900)]
CROWD = 64
ISSUE = (pathlib.Path(__file__).parents[2] / "rewards" / "database.sql").read_text()


def spent(database, app: App) -> tuple[int, int]:
    """Rewards and cents of a campaign, from the rewards themselves."""
    return database.execute(
        "SELECT count(*), coalesce(sum(charge_cents), 0)::bigint FROM rewards_reward WHERE campaign_id = %s",
        [app.made["campaignId"]],
    ).fetchone()


def test_the_months_cap_holds_to_the_cent(stack, database, books_agree, numbers):
    calls, fit = size(100, 500), size(37, 137)
    app = App(stack.port, stack.make_campaign("--monthly-limit", f"{fit * 27.5:.2f}"))
    began = time.monotonic()

    found = Counter(map(outcome, together(calls, lambda _number: app.insist())))

    seconds = time.monotonic() - began
    assert found == {"ok": fit, "campaign_month_cap_reached": calls - fit}
    assert spent(database, app) == (fit, fit * 2750)
    books_agree()
    numbers(
        "month cap of a campaign",
        calls=calls,
        issued=fit,
        charged=f"${fit * 27.5:,.2f}",
        refused=calls - fit,
        seconds=f"{seconds:.1f}",
    )


def test_the_organizations_cap_holds_over_four_campaigns(stack, database, books_agree, numbers):
    """Four campaigns that may spend $5,000 each, an organization that may spend $15,000 (in small: a tenth)."""
    share = size(10, 1)
    first = stack.make_campaign()
    made = [first, *(stack.make_campaign("--organization", str(first["organizationId"])) for _number in range(3))]
    apps = [App(stack.port, one) for one in made]
    if share > 1:
        database.execute(
            "UPDATE accounts_organization SET monthly_limit_cents = monthly_limit_cents / %s WHERE id = %s",
            [share, first["organizationId"]],
        )
    calls, fit = 4 * 181 // share + 8, 1_500_000 // share // 2750

    found = Counter(
        outcome(answer)
        for begin in range(0, calls, 128)
        for answer in together(min(128, calls - begin), lambda number: apps[number % 4].insist())
    )

    assert found.pop("ok") == fit
    assert set(found) == {"organization_month_cap_reached"}
    assert sum(spent(database, app)[1] for app in apps) == fit * 2750 <= 1_500_000 // share
    books_agree()
    deadlocks = database.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = 'moments'").fetchone()[0]
    assert deadlocks == 0
    numbers("cap of an organization", calls=calls, issued=fit, charged=f"${fit * 27.5:,.2f}", deadlocks=deadlocks)


def test_control_without_the_condition_and_the_check_the_cap_is_passed(stack, database, numbers):
    """The same calls against an issue that does not look at the limit."""
    guard = "WHERE counter.spent_cents + charge_cents <= counter.limit_cents"
    app = App(stack.port, stack.make_campaign("--monthly-limit", "275.00"))
    check = "campaign_month_within_limit"
    assert ISSUE.count(guard) == 2
    definition = database.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [check]
    ).fetchone()[0]
    database.execute(f"ALTER TABLE campaigns_campaignmonth DROP CONSTRAINT {check}")
    database.execute(ISSUE.replace(guard, "", 1).encode())
    try:
        found = Counter(map(outcome, together(CROWD, lambda _number: app.call())))
    finally:
        database.execute(ISSUE.encode())
        database.execute("UPDATE campaigns_campaignmonth SET limit_cents = greatest(limit_cents, spent_cents)")
        database.execute(f"ALTER TABLE campaigns_campaignmonth ADD CONSTRAINT {check} {definition}")

    assert found["ok"] > 10
    numbers("control: cap without its guard", calls=CROWD, fit=10, issued=found["ok"])


def test_one_key_is_one_reward_and_another_body_is_refused(stack, database, books_agree, numbers):
    app = App(stack.port, stack.make_campaign())

    answers = together(CROWD, lambda _number: app.insist(idempotencyKey="k-1", userId="ada"))

    bodies = {(answer.status, answer.json["rewardId"], answer.json["rewardNotificationUrl"]) for answer in answers}
    assert len(bodies) == 1 and bodies.pop()[0] == 200
    assert spent(database, app) == (1, 2750)
    others = Counter(
        answer.status
        for answer in together(CROWD, lambda number: app.insist(idempotencyKey="k-1", userId=f"u{number}"))
    )
    assert others == {422: CROWD}
    assert app.call(idempotencyKey="x" * 256).status == 400
    assert app.call(idempotencyKey="k-1", userId="ada").json["rewardId"] == answers[0].json["rewardId"]
    assert spent(database, app) == (1, 2750)
    books_agree()
    numbers("one idempotency key", calls=CROWD, rewards=1, other_bodies_refused=CROWD)


def test_one_user_gets_exactly_the_limit(stack, database, books_agree, numbers):
    app = App(stack.port, stack.make_campaign("--user-limit", "3"))

    found = Counter(map(outcome, together(CROWD, lambda _number: app.insist(userId="ada"))))

    assert found == {"ok": 3, "user_limit_reached": CROWD - 3}
    assert spent(database, app)[0] == 3
    books_agree()
    numbers("rewards of one user", calls=CROWD, issued=3, limit=3)


def test_control_without_the_unique_slot_the_limit_is_passed(stack, database, numbers):
    app = App(stack.port, stack.make_campaign("--user-limit", "3"))
    database.execute("ALTER TABLE rewards_reward DROP CONSTRAINT reward_user_slot_once")

    def hold(held: threading.Event) -> None:
        with database.transaction(), database.cursor() as cursor:
            campaign = [app.made["campaignId"]]
            cursor.execute("SELECT FROM campaigns_campaign WHERE id = %s FOR NO KEY UPDATE", campaign)
            held.set()
            wait_for_waiters(cursor, 4)

    def issued_to(user: str) -> int:
        before = spent(database, app)[0]
        together(CROWD, behind(hold, lambda _number: app.call(userId=user)))
        return spent(database, app)[0] - before

    try:
        users = (f"ada-{number}" for number in range(10))  # of those that wait, some may be turned away in time
        issued = next((number for number in map(issued_to, users) if number > 3), 0)
    finally:
        database.execute("UPDATE rewards_reward SET app_user_id = NULL, user_slot = NULL")
        database.execute(
            "ALTER TABLE rewards_reward ADD CONSTRAINT reward_user_slot_once UNIQUE (moment_id, app_user_id, user_slot)"
        )

    assert issued > 3
    numbers("control: user's limit without its key", calls=CROWD, issued=issued, limit=3)


def test_a_burst_is_held_within_a_minute(stack, database, numbers):
    """More than the floor of 200 in five minutes (in small: of 20), by a campaign whose brake is on."""
    floor = size(20, 200)
    made = stack.make_campaign("--brake", "on", "--monthly-limit", "50000", "--total-budget", "500000", "--cpa", "10")
    database.execute(
        "UPDATE accounts_organization SET monthly_limit_cents = 50000000 WHERE id = %s", [made["organizationId"]]
    )
    database.execute("UPDATE campaigns_campaign SET brake_floor = %s WHERE id = %s", [floor, made["campaignId"]])
    app = App(stack.port, made)
    for _round in range(3):
        answers = together(floor // 3 + 1, lambda _number: app.insist())
        assert {outcome(answer) for answer in answers} == {"ok"}
    passed = time.monotonic()

    while outcome(app.insist()) == "ok":
        assert time.monotonic() - passed < 60
        time.sleep(0.5)

    seconds = time.monotonic() - passed
    assert outcome(app.insist()) == "held_for_review"
    numbers("runaway brake", floor=floor, burst=floor // 3 * 3 + 3, held_after=f"{seconds:.1f} s")
