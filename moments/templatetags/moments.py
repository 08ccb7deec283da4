"""Template tags that are available in all templates without ``{% load %}``."""

import datetime as dt
import math
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal
from django import template
from django.conf import settings
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, to_locale

from moments import money as amounts
from moments.i18n import datetimes
from moments.web.charts import Chart

register = template.Library()

# SVG paths on a 24 × 24 grid, lines only.
ICONS = {
    "gift": "M4 9h16v4H4zM5 13v7h14v-7M12 9v11M12 9C10 3 4 4 6 8c1 1 4 1 6 1zM12 9c2-6 8-5 6-1-1 1-4 1-6 1z",
    "home": "M3 11l9-7 9 7M5 10v10h5v-6h4v6h5V10",
    "campaign": "M4 10v4l11 5V5L4 10zM15 9a3 3 0 010 6M7 15v4h3v-3",
    "app": "M7 2h10v20H7zM11 18h2",
    "key": "M14 10a4 4 0 11-1-2.6L21 3M17 6l2 2",
    "star": "M12 3l2.7 5.7 6.3.8-4.6 4.3 1.2 6.2L12 17l-5.6 3 1.2-6.2L3 9.5l6.3-.8z",
    "people": "M9 11a4 4 0 100-8 4 4 0 000 8zM2 21c0-4 3-7 7-7s7 3 7 7M17 4a4 4 0 010 7M19 14c2 1 3 4 3 7",
    "help": "M12 21a9 9 0 100-18 9 9 0 000 18zM9.5 9.5a2.5 2.5 0 114 2c-1 .7-1.5 1.3-1.5 2.5M12 17v.01",
    "person": "M12 12a4 4 0 100-8 4 4 0 000 8zM4 21c0-4 4-7 8-7s8 3 8 7",
    "out": "M14 4H5v16h9M10 12h11M17 8l4 4-4 4",
    "menu": "M4 6h16M4 12h16M4 18h16",
    "check": "M4 12l5 5L20 6",
    "circle": "M12 20a8 8 0 100-16 8 8 0 000 16z",
    "warn": "M12 3l10 18H2zM12 10v5M12 18v.01",
    "cross": "M6 6l12 12M18 6L6 18",
    "clock": "M12 21a9 9 0 100-18 9 9 0 000 18zM12 7v5l3 2",
    "pause": "M8 5v14M16 5v14",
    "play": "M7 4l12 8-12 8z",
    "pen": "M4 20l1-5L16 4l4 4L9 19zM14 6l4 4",
    "globe": "M12 21a9 9 0 100-18 9 9 0 000 18zM3 12h18M12 3c-5 5-5 13 0 18M12 3c5 5 5 13 0 18",
    "mail": "M3 5h18v14H3zM3 6l9 7 9-7",
    "plus": "M12 5v14M5 12h14",
    "eye": "M2 12c3-5 6-7 10-7s7 2 10 7c-3 5-6 7-10 7s-7-2-10-7zM12 15a3 3 0 100-6 3 3 0 000 6z",
    "info": "M12 21a9 9 0 100-18 9 9 0 000 18zM12 11v6M12 7v.01",
    "chart": "M4 20V10M10 20V4M16 20v-7M22 20H2",
    "gauge": "M4 18a9 9 0 1116 0M12 14l4-5M12 15v.01",
    "card": "M3 6h18v12H3zM3 10h18M6 15h4",
    "shield": "M12 3l8 3v6c0 5-4 8-8 9-4-1-8-4-8-9V6z",
    "book": "M5 4h12a2 2 0 012 2v14H7a2 2 0 01-2-2zM5 18a2 2 0 012-2h12",
    "hook": "M4 12h11M11 8l4 4-4 4M14 4h6v16h-6",
    "log": "M4 6h16M4 12h10M4 18h13",
    "box": "M3 8l9-5 9 5v9l-9 5-9-5zM3 8l9 5 9-5M12 13v9",
}

# Status → (CSS class, icon). Others are neutral.
STATUS_TAGS = {
    "draft": ("", "pen"),
    "pending": ("warn", "clock"),
    "approved": ("info", "eye"),
    "live": ("good", "play"),
    "finished": ("", "check"),
    "rejected": ("bad", "cross"),
    "suspended": ("warn", "pause"),
    "held": ("bad", "pause"),
    "active": ("good", "check"),
    "disabled": ("bad", "pause"),
    "open": ("info", "circle"),
    "answered": ("good", "check"),
    "carried": ("", "check"),
    "closed": ("", "check"),
    "issued": ("good", "gift"),
    "voided": ("bad", "cross"),
    "window_closed": ("", "clock"),
    "placed": ("info", "box"),
    "waiting": ("warn", "clock"),
    "picked": ("info", "box"),
    "packed": ("info", "box"),
    "shipped": ("good", "box"),
    "delivered": ("good", "check"),
    "canceled": ("bad", "cross"),
    "refunded": ("", "check"),
    "revoked": ("bad", "cross"),
    "rolled": ("warn", "clock"),
    "works": ("good", "check"),
    "claimed": ("good", "gift"),
    "expired": ("", "clock"),
    "queued": ("info", "clock"),
    "sending": ("info", "clock"),
    "sent": ("good", "check"),
    "dead": ("bad", "cross"),
    "bad": ("bad", "warn"),
    "checked": ("info", "eye"),
    "issuing": ("info", "play"),
    "done": ("good", "check"),
    "due": ("warn", "clock"),
    "paid": ("good", "check"),
    "succeeded": ("good", "check"),
    "failed": ("bad", "cross"),
    "locked": ("bad", "warn"),
    "password": ("info", "key"),
}


