"""Bodies of requests are awaited within bounds: of size, of time, and of how many one address may keep waiting."""

import asyncio

import pytest

from moments.server import bodies
from moments.server.bodies import IN_MEMORY, Bodies, Incomplete, TooLarge, TooSlow


class Caller:
    """What granian shows of a request's body: whole when called, in parts when iterated."""

    def __init__(self, *parts: bytes, hangs: bool = False) -> None:
        self.parts, self.hangs = list(parts), hangs

    async def __call__(self) -> bytes:
        if self.hangs:
            await asyncio.Event().wait()
        return b"".join(self.parts)

    async def __aiter__(self):
        for part in self.parts:
            yield part
        if self.hangs:
            await asyncio.Event().wait()


def read(caller: Caller, *, length: int | None, most: int = 10**6) -> bytes:
    found = Bodies(is_trusted=lambda peer: False)
    body = asyncio.run(found.read(caller, "203.0.113.7", length, most))
    assert (found.count, found.waiting) == (0, {})
    return body.read()


def test_a_small_body_is_read_whole():
    assert read(Caller(b"hello"), length=5) == b"hello"


def test_a_body_in_chunks_and_a_large_one_are_read_in_parts():
    large = b"x" * (IN_MEMORY + 1)

    assert read(Caller(b"he", b"llo"), length=None) == b"hello"
    assert read(Caller(large), length=len(large)) == large


def test_an_empty_body_is_not_awaited():
    assert read(Caller(hangs=True), length=0) == b""


@pytest.mark.parametrize("length", [11, None])
def test_a_body_that_is_too_large_is_refused_whether_it_says_so_or_not(length):
    with pytest.raises(TooLarge):
        read(Caller(b"x" * 6, b"x" * 5), length=length, most=10)


@pytest.mark.parametrize("length", [6, IN_MEMORY + 1])
def test_a_caller_who_leaves_early_is_noticed(length):
    with pytest.raises(Incomplete):
        read(Caller(b"hello"), length=length)


@pytest.mark.parametrize("length", [5, None])
def test_a_body_that_does_not_come_is_given_up(monkeypatch, length):
    monkeypatch.setattr(bodies, "GRACE", 0.0)
    monkeypatch.setattr(bodies, "SWEEP", 0.01)

    with pytest.raises(TooSlow):
        read(Caller(hangs=True), length=length)


async def keep_waiting(found: Bodies, peer: str, count: int) -> list[asyncio.Task]:
    tasks = []
    for _number in range(count):
        tasks.append(asyncio.create_task(found.read(Caller(hangs=True), peer, 5, 10)))
        await asyncio.sleep(0)
    return tasks


async def crowd(is_trusted: bool) -> list[int]:
    """Which of the first three bodies of an address gave way to a fourth, where three may wait."""
    found = Bodies(is_trusted=lambda peer: is_trusted)
    tasks = await keep_waiting(found, "203.0.113.7", 3)
    await asyncio.sleep(0.02)
    tasks += await keep_waiting(found, "203.0.113.7", 1)
    await asyncio.sleep(0.02)
    gone = [place for place, task in enumerate(tasks) if task.done()]
    assert all(isinstance(tasks[place].exception(), TooSlow) for place in gone)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (found.count, found.waiting) == (0, {})
    return gone


@pytest.fixture
def three_at_most(monkeypatch):
    monkeypatch.setattr(bodies, "PER_PEER", 3)
    monkeypatch.setattr(bodies, "YOUNG", 0.01)


def test_the_oldest_body_of_an_address_gives_way_to_a_newer_one(three_at_most):
    assert asyncio.run(crowd(is_trusted=False)) == [0]


def test_of_a_proxy_that_speaks_for_many_none_gives_way(three_at_most):
    assert asyncio.run(crowd(is_trusted=True)) == []


def test_where_too_many_wait_in_all_the_oldest_gives_way_whosever_it_is(three_at_most, monkeypatch):
    monkeypatch.setattr(bodies, "IN_ALL", 3)

    assert asyncio.run(crowd(is_trusted=True)) == [0]


def test_a_body_that_has_just_begun_does_not_give_way(three_at_most, monkeypatch):
    monkeypatch.setattr(bodies, "YOUNG", 60.0)

    assert asyncio.run(crowd(is_trusted=False)) == []
