"""What is issued and spent, drawn by day, or by week where there are many days."""

import datetime as dt

from console.reports.charts import MOST_BARS, charts_of, label_of
from rewards.reporting.daily_totals import Totals

FIRST = dt.date(2026, 11, 1)


def days(count: int) -> dict[dt.date, Totals]:
    return {FIRST + dt.timedelta(days=number): Totals(actions=2, cents=550) for number in range(count)}


def test_each_day_has_its_bar_and_the_words_add_them_up():
    actions, spend = charts_of(days(3))

    assert (actions.title, actions.words, len(actions.bars)) == ("Actions by day", "6 in 3 days.", 3)
    assert (spend.title, spend.words) == ("Spend by day", "$16.50 in 3 days.")
    assert (actions.first, actions.last) == ("1 Nov 2026", "3 Nov 2026")


def test_as_many_days_as_fit_are_drawn_by_day():
    assert len(charts_of(days(MOST_BARS))[0].bars) == MOST_BARS


def test_more_days_are_drawn_by_week_and_nothing_is_lost():
    actions, spend = charts_of(days(MOST_BARS + 1))

    assert (actions.title, len(actions.bars)) == ("Actions by week", 14)
    assert actions.words == "186 in 93 days." and spend.words == "$511.50 in 93 days."
    assert actions.first == "1 Nov 2026 – 7 Nov 2026"


def test_a_week_that_is_one_day_is_named_as_that_day():
    assert label_of([(FIRST, Totals())]) == "1 Nov 2026"
