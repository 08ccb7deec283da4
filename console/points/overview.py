"""A points program at a glance: what is outstanding and what moved, in numbers that a day or a month adds up to."""

import datetime as dt
import json
import shlex
from dataclasses import dataclass

from django.db.models import Sum
from django.utils.translation import gettext as _

from moments import money
from moments.i18n.datetimes import display_date
from moments.registry import absolute_url
from moments.templatetags.moments import number
from moments.web.charts import Chart, bar_chart
from rewards.models import APP_FIRST_SEEN, PointDailyTotals, PointRule, PointsProgram
from rewards.points.rulebook import calendar_of
from rewards.points.setup.tiers import liability_cents, outstanding_points

DAYS = 30  # that the charts show
SUMS = ("credited", "spent", "expired", "reversed", "adjusted")


@dataclass(frozen=True)
class Overview:
    """``month`` sums up the days since the first of the month, in the program's time zone; ``days`` the last 30."""

    members: int
    outstanding: int
    liability_cents: int
    month: PointDailyTotals
    first_of_month: dt.date
    days: list[PointDailyTotals]
    charts: list[Chart]
    sample_call: str

    @property
    def has_moved(self) -> bool:
        return any(getattr(totals, name) for totals in self.days for name in SUMS)


def overview_of(program: PointsProgram, *, now: dt.datetime) -> Overview:
    today = calendar_of(program).day_of(now)
    first = today.replace(day=1)
    days = _days(program, today)
    outstanding = outstanding_points(program)
    members = PointDailyTotals.objects.filter(program=program).aggregate(sum=Sum("members"))["sum"] or 0
    return Overview(
        members=members,
        outstanding=outstanding,
        liability_cents=liability_cents(program, outstanding),
        month=_sum_since(program, first),
        first_of_month=first,
        days=days[::-1],
        charts=_charts(days),
        sample_call=sample_call(program),
    )


def _days(program: PointsProgram, today: dt.date) -> list[PointDailyTotals]:
    """The last 30 days, the oldest first; zeros where nothing moved."""
    first = today - dt.timedelta(days=DAYS - 1)
    found = {row.day: row for row in PointDailyTotals.objects.filter(program=program, day__gte=first)}
    every = (first + dt.timedelta(days=number) for number in range(DAYS))
    return [found.get(day) or PointDailyTotals(program=program, day=day) for day in every]


def _sum_since(program: PointsProgram, first: dt.date) -> PointDailyTotals:
    sums = PointDailyTotals.objects.filter(program=program, day__gte=first).aggregate(
        **{f"sum_{name}": Sum(name) for name in SUMS}
    )
    return PointDailyTotals(program=program, day=first, **{name: sums[f"sum_{name}"] or 0 for name in SUMS})


def _charts(days: list[PointDailyTotals]) -> list[Chart]:
    return [
        _chart(_("Points issued by day"), [(display_date(one.day), one.credited) for one in days]),
        _chart(_("Points spent by day"), [(display_date(one.day), one.spent) for one in days]),
    ]


def _chart(title: str, values: list[tuple[str, int]]) -> Chart:
    total = number(sum(points for _day, points in values))
    words = _("%(points)s points in %(days)d days.") % {"points": total, "days": DAYS}
    return bar_chart(title, values, words=words, shown=number)


def sample_call(program: PointsProgram) -> str:
    """Shell commands that report an event for the program's first rule and read the user's points."""
    rules = PointRule.objects.filter(program=program, deleted_at=None, is_active=True).exclude(action=APP_FIRST_SEEN)
    rule = rules.select_related("category").prefetch_related("versions").order_by("id").first()
    if rule is None:
        return ""
    body: dict[str, object] = {"event_id": "order-1001", "user_id": "ada", "action": rule.action}
    if rule.category is not None:
        body["category"] = rule.category.key
    if rule.current.points_per_quantity or rule.current.minimum_quantity:
        body["quantity"] = rule.current.minimum_quantity or 1
    if rule.current.currency:
        least = rule.current.minimum_amount_minor or 0
        amount = money.as_text(max(least, 1999), rule.current.currency)
        body |= {"amount": amount, "currency": rule.current.currency}
    data = shlex.quote(json.dumps(body, indent=4).removesuffix("}") + "  }")
    return (
        f"curl {absolute_url('/api/v1/events')} \\\n"
        '  -H "Authorization: Bearer $MOMENTS_KEY" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  -d {data}\n"
        f"curl {absolute_url('/api/v1/users/ada/points')} \\\n"
        '  -H "Authorization: Bearer $MOMENTS_KEY"'
    )
