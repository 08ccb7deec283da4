"""What foreign money is worth. Organizations are billed in US dollars."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Max
from django.utils.translation import gettext as _

from catalog.models import ExchangeRate, Marketplace
from moments.errors import RuleViolation

OLD_AFTER = dt.timedelta(days=35)


def usd_rate(currency: str, *, now: dt.datetime) -> Decimal:
    """US dollars for one unit of ``currency``. Refuses a currency that operators keep no rate for."""
    if currency == "USD":
        return Decimal(1)
    rates = ExchangeRate.objects.filter(currency=currency, valid_from__lte=now.date()).order_by("-valid_from")
    rate = rates.values_list("usd", flat=True).first()
    if rate is None:
        raise RuleViolation(
            "no_exchange_rate", _("There is no exchange rate for %(currency)s.") % {"currency": currency}
        )
    return rate


def foreign_currencies() -> list[str]:
    """Of all stores, but the US dollar."""
    found = Marketplace.objects.exclude(currency="USD").order_by("currency").values_list("currency", flat=True)
    return list(found.distinct())


def old_rates(currencies: Iterable[str], *, now: dt.datetime) -> dict[str, dt.date]:
    """Currency → the day of its newest rate, where that is more than 35 days ago."""
    newest = ExchangeRate.objects.filter(currency__in=list(currencies), valid_from__lte=now.date())
    days = newest.values("currency").annotate(day=Max("valid_from")).order_by("currency")
    return {row["currency"]: row["day"] for row in days if now.date() - row["day"] > OLD_AFTER}


def date_rates_now(*, now: dt.datetime) -> None:
    """For the demo: the rates that it is shipped with, as if they were brought in today."""
    for currency in foreign_currencies():
        values = {"defaults": {"usd": usd_rate(currency, now=now)}}
        ExchangeRate.objects.get_or_create(currency=currency, valid_from=now.date(), **values)
