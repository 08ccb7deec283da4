"""Commands that take an instant or a number."""

import argparse
import datetime as dt

import pytest
from django.core.management.base import CommandError

from moments.commands import instant, whole_number


def test_an_instant_has_a_zone_or_is_utc():
    assert instant("2026-12-31T23:59:59Z") == dt.datetime(2026, 12, 31, 23, 59, 59, tzinfo=dt.UTC)
    assert instant("2026-12-31T23:59:59") == dt.datetime(2026, 12, 31, 23, 59, 59, tzinfo=dt.UTC)
    assert instant("2026-12-31T23:59:59+02:00").utcoffset() == dt.timedelta(hours=2)


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01"])
def test_what_is_no_instant_is_refused_with_an_example(text):
    with pytest.raises(CommandError, match="write it like 2026-12-31T23:59:59Z"):
        instant(text)


def test_a_number_is_of_plain_digits():
    assert whole_number("100") == 100


@pytest.mark.parametrize("text", ["", "-1", "1_0", "1.5", "١٠", "1234567890"])
def test_what_is_no_whole_number_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="is not a whole number"):
        whole_number(text)
