"""Exchange rates by CSV: written once, warned of where unusual, refused where the wrong way around."""

import datetime as dt
from decimal import Decimal

import pytest

from catalog.imports.exchange_rate_schema import RateSheet
from catalog.models import ExchangeRate
from moments.web.csv_in import Line


@pytest.fixture
def yesterday(now):
    """The only rate that is known: 1.10 dollars for a euro, of yesterday."""
    ExchangeRate.objects.all().delete()
    day = now.date() - dt.timedelta(days=1)
    ExchangeRate.objects.create(currency="EUR", valid_from=day, usd=Decimal("1.10"))
    return day


def line_of(now, number: int = 2, **values: str) -> Line:
    return Line(number, {"currency": "eur", "date": now.date().isoformat(), "rate": "1.0842", **values})


def planned(now, line: Line):
    return RateSheet([line], now).plan(line)


def rates() -> list[Decimal]:
    return list(ExchangeRate.objects.order_by("valid_from").values_list("usd", flat=True))


def test_a_rate_is_written_for_its_day_and_again_changes_nothing(yesterday, now):
    step = planned(now, line_of(now))
    assert (step.summary, step.warning) == (f"1 EUR = 1.0842 USD from {now.date()} on", "")

    step.do()

    assert rates() == [Decimal("1.10"), Decimal("1.0842")]
    again = planned(now, line_of(now))
    assert (again.summary, again.do) == (f"1 EUR = 1.0842 USD from {now.date()} already", None)


def test_another_rate_of_the_same_day_replaces_it_and_says_so(yesterday, now):
    planned(now, line_of(now)).do()

    step = planned(now, line_of(now, rate="1.09"))
    step.do()

    assert step.summary.endswith("instead of 1.0842") and rates()[-1] == Decimal("1.09")


def test_an_unusual_change_is_warned_of_and_can_be_done(yesterday, now):
    step = planned(now, line_of(now, rate="1.50"))

    assert f"+36 % against 1.1 of {yesterday}" in step.warning
    step.do()
    assert rates()[-1] == Decimal("1.5")


def test_the_first_rate_of_a_currency_is_not_warned_of(yesterday, now):
    assert planned(now, line_of(now, currency="JPY", rate="0.006634")).warning == ""


@pytest.mark.parametrize(
    ("values", "column", "allowed"),
    [
        ({"currency": "QQQ"}, "currency", "one of "),
        ({"currency": "USD"}, "currency", "one of "),
        ({"date": "2090-01-01"}, "date", "today or an earlier day"),
        ({"date": "today"}, "date", "a day like"),
        ({"rate": "0"}, "rate", "US dollars for one unit"),
        ({"rate": "-1"}, "rate", "US dollars for one unit"),
        ({"rate": "1e-2"}, "rate", "US dollars for one unit"),
        ({"rate": "1.123456789"}, "rate", "at most 8 decimals"),
        ({"rate": "0.0922"}, "rate", "the last rate is 1.1 of"),
        ({"rate": "11"}, "rate", "the last rate is 1.1 of"),
    ],
)
def test_a_rate_that_cannot_be_meant_is_refused_and_changes_nothing(yesterday, now, values, column, allowed):
    line = line_of(now, **values)

    assert planned(now, line) is None

    assert [refused for refused, _given, _allowed in line.problems] == [column]
    assert allowed in line.problems[0][2] and rates() == [Decimal("1.10")]


def test_two_lines_of_one_day_and_currency_are_refused(yesterday, now):
    first, second = line_of(now), line_of(now, 3, rate="1.09")
    sheet = RateSheet([first, second], now)

    assert sheet.plan(first) is not None and sheet.plan(second) is None
    assert second.problems == [("date", now.date().isoformat(), "what no other line says; line 2 does")]
