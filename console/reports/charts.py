"""Charts of rewards and spending per day, or per week for long periods."""

import datetime as dt

from django.utils.translation import gettext as _

from moments.i18n.datetimes import display_date
from moments.money import display
from moments.web.charts import Chart, bar_chart
from rewards.reporting.daily_totals import Totals

MOST_BARS = 92
WEEK = 7


def charts_of(days: dict[dt.date, Totals]) -> list[Chart]:
    """Return the charts of actions and spending."""
    every = list(days.items())
    size = 1 if len(every) <= MOST_BARS else WEEK
    parts = [every[start : start + size] for start in range(0, len(every), size)]
    actions = [(label_of(part), sum(sums.actions for _day, sums in part)) for part in parts]
    cents = [(label_of(part), sum(sums.cents for _day, sums in part)) for part in parts]
    totals = {"days": len(every), "actions": sum(n for _l, n in actions), "spend": display(sum(n for _l, n in cents))}
    titles = (_("Actions by day"), _("Spend by day")) if size == 1 else (_("Actions by week"), _("Spend by week"))
    return [
        bar_chart(titles[0], actions, words=_("%(actions)d in %(days)d days.") % totals, shown=str),
        bar_chart(titles[1], cents, words=_("%(spend)s in %(days)d days.") % totals, shown=display),
    ]


def label_of(part: list[tuple[dt.date, Totals]]) -> str:
    """Return the day, or the first and last day of the part."""
    first, last = display_date(part[0][0]), display_date(part[-1][0])
    return first if first == last else f"{first} – {last}"
