"""What operators upload as CSV: each line is checked, then done by the rule that a form would use.

A sheet is a class: its columns, who may upload it, and ``plan``, which says what a line does or what is wrong with it.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import stock
from catalog.models import DeliveryCountry, Marketplace, PriceChange, Product, ProductSize, StockMove, TaxRate
from catalog.pricing import prices
from catalog.pricing.tax import in_percent
from moments import money
from moments.errors import RuleViolation
from moments.registry import csv_schemas, promised_units
from moments.web.csv_in import Line

MOST_UNITS = 1_000_000
MOST_REFERENCE = 39  # characters, so that a size fits behind it
RATE = re.compile(r"([0-9]{1,2}(?:\.[0-9]{1,5})?) ?(%?)")  # digits of ASCII alone: no 1e-2, no 8_0
Reason = StockMove.Reason


@dataclass(frozen=True)
class Step:
    """What one line changes: ``summary`` for the operator, and the call that does it; None where nothing is left to do.

    ``warning`` says what is unusual about it; it can be done all the same.
    """

    summary: str
    do: Callable[[], object] | None
    warning: str = ""


class Sheet:
    """Of one file. It remembers the lines before, since no two may say the same thing.

    Where it ``is_done`` its products are locked, the lowest id first: two files at once wait for each other in turn.
    """

    title: ClassVar
    note: ClassVar
    permission: ClassVar[str]
    columns: ClassVar[list[str]]
    required: ClassVar[list[str]]
    sample: ClassVar[list[list[str]]]  # lines of a file to start from

    def __init__(self, lines: list[Line], now: dt.datetime, *, is_done: bool = False) -> None:
        self.now = now
        self.seen: dict[tuple, int] = {}
        skus = {line.values["sku"] for line in lines} if "sku" in self.columns else set()
        found = Product.objects.filter(sku__in=skus).select_related("marketplace").prefetch_related("sizes")
        if is_done:
            found = found.select_for_update(no_key=True, of=("self",)).order_by("pk")
        self.products = {product.sku: product for product in found}

    def plan(self, line: Line) -> Step | None:
        """None where the line has a problem, which it then names."""
        raise NotImplementedError

    def product_of(self, line: Line) -> Product | None:
        found = self.products.get(line.values["sku"])
        if found is None:
            line.refuse("sku", _("the SKU of a product"))
        return found

    def day_of(self, line: Line, column: str, *, is_needed: bool = True) -> dt.date | None:
        text = line.values[column]
        if not text and not is_needed:
            return None
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            line.refuse(column, _("a day like %s") % "2026-11-30")
            return None

    def once(self, line: Line, column: str, *key: object) -> bool:
        first = self.seen.setdefault(key, line.number)
        if first != line.number:
            line.refuse(column, _("what no other line says; line %d does") % first)
        return first == line.number


@csv_schemas.add("stock")
class StockSheet(Sheet):
    title = gettext_lazy("Stock")
    note = gettext_lazy(
        "Columns: sku, size (where it has some), units, what (delivered or counted; empty: delivered), reference. A "
        "reference counts once for each product, so that the same file again changes nothing. Counted is all that "
        "stands on the shelf, also what is held in a checkout or ordered and not picked yet: that is kept, the rest is "
        "free. Count and apply while nothing is picked."
    )
    permission = "catalog.change_product"
    columns: ClassVar = ["sku", "size", "units", "what", "reference"]
    required: ClassVar = ["sku", "units", "reference"]
    sample: ClassVar = [["BEAR-M", "", "24", "delivered", "DN-1041"], ["SHIRT-1", "L", "7", "counted", "COUNT-2026-11"]]

    def plan(self, line: Line) -> Step | None:
        line.refuse_long("reference", MOST_REFERENCE)
        if not line.values["reference"] and not line.problems:
            line.refuse("reference", _("a delivery note's number, or whatever names it"))
        product = self.product_of(line)
        size = self._size_of(line, product) if product else None
        is_count = self._is_count(line)
        units = self._units(line, least=0 if is_count else 1)
        if product is None or line.problems or not self.once(line, "sku", product.pk, size, line.values["reference"]):
            return None
        return self._step(product, size, units, is_count, self._reference(line, size))

    def _step(self, product: Product, size: ProductSize | None, units: int, is_count: bool, reference: str) -> Step:
        reason = Reason.COUNT if is_count else Reason.DELIVERY
        if product.stock_moves.filter(reason=reason, reference=reference).exists():
            return Step(_("%(product)s: done before") % {"product": product}, None)
        if is_count:
            summary = self._count_summary(product, size, units)
        else:
            before = size.stock if size else product.stock
            values = {"product": _named(product, size), "before": before, "after": before + units}
            summary = _("%(product)s: from %(before)d to %(after)d") % values
        act = stock.count_units if is_count else stock.receive_units
        return Step(summary, lambda: act(product, units, size=size, reference=reference, now=self.now))

    def _count_summary(self, product: Product, size: ProductSize | None, units: int) -> str:
        """What is free before and after, and what is kept for whom it is promised to."""
        promised = promised_units(product, size)
        values = {
            "product": _named(product, size),
            "units": units,
            "promised": promised,
            "before": size.stock if size else product.stock,
            "after": max(units - promised, 0),
        }
        if units < promised:
            return (
                _(
                    "%(product)s: %(units)d counted, but %(promised)d are held or ordered and not picked; free from "
                    "%(before)d to 0. Report what you do not find as missing."
                )
                % values
            )
        if promised:
            return (
                _(
                    "%(product)s: %(units)d counted, %(promised)d of them held or ordered and not picked; free from "
                    "%(before)d to %(after)d"
                )
                % values
            )
        return _("%(product)s: from %(before)d to %(after)d") % values

    def _size_of(self, line: Line, product: Product) -> ProductSize | None:
        sizes = {size.label.casefold(): size for size in product.sizes.all()}
        found = sizes.get(line.values["size"].casefold())
        if sizes and found is None:
            line.refuse("size", _("one of %s") % ", ".join(size.label for size in sizes.values()))
        elif line.values["size"] and not sizes:
            line.refuse("size", _("nothing: it comes in one size"))
        if product.kind == Product.Kind.MADE_TO_ORDER:
            line.refuse("sku", _("a product with a shelf; this one is made to order"))
        return found

    def _is_count(self, line: Line) -> bool:
        what = line.values["what"].casefold()
        if what not in {"", "delivered", "counted"}:
            line.refuse("what", _("one of %s, or nothing") % "delivered, counted")
        return what == "counted"

    def _units(self, line: Line, *, least: int) -> int:
        text = line.values["units"]
        if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= MOST_UNITS):
            values = {"least": least, "most": MOST_UNITS}
            line.refuse("units", _("a whole number from %(least)d to %(most)d") % values)
            return 0
        return int(text)

    def _reference(self, line: Line, size: ProductSize | None) -> str:
        """The size as it is called, however it was typed, so that it counts once."""
        return f"{line.values['reference']}/{size or ''}".rstrip("/")


def _named(product: Product, size: ProductSize | None) -> str:
    return f"{product} {size or ''}".strip()


@csv_schemas.add("prices")
class PriceSheet(Sheet):
    title = gettext_lazy("Prices")
    note = gettext_lazy(
        "Columns: sku, price (in the currency of its store), from (a day, UTC; empty: now). A price of a later day "
        "takes effect by itself; every price stays in the product's history."
    )
    permission = "catalog.change_product"
    columns: ClassVar = ["sku", "price", "from"]
    required: ClassVar = ["sku", "price"]
    sample: ClassVar = [["BEAR-M", "25.00", "2026-12-01"], ["SHIRT-1", "19.50", ""]]

    def plan(self, line: Line) -> Step | None:
        product = self.product_of(line)
        day = self.day_of(line, "from", is_needed=False)
        if day and day < self.now.date():
            line.refuse("from", _("today or a later day"))
        cents = self._cents(line, product) if product else 0
        at = max(dt.datetime.combine(day, dt.time(), dt.UTC), self.now) if day else self.now
        if product is None or line.problems or not self.once(line, "sku", product.pk, at):
            return None
        return self._step(product, cents, at)

    def _step(self, product: Product, cents: int, at: dt.datetime) -> Step:
        values = {
            "product": product,
            "price": money.display(cents, product.marketplace.currency),
            "before": money.display(product.price_cents, product.marketplace.currency),
            "day": at.date(),
        }
        if at <= self.now:
            if product.price_cents == cents:
                return Step(_("%(product)s: %(price)s already") % values, None)
            summary = _("%(product)s: from %(before)s to %(price)s, now") % values
        else:
            if (
                prices.price_at(product, at) == cents
                and PriceChange.objects.filter(product=product, occurred_at=at).exists()
            ):
                return Step(_("%(product)s: %(price)s from %(day)s already") % values, None)
            summary = _("%(product)s: %(price)s from %(day)s on") % values
        return Step(summary, lambda: prices.schedule_price(product, cents, at=at, now=self.now))

    def _cents(self, line: Line, product: Product) -> int:
        currency = product.marketplace.currency
        try:
            cents = money.parse(line.values["price"], currency)
        except RuleViolation:
            cents = 0
        if cents < 1:
            line.refuse(
                "price",
                _("an amount of %(currency)s like %(example)s")
                % {
                    "currency": currency,
                    "example": money.as_text(2750, currency),
                },
            )
        return cents


@csv_schemas.add("taxes")
class TaxSheet(Sheet):
    title = gettext_lazy("Tax rates")
    note = gettext_lazy(
        "Columns: marketplace, country (empty: everywhere else), region, rate (8.25% or 0.0825), from (a day). A rate "
        "that is in force is not changed: give the new one a later day."
    )
    permission = "catalog.change_taxrate"
    columns: ClassVar = ["marketplace", "country", "region", "rate", "from"]
    required: ClassVar = ["marketplace", "rate", "from"]
    sample: ClassVar = [["US", "US", "WA", "9.4%", "2027-01-01"], ["DE", "", "", "0.19", "2027-01-01"]]

    def plan(self, line: Line) -> Step | None:
        store = Marketplace.objects.filter(code=line.values["marketplace"].upper()).first()
        if store is None:
            line.refuse("marketplace", _("one of %s") % ", ".join(Marketplace.objects.values_list("code", flat=True)))
        country, region = line.values["country"].upper(), line.values["region"].upper()
        if country and not DeliveryCountry.objects.filter(code=country).exists():
            line.refuse("country", _("two letters of a country on the delivery list, or nothing"))
        line.refuse_long("region", 40)
        if region and not country:
            line.refuse("region", _("nothing, where no country is given"))
        rate, day = self._rate(line), self.day_of(line, "from")
        if store is None or day is None or line.problems:
            return None
        place = {"marketplace": store, "country": country, "region": region, "valid_from": day}
        return self._step(line, place, rate) if self.once(line, "from", *place.values()) else None

    def _step(self, line: Line, place: dict, rate: Decimal) -> Step | None:
        values = {
            "place": " ".join(filter(None, [place["marketplace"].code, place["country"], place["region"]])),
            "rate": in_percent(rate),
            "day": place["valid_from"],
        }
        known = TaxRate.objects.filter(**place).first()
        if known and known.rate == rate:
            return Step(_("%(place)s: %(rate)s from %(day)s already") % values, None)
        if known and place["valid_from"] <= self.now.date():
            line.refuse("from", _("a later day; from this one on another rate is in force"))
            return None
        summary = _("%(place)s: %(rate)s from %(day)s on") % values
        return Step(summary, lambda: self._keep(place, rate))

    def _keep(self, place: dict, rate: Decimal) -> None:
        TaxRate.objects.update_or_create(**place, defaults={"rate": rate})

    def _rate(self, line: Line) -> Decimal:
        found = RATE.fullmatch(line.values["rate"])
        rate = Decimal(found[1]) / (100 if found[2] else 1) if found else Decimal(1)
        if rate >= 1 or rate != rate.quantize(Decimal("0.00001")):
            line.refuse(
                "rate",
                _("a rate like %(percent)s or %(fraction)s, below 100 %%")
                % {
                    "percent": "8.25%",
                    "fraction": "0.0825",
                },
            )
            return Decimal(0)
        return rate
