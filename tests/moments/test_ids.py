"""Identifiers sort by the time they were made."""

import time

from moments.ids import uuid7


def test_it_is_a_version_7_uuid_of_this_millisecond():
    before = time.time_ns() // 1_000_000
    made = uuid7()
    after = time.time_ns() // 1_000_000

    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert before <= made.int >> 80 <= after


def test_a_thousand_at_once_are_a_thousand():
    assert len({uuid7() for _number in range(1000)}) == 1000


def test_a_later_one_sorts_after():
    first = uuid7()
    time.sleep(0.002)

    assert first < uuid7()
