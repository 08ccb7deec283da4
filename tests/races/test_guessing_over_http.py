"""Somebody guesses links as fast as the server answers, while whoever holds a reward opens it from the same network."""

import secrets
import threading
import time
from collections import Counter

import pytest

from tests.harness.http import App, call
from tests.harness.numbers import size

pytestmark = [pytest.mark.xdist_group("races"), pytest.mark.timeout(1500)]
GUESSERS = 32


def test_guesses_hit_nothing_are_told_to_wait_and_keep_nobody_out(stack, numbers):
    app, each = App(stack.port, stack.make_campaign()), size(8, 6_250)
    links = [app.call().json["rewardNotificationUrl"] for _number in range(20)]
    paths = [link[link.index("/r/") :] for link in links]
    found: Counter[int] = Counter()
    opened: list[tuple[int, float]] = []
    guessing = threading.Event()

    def guess() -> None:
        mine: Counter[int] = Counter()
        for _number in range(each):
            mine[call(stack.port, "GET", f"/r/{secrets.token_urlsafe(24)}/").status] += 1
        found.update(mine)

    def open_theirs() -> None:
        while not guessing.is_set():
            for path in paths:
                before = time.monotonic()
                opened.append((call(stack.port, "GET", path).status, time.monotonic() - before))

    guessers = [threading.Thread(target=guess) for _number in range(GUESSERS)]
    holder = threading.Thread(target=open_theirs)
    began = time.monotonic()
    for thread in (*guessers, holder):
        thread.start()
    for thread in guessers:
        thread.join()
    seconds = time.monotonic() - began
    guessing.set()
    holder.join()

    guesses = GUESSERS * each
    assert sum(found.values()) == guesses and set(found) == {404, 429}
    assert found[404] <= 60 * (seconds // 60 + 2)
    assert {status for status, _seconds in opened} == {303}
    slowest = sorted(spent for _status, spent in opened)[int(len(opened) * 0.95)]
    numbers(
        "guessed links",
        guesses=guesses,
        hits=found[303],
        told_to_wait=found[429],
        a_second=round(guesses / seconds),
        opened_meanwhile=len(opened),
        p95_of_opening=f"{slowest * 1000:.0f} ms",
    )