@register.filter
def minutes_left(until: dt.datetime) -> int:
    """Return the minutes from now until ``until``, rounded up, at least one."""
    return max(math.ceil((until - timezone.now()).total_seconds() / 60), 1)


@register.filter
def money(cents: int | None, currency: str = "USD") -> str:
    """Format minor units: ``{{ 2750|money:"USD" }}`` → $27.50"""
    return "" if cents is None else amounts.display(cents, currency)


@register.filter
def instant(at: dt.datetime | None, time_zone: str = "UTC") -> str:
    """Format a time: ``{{ at|instant:"Europe/Berlin" }}`` → 30 Nov 2026, 23:59 (Berlin)"""
    return datetimes.display_instant(at, time_zone)


@register.filter
def exact_instant(at: dt.datetime | None, time_zone: str = "UTC") -> str:
    """Format a time with seconds, for logs: 30 Nov 2026, 23:59:31 (Berlin)"""
    return datetimes.display_instant(at, time_zone, with_seconds=True)


@register.simple_tag(takes_context=True)
def reader_time(context: Context, at: dt.datetime | None, fallback: str) -> str:
    """Format a time like ``instant``, in the reader's zone or else in ``fallback``."""
    return datetimes.display_instant(at, context["reader_zone"](fallback))


@register.simple_tag(takes_context=True)
def reader_expiry(context: Context, campaign: Any) -> str:
    """Format the campaign's reward expiry like ``expiry``, in the reader's zone or else the campaign's."""
    return datetimes.display_expiry(campaign.rewards_expire_at, context["reader_zone"](campaign.time_zone))


@register.filter
def day(of: dt.date) -> str:
    """Format a date: ``{{ date|day }}`` → 30 Nov 2026"""
    return datetimes.display_date(of)


@register.filter
def month(of: dt.date) -> str:
    """Format a month: ``{{ date|month }}`` → November 2026"""
    return datetimes.display_month(of)


@register.filter
def points(share: float) -> str:
    """Format a share as percentage points: ``{{ 0.1234|points }}`` → 12.3"""
    return format_decimal(round(share * 100, 1), format="0.0", locale=to_locale(get_language() or "en"))


@register.filter
def number(value: int | Decimal) -> str:
    """``{{ 12500|number }}`` → 12,500, as the language of the page writes it."""
    return format_decimal(value, locale=to_locale(get_language() or "en"))


@register.inclusion_tag("moments/chart.html")
def chart(drawn: Chart) -> dict:
    """Render the bars of ``moments.web.charts.bar_chart``. Show a table with the same numbers next to it."""
    return {"chart": drawn}


@register.filter
def expiry(at: dt.datetime | None, time_zone: str = "UTC") -> str:
    """Format the last minute before ``at``."""
    return datetimes.display_expiry(at, time_zone)


@register.simple_tag
def icon(name: str) -> SafeString:
    """Render a decorative icon, hidden from assistive technology."""
    return format_html('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="{}"/></svg>', ICONS[name])


@register.simple_tag
def tag(status: str, label: str = "") -> SafeString:
    """Render a status as a colored label with an icon."""
    css_class, drawing = STATUS_TAGS.get(status, ("", "circle"))
    return format_html('<span class="tag {}">{} {}</span>', css_class, icon(drawing), label or status.replace("_", " "))


@register.simple_tag
def own_name() -> str:
    """Return the active language's own name, such as ``Deutsch``."""
    return dict(settings.LANGUAGES)[get_language() or "en"]


@register.simple_tag
def stylesheets() -> SafeString:
    links = (format_html('<link rel="stylesheet" href="{}">', static(f"css/{name}.css")) for name in SHEETS)
    return mark_safe("".join(links))  # noqa: S308 - joined from escaped parts


SHEETS = ["tokens", "base", "components"]


@register.filter
def notice_icon(level_tag: str) -> str:
    return {"success": "check", "error": "warn", "warning": "warn"}.get(level_tag, "info")
