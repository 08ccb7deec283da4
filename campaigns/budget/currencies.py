"""Currencies that campaigns reckon with, and rates of them that nobody has looked after."""

import datetime as dt
from typing import Any

from django.core import checks
from django.db import DatabaseError

from campaigns.models import Campaign, RewardGroup
from catalog.pricing.exchange_rates import old_rates
from moments import clock


def currencies_in_use() -> list[str]:
    """Of the stores that campaigns offer something in, unless they have finished."""
    groups = RewardGroup.objects.exclude(campaign__status=Campaign.Status.FINISHED)
    found = groups.exclude(marketplace__currency="USD").values_list("marketplace__currency", flat=True)
    return sorted(found.order_by().distinct())


def old_rates_in_use(*, now: dt.datetime) -> dict[str, dt.date]:
    """Currency → the day of its newest rate, where that is too long ago."""
    return old_rates(currencies_in_use(), now=now)


def warn_of_old_rates(app_configs: object, **options: Any) -> list[checks.CheckMessage]:
    try:
        found = old_rates_in_use(now=clock.now())
    except DatabaseError:
        return []  # that PostgreSQL does not answer is another check's to say
    outdated = ", ".join(f"{currency} ({day})" for currency, day in found.items())
    hint = "Import current rates: Imports in admin, Exchange rates."
    message = f"Exchange rates are older than 35 days: {outdated}."
    return [checks.Warning(message, hint=hint, id="campaigns.W001")] if found else []
