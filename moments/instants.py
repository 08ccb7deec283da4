"""Instants as people read them."""

import datetime as dt
import zoneinfo

from babel.dates import format_date, format_datetime, format_skeleton
from django.utils import translation


def display_instant(at: dt.datetime | None, time_zone: str = "UTC") -> str:
    """``30 Nov 2026, 23:59 (Berlin)``; "" for none. The same string on page, in mail and in admin."""
    if at is None:
        return ""
    zone = zoneinfo.ZoneInfo(time_zone)
    locale = translation.to_locale(translation.get_language() or "en")
    return f"{format_datetime(at, pattern(locale), tzinfo=zone, locale=locale)} ({zone_name(time_zone)})"


def display_date(day: dt.date) -> str:
    """``30 Nov 2026``; of a day, which has no time zone to be named."""
    locale = translation.to_locale(translation.get_language() or "en")
    return format_date(day, pattern(locale).removesuffix("HH:mm").rstrip(" ,"), locale=locale)


def display_month(day: dt.date) -> str:
    """``November 2026``"""
    return format_skeleton("yMMMM", day, locale=translation.to_locale(translation.get_language() or "en"))


def pattern(locale: str) -> str:
    return "y年M月d日 HH:mm" if locale.startswith(("ja", "zh")) else "d MMM y, HH:mm"


def zone_name(time_zone: str) -> str:
    """The city: ``Europe/Berlin`` → ``Berlin``, ``America/Argentina/Salta`` → ``Salta``."""
    return time_zone.rpartition("/")[2].replace("_", " ")


def display_expiry(at: dt.datetime | None, time_zone: str) -> str:
    """Of a half-open window: the last minute in which it still holds, so that "23:59" says which day is the last."""
    return display_instant(at - dt.timedelta(minutes=1), time_zone) if at else ""
