"""What foreign money is worth. Organizations are billed in US dollars."""

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext as _

from catalog.models import ExchangeRate
from moments.errors import RuleViolation


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
