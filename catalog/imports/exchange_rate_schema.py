"""Exchange rates that operators bring in by CSV."""

import re
from decimal import Decimal
from typing import ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.imports.csv_schemas import Sheet, Step
from catalog.models import ExchangeRate
from catalog.pricing.exchange_rates import foreign_currencies
from moments.registry import csv_schemas
from moments.web.csv_in import Line

USD_FOR_ONE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,8})?")  # digits of ASCII alone: no 1e-2, no 8_0
UNUSUAL = Decimal("0.20")  # of a change, either way
MOST_TIMES = 10  # a rate that is so many times the last one was written the wrong way around


@csv_schemas.add("rates")
class RateSheet(Sheet):
    title = gettext_lazy("Exchange rates")
    note = gettext_lazy(
        "Columns: currency (of a store), date (the rate holds from this day on, UTC; not in the future), rate (US "
        "dollars for one unit of the currency). The same rate again changes nothing; another rate of the same day "
        "replaces it. Campaigns that were submitted before keep the rates of their submission."
    )
    permission = "catalog.change_exchangerate"
    columns: ClassVar = ["currency", "date", "rate"]
    required: ClassVar = ["currency", "date", "rate"]
    sample: ClassVar = [["EUR", "2026-11-30", "1.0842"], ["JPY", "2026-11-30", "0.006634"]]

    def plan(self, line: Line) -> Step | None:
        currency, known = line.values["currency"].upper(), foreign_currencies()
        if currency not in known:
            line.refuse("currency", _("one of %s") % ", ".join(known))
        day = self.day_of(line, "date")
        if day and day > self.now.date():
            line.refuse("date", _("today or an earlier day"))
        rate = self._rate(line)
        if day is None or line.problems or not self.once(line, "date", currency, day):
            return None
        before = ExchangeRate.objects.filter(currency=currency, valid_from__lt=day).order_by("-valid_from").first()
        if before and not before.usd / MOST_TIMES < rate < before.usd * MOST_TIMES:
            allowed = _("US dollars for one %(currency)s; the last rate is %(usd)s of %(day)s")
            line.refuse("rate", allowed % {"currency": currency, "usd": _plain(before.usd), "day": before.valid_from})
            return None
        return self._step({"currency": currency, "valid_from": day}, rate, before)

    def _step(self, place: dict, rate: Decimal, before: ExchangeRate | None) -> Step:
        values = {"currency": place["currency"], "rate": _plain(rate), "day": place["valid_from"]}
        there = ExchangeRate.objects.filter(**place).first()
        if there and there.usd == rate:
            return Step(_("1 %(currency)s = %(rate)s USD from %(day)s already") % values, None)
        summary = _("1 %(currency)s = %(rate)s USD from %(day)s on") % values
        if there:
            summary += " " + _("instead of %s") % _plain(there.usd)
        return Step(summary, lambda: self._keep(place, rate), warning=_warning(rate, before))

    def _keep(self, place: dict, rate: Decimal) -> None:
        ExchangeRate.objects.update_or_create(**place, defaults={"usd": rate})

    def _rate(self, line: Line) -> Decimal:
        text = line.values["rate"]
        rate = Decimal(text) if USD_FOR_ONE.fullmatch(text) else Decimal(0)
        if rate <= 0:
            line.refuse("rate", _("US dollars for one unit, like %s, with at most 8 decimals") % "1.0842")
        return rate


def _warning(rate: Decimal, before: ExchangeRate | None) -> str:
    """What an operator should double-check; "" where the change is a usual one."""
    if before is None or abs(rate / before.usd - 1) <= UNUSUAL:
        return ""
    percent = round((rate / before.usd - 1) * 100)
    values = {"percent": f"{percent:+d}", "usd": _plain(before.usd), "day": before.valid_from}
    return _("%(percent)s %% against %(usd)s of %(day)s. Make sure that this is right.") % values


def _plain(rate: Decimal) -> str:
    """Without zeros at the end, and never as 1E-7."""
    return f"{rate:f}".rstrip("0").rstrip(".") if "." in f"{rate:f}" else f"{rate:f}"
