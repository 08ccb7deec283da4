"""A pool of threads: in order, so many at once, and whoever waits too long is turned away."""

import asyncio
import threading
import time
from contextvars import ContextVar

import pytest

from moments.server.threads import Pool, TooBusy

of_request: ContextVar[str] = ContextVar("of_request", default="")


@pytest.fixture
def pool():
    made = []

    def make(count: int = 1, *, patience: float = 30.0) -> Pool:
        made.append(Pool("test", count, patience=patience))
        return made[-1]

    yield make
    for each in made:
        each.end(1.0)


def run_all(found: Pool, *acts) -> list:
    async def every():
        return await asyncio.gather(*(found.run(act) for act in acts), return_exceptions=True)

    return asyncio.run(every())


def test_one_thread_works_in_the_order_in_which_it_came(pool):
    done = []

    assert run_all(pool(), *(lambda number=number: done.append(number) for number in range(20))) == [None] * 20
    assert done == list(range(20))


def test_two_threads_work_at_once_and_one_does_not(pool):
    meeting = threading.Barrier(2, timeout=20)

    assert run_all(pool(2), meeting.wait, meeting.wait) == [None, None]

    lonely = threading.Barrier(2, timeout=0.1)
    run_all(pool(1), lonely.wait, lonely.wait)
    assert lonely.broken


def test_what_fails_is_logged_and_the_thread_goes_on(pool, caplog):
    done = []

    def fail() -> None:
        raise RuntimeError("of the view")

    assert run_all(pool(), fail, lambda: done.append(1)) == [None, None]
    assert done == [1] and "A request failed outside of Django" in caplog.text


def test_nothing_of_a_request_is_left_for_the_next(pool):
    seen = []

    def act() -> None:
        seen.append(of_request.get())
        of_request.set("mine")

    run_all(pool(), act, act)

    assert seen == ["", ""]


def test_whoever_waits_too_long_is_turned_away_and_nothing_was_begun(pool):
    done, free = [], threading.Event()

    def hold() -> None:
        free.wait(20)
        done.append("held")

    async def crowd() -> list:
        found = pool(patience=0.05)
        tasks = [asyncio.create_task(found.run(hold)), asyncio.create_task(found.run(lambda: done.append("late")))]
        late = (await asyncio.gather(tasks[1], return_exceptions=True))[0]
        free.set()
        return [await tasks[0], late]

    first, late = asyncio.run(crowd())

    assert first is None and isinstance(late, TooBusy)
    assert done == ["held"]


def test_what_is_being_worked_on_may_end_and_no_more_is_taken(pool):
    found, done = pool(), []
    asyncio.run(found.run(lambda: (time.sleep(0.01), done.append(1))))

    found.end(5.0)

    assert done == [1] and not any(thread.is_alive() for thread in found.threads)
