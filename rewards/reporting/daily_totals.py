"""Reports on issued rewards by day, campaign, moment, marketplace and device. Days are UTC days, as for caps."""

import datetime as dt
import enum
from dataclasses import dataclass

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import App, Member
from campaigns.models import Campaign
from moments.i18n.datetimes import display_date
from rewards.models import DailyRewardTotals

LONGEST = 366  # days


@dataclass(frozen=True)
class Window:
    """A range of days, including ``first`` and ``last``."""

    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Window":
        """The window of the same length right before this one."""
        return Window(self.first - dt.timedelta(days=self.days), self.first - dt.timedelta(days=1))

    @classmethod
    def up_to(cls, now: dt.datetime, days: int) -> "Window":
        """Return the window of ``days`` days that ends today (UTC)."""
        today = now.astimezone(dt.UTC).date()
        return cls(today - dt.timedelta(days=days - 1), today)

    def every_day(self) -> list[dt.date]:
        return [self.first + dt.timedelta(days=number) for number in range(self.days)]


@dataclass(frozen=True)
class Totals:
    """The number of rewards issued and the US cents charged for them."""

    actions: int = 0
    cents: int = 0

    @property
    def mean_cents(self) -> int:
        """Return the mean charge in cents, rounded half up; 0 without rewards."""
        return (2 * self.cents + self.actions) // (2 * self.actions) if self.actions else 0


class By(enum.StrEnum):
    """The grouping of a report."""

    DAY = "day"
    CAMPAIGN = "campaign"
    MOMENT = "moment"
    MARKETPLACE = "marketplace"
    DEVICE = "device"


BY = {
    By.DAY: _("Day"),
    By.CAMPAIGN: _("Campaign"),
    By.MOMENT: _("Moment"),
    By.MARKETPLACE: _("Marketplace"),
    By.DEVICE: _("Device"),
}
# The key column of each grouping, followed by the columns of its label and note.
COLUMNS = {
    By.DAY: ("day",),
    By.CAMPAIGN: ("campaign_id", "campaign__name"),
    By.MOMENT: ("moment_id", "moment__key", "campaign__name"),
    By.MARKETPLACE: ("group__marketplace_id", "group__marketplace__name"),
    By.DEVICE: ("device_type",),
}


@dataclass(frozen=True)
class ReportFilter:
    """The filter of a report."""

    window: Window
    campaign: Campaign | None = None
    marketplace: str = ""
    device: str = ""


@dataclass(frozen=True)
class Line:
    """A line of a report with the totals of its window and of the previous one. ``note`` adds to the label."""

    key: object
    label: str
    note: str
    now: Totals
    before: Totals


@dataclass(frozen=True)
class Report:
    lines: list[Line]
    now: Totals
    before: Totals


NONE = Totals()
Found = dict[object, tuple[tuple[str, str], Totals]]  # key: ((label, note), sums)


def report_of(member: Member, wanted: ReportFilter, by: By) -> Report:
    """Return every day of the window, newest first, or each group with rewards in this window or the previous one,
    highest charge first. Runs two queries.
    """
    window = wanted.window
    here, there = _found(member, wanted, window, by), _found(member, wanted, window.before, by)
    if by == By.DAY:
        lines = [_day_line(day, window, here, there) for day in reversed(window.every_day())]
    else:
        lines = [
            Line(key, names[0], names[1], now=_sums(here, key), before=_sums(there, key))
            for key, (names, _one) in {**there, **here}.items()
        ]
        lines.sort(key=lambda line: (-line.now.cents, -line.before.cents, line.label))
    return Report(lines, _total(here), _total(there))


def daily(member: Member, wanted: ReportFilter) -> dict[dt.date, Totals]:
    """Return the totals of every day in the window, in order. Runs one query."""
    found = _found(member, wanted, wanted.window, By.DAY)
    return {day: _sums(found, day) for day in wanted.window.every_day()}


def _found(member: Member, wanted: ReportFilter, window: Window, by: By) -> Found:
    rows = _matching(member, wanted, window).values_list(*COLUMNS[by]).order_by()
    summed = rows.annotate(Sum("actions"), Sum("cents"))
    return {row[0]: (_names(by, row), Totals(*row[-2:])) for row in summed}


def _matching(member: Member, wanted: ReportFilter, window: Window) -> QuerySet[DailyRewardTotals]:
    found = DailyRewardTotals.objects.visible_to(member).filter(day__range=(window.first, window.last))
    if wanted.campaign:
        found = found.filter(campaign=wanted.campaign)
    if wanted.marketplace:
        found = found.filter(group__marketplace=wanted.marketplace)
    if wanted.device:
        found = found.filter(device_type=wanted.device)
    return found


def _names(by: By, row: tuple) -> tuple[str, str]:
    """Return the label and the note of a row."""
    if by in {By.DAY, By.DEVICE}:
        return str(row[0]), ""
    return row[1], row[2] if by == By.MOMENT else ""


def _sums(found: Found, key: object) -> Totals:
    return found[key][1] if key in found else NONE


def _total(found: Found) -> Totals:
    every = [sums for _names, sums in found.values()]
    return Totals(sum(one.actions for one in every), sum(one.cents for one in every))


def _day_line(day: dt.date, window: Window, here: Found, there: Found) -> Line:
    other = day - dt.timedelta(days=window.days)
    return Line(day, display_date(day), "", now=_sums(here, day), before=_sums(there, other))


# For the API, whose keys are of one app

APP_COLUMNS = {By.DAY: ("day",), By.CAMPAIGN: ("campaign_id",), By.MOMENT: ("campaign_id", "moment__key")}


def spend_of_app(app: App, window: Window, by: By) -> dict[tuple, Totals]:
    """Return the totals of each group of ``APP_COLUMNS`` with rewards in the window, highest charge first."""
    found = DailyRewardTotals.objects.filter(organization=app.organization_id, campaign__app=app)
    rows = found.filter(day__range=(window.first, window.last)).values_list(*APP_COLUMNS[by]).order_by()
    summed = rows.annotate(Sum("actions"), Sum("cents"))
    totals = {row[:-2]: Totals(*row[-2:]) for row in summed}
    return dict(sorted(totals.items(), key=lambda item: (-item[1].cents, str(item[0]))))
