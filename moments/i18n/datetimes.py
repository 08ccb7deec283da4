"""Display of dates and times."""

import datetime as dt
import zoneinfo

from babel import Locale
from babel.dates import format_date, format_skeleton, get_timezone_location
from django.utils import translation
from django.utils.translation import gettext as _

from moments.errors import RuleViolation


def display_instant(at: dt.datetime | None, time_zone: str = "UTC", *, with_seconds: bool = False) -> str:
    """Format as ``30 Nov 2026, 23:59 (Berlin)``; empty for None. The same on pages, in emails and in the admin."""
    if at is None:
        return ""
    local = at.astimezone(zoneinfo.ZoneInfo(time_zone))
    comma = "" if speaking().language in {"ja", "zh"} else ","
    time = f"{local:%H:%M:%S}" if with_seconds else f"{local:%H:%M}"
    return f"{display_date(local.date())}{comma} {time} ({zone_name(time_zone)})"


def instant_of(local: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """Return the instant at which a clock in ``zone`` shows the naive time ``local``.

    Raises ``RuleViolation`` for a time that is skipped or repeated when clocks change, because it is ambiguous.
    """
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first
    values = {"time": f"{local:%Y-%m-%d %H:%M}", "zone": zone_name(zone.key)}
    if first.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None) != local:
        message = _("%(time)s does not exist in %(zone)s: clocks skip it that day. Choose an earlier or later time.")
        raise RuleViolation("time_skipped", message % values)
    message = _("%(time)s comes twice in %(zone)s: clocks are set back that day. Choose an earlier or later time.")
    raise RuleViolation("time_repeated", message % values)


def display_date(day: dt.date) -> str:
    """Format as ``30 Nov 2026`` or ``2026年11月30日``."""
    locale = speaking()
    if locale.language == "en":
        return format_date(day, "d MMM y", locale=locale)  # the same for all English readers, including the US
    return format_skeleton("yMMMd", day, locale=locale)


def display_month(day: dt.date) -> str:
    """Format as ``November 2026``."""
    return format_skeleton("yMMMM", day, locale=speaking())


def speaking() -> Locale:
    """Return the active locale."""
    return Locale.parse(translation.to_locale(translation.get_language() or "en"))


def zone_name(time_zone: str) -> str:
    """Return the city of a time zone: ``Europe/Rome`` → ``Rome``, ``Roma``, ``ローマ``; ``America/Argentina/Salta`` →
    ``Salta``.
    """
    locale = speaking()
    known = time_zone if locale.language == "en" else get_timezone_location(time_zone, locale=locale, return_city=True)
    return known.rpartition("/")[2].replace("_", " ")


def display_expiry(at: dt.datetime | None, time_zone: str) -> str:
    """Format the last valid minute before ``at``, so that "23:59" shows the correct last day."""
    return display_instant(at - dt.timedelta(minutes=1), time_zone) if at else ""
