"""What the points page writes: numbers, days of the program, and lines of the ledger."""

import datetime as dt
import zoneinfo

from babel.numbers import format_decimal
from django import template
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from catalog.renditions import NAME, widths_of
from moments.i18n.datetimes import display_date, speaking
from rewards.models import PointEntry, PointTier
from rewards.points.balances import tier_name as name_of

register = template.Library()
Kind = PointEntry.Kind


@register.filter
def number(value: int) -> str:
    """``12,345``, as the reader's language writes it."""
    return format_decimal(value, locale=speaking())


@register.filter
def signed(value: int) -> str:
    """``+120`` or ``−120``, with a minus sign that screen readers read."""
    return f"{'+' if value > 0 else '−'}{number(abs(value))}"


@register.filter
def day_in(at: dt.datetime, time_zone: str) -> str:
    """The day of an instant in the program's time zone."""
    return display_date(at.astimezone(zoneinfo.ZoneInfo(time_zone)).date())


@register.filter
def last_day(expires_at: dt.datetime, time_zone: str) -> str:
    """The last day on which points that expire at ``expires_at`` can be used."""
    return day_in(expires_at - dt.timedelta(microseconds=1), time_zone)


@register.filter
def picture_at(name: str, width: int) -> str:
    """The URL of a picture's rendition ``width`` wide, else of the picture."""
    return default_storage.url(NAME.sub(f"/{width}", name) if width in widths_of(name) else name)


@register.filter
def tier_name(tier: PointTier) -> str:
    return name_of(tier)


def spoken(key: str) -> str:
    """``level_up`` → level up: the app's own name of an action, as its users read it."""
    return key.replace("_", " ").replace("-", " ").strip()


@register.simple_tag
def points_entry(entry: PointEntry) -> str:
    """What a line of the ledger was for, in the words of the app's user."""
    return {
        Kind.CREDIT: _("Earned: %(action)s"),
        Kind.DEBIT: _("Exchanged for a reward"),
        Kind.REVERSAL: _("Taken back: %(action)s"),
        Kind.EXPIRY: _("Expired"),
        Kind.ADJUSTMENT: _("Adjusted by the app"),
    }[Kind(entry.kind)] % {"action": spoken(entry.action)}
