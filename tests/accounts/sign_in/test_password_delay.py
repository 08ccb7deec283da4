"""Wrong passwords make the next attempt wait, longer each time."""

import datetime as dt

import pytest

from accounts.sign_in.password_delay import LONGEST, SHORTEST, wait_after

MINUTE = dt.timedelta(minutes=1)


@pytest.mark.parametrize("failures", range(5))
def test_the_first_attempts_are_free(failures):
    assert wait_after(failures, free=5) == dt.timedelta(0)


@pytest.mark.parametrize(("failures", "minutes"), [(5, 1), (6, 2), (7, 4), (8, 8), (9, 16), (10, 32)])
def test_each_further_failure_doubles_the_wait(failures, minutes):
    assert wait_after(failures, free=5) == minutes * MINUTE


@pytest.mark.parametrize("failures", [11, 12, 100, 10**9])
def test_nobody_waits_longer_than_an_hour(failures):
    assert wait_after(failures, free=5) == LONGEST == 60 * SHORTEST
