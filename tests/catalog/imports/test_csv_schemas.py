"""Lines of the CSV files that operators upload: what each does, and what is refused."""

import datetime as dt
from decimal import Decimal

import pytest

from catalog.imports.csv_schemas import MOST_UNITS, PriceSheet, Sheet, StockSheet, TaxSheet
from catalog.models import PriceChange, Product, StockMove, TaxRate
from catalog.stock import add_size
from moments.web.csv_in import Line
from tests import make


def line_of(sheet: type[Sheet], number: int = 2, **values: str) -> Line:
    return Line(
        number, {**dict.fromkeys(sheet.columns, ""), **{name.strip("_"): text for name, text in values.items()}}
    )


def planned(sheet: type[Sheet], now, *lines: Line):
    """What each line comes to."""
    opened = sheet(list(lines), now)
    return [opened.plan(line) for line in lines]


def problems(sheet: type[Sheet], now, **values: str) -> dict[str, str]:
    line = line_of(sheet, **values)
    assert planned(sheet, now, line) == [None]
    return {column: allowed for column, _given, allowed in line.problems}


def stock_now(product: Product) -> tuple[int, int]:
    product.refresh_from_db()
    return product.stock, product.stock_moves.count()


def product_of(sku: str, **fields) -> Product:
    made = make.product(2500, title=sku.title(), **fields)
    Product.objects.filter(pk=made.pk).update(sku=sku)
    made.refresh_from_db()
    return made


@pytest.fixture
def bear(db):
    return product_of("BEAR", stock_units=10)


@pytest.fixture
def shirt(bear, now):
    made = product_of("SHIRT", stock_units=0)
    add_size(made, "L", now=now)
    return made


# Every sheet


@pytest.mark.parametrize("sheet", [StockSheet, PriceSheet, TaxSheet])
def test_its_sample_names_its_columns_in_order(sheet):
    assert set(sheet.required) <= set(sheet.columns)
    assert all(len(line) == len(sheet.columns) for line in sheet.sample)


def test_a_line_that_says_what_another_says_is_refused_with_its_number(bear, now):
    first, second = (line_of(StockSheet, number, sku="BEAR", units="4", reference="DN-1") for number in (2, 3))

    done, refused = planned(StockSheet, now, first, second)

    assert done and refused is None
    assert second.problems == [("sku", "BEAR", "what no other line says; line 2 does")]


# Stock


def test_a_delivery_adds_units_once_for_its_reference(bear, now):
    (step,) = planned(StockSheet, now, line_of(StockSheet, sku="BEAR", units="4", reference="DN-1"))
    assert step.summary == "Bear: from 10 to 14"

    step.do()
    assert stock_now(bear) == (14, 2)

    (again,) = planned(StockSheet, now, line_of(StockSheet, sku="BEAR", units="4", reference="DN-1"))
    assert (again.summary, again.do) == ("Bear: done before", None)


def test_a_count_sets_what_is_there(bear, now):
    (step,) = planned(StockSheet, now, line_of(StockSheet, sku="BEAR", units="3", what="Counted", reference="C-1"))

    step.do()

    assert step.summary == "Bear: from 10 to 3" and stock_now(bear)[0] == 3
    assert bear.stock_moves.first().reason == StockMove.Reason.COUNT


def test_of_a_count_what_is_promised_is_kept(bear, now):
    make.order(make.reward(make.campaign(products=[bear])), by=make.customer())

    (some,) = planned(StockSheet, now, line_of(StockSheet, sku="BEAR", units="4", what="counted", reference="C-1"))
    (none,) = planned(StockSheet, now, line_of(StockSheet, sku="BEAR", units="0", what="counted", reference="C-2"))

    assert some.summary == "Bear: 4 counted, 1 of them held or ordered and not picked; free from 9 to 3"
    assert "0 counted, but 1 are held or ordered and not picked; free from 9 to 0" in none.summary
    some.do()
    assert stock_now(bear)[0] == 3


def test_a_size_is_found_however_it_is_typed_and_its_units_are_its_own(shirt, now):
    (step,) = planned(StockSheet, now, line_of(StockSheet, sku="SHIRT", size="l", units="7", reference="DN-1"))

    step.do()

    assert step.summary == "Shirt L: from 0 to 7" and shirt.sizes.get().stock == 7
    assert shirt.stock_moves.get().reference == "DN-1/L"


@pytest.mark.parametrize(
    ("values", "column", "allowed"),
    [
        ({"sku": "NONE"}, "sku", "the SKU of a product"),
        ({"sku": "SHIRT"}, "size", "one of L"),
        ({"sku": "SHIRT", "size": "XXL"}, "size", "one of L"),
        ({"sku": "BEAR", "size": "L"}, "size", "nothing: it comes in one size"),
        ({"units": "0"}, "units", f"a whole number from 1 to {MOST_UNITS}"),
        ({"units": "-4"}, "units", f"a whole number from 1 to {MOST_UNITS}"),
        ({"units": "1_0"}, "units", f"a whole number from 1 to {MOST_UNITS}"),
        ({"units": str(MOST_UNITS + 1)}, "units", f"a whole number from 1 to {MOST_UNITS}"),
        ({"what": "stolen"}, "what", "one of delivered, counted, or nothing"),
        ({"reference": ""}, "reference", "a delivery note's number, or whatever names it"),
        ({"reference": "x" * 40}, "reference", "at most 39 characters"),
        ({"reference": "DN\x001"}, "reference", "no control characters"),
    ],
)
def test_a_stock_line_that_cannot_be_meant_is_refused_and_moves_nothing(bear, shirt, now, values, column, allowed):
    found = problems(StockSheet, now, **{"sku": "BEAR", "units": "4", "reference": "DN-1", **values})

    assert found[column] == allowed
    assert stock_now(bear) == (10, 1) and not shirt.stock_moves.exists()


def test_what_is_made_to_order_has_no_shelf(db, now):
    product_of("MUG", stock_units=0, kind=Product.Kind.MADE_TO_ORDER)

    found = problems(StockSheet, now, sku="MUG", units="4", reference="DN-1")

    assert found == {"sku": "a product with a shelf; this one is made to order"}
    assert not StockMove.objects.exists()


# Prices


def test_a_price_without_a_day_counts_from_now(bear, now):
    (step,) = planned(PriceSheet, now, line_of(PriceSheet, sku="BEAR", price="19.50"))
    assert step.summary == "Bear: from $25.00 to $19.50, now"

    step.do()

    bear.refresh_from_db()
    assert bear.price_cents == 1950
    (again,) = planned(PriceSheet, now, line_of(PriceSheet, sku="BEAR", price="19.50"))
    assert (again.summary, again.do) == ("Bear: $19.50 already", None)


def test_a_price_of_a_later_day_is_scheduled_once(bear, now):
    day = (now + dt.timedelta(days=3)).date()
    line = {"sku": "BEAR", "price": "30", "from_": day.isoformat()}
    (step,) = planned(PriceSheet, now, line_of(PriceSheet, **line))
    assert step.summary == f"Bear: $30.00 from {day} on"

    step.do()

    bear.refresh_from_db()
    assert bear.price_cents == 2500
    assert PriceChange.objects.get(product=bear, occurred_at__date=day).price_cents == 3000
    (again,) = planned(PriceSheet, now, line_of(PriceSheet, **line))
    assert (again.summary, again.do) == (f"Bear: $30.00 from {day} already", None)


@pytest.mark.parametrize(
    ("values", "column", "allowed"),
    [
        ({"sku": "NONE"}, "sku", "the SKU of a product"),
        ({"price": "0"}, "price", "an amount of USD like 27.50"),
        ({"price": "free"}, "price", "an amount of USD like 27.50"),
        ({"price": "19.505"}, "price", "an amount of USD like 27.50"),
        ({"from_": "2020-01-01"}, "from", "today or a later day"),
        ({"from_": "tomorrow"}, "from", "a day like 2026-11-30"),
    ],
)
def test_a_price_line_that_cannot_be_meant_is_refused_and_changes_no_price(bear, now, values, column, allowed):
    found = problems(PriceSheet, now, **{"sku": "BEAR", "price": "19.50", **values})

    bear.refresh_from_db()
    assert found[column] == allowed
    assert (bear.price_cents, bear.price_changes.count()) == (2500, 1)


# Tax


@pytest.mark.parametrize(("typed", "rate"), [("9.4%", "0.094"), ("0.0825", "0.0825"), ("19 %", "0.19"), ("0", "0")])
def test_a_tax_rate_is_a_percentage_or_a_fraction(db, now, typed, rate):
    day = now.date() + dt.timedelta(days=1)
    (step,) = planned(
        TaxSheet, now, line_of(TaxSheet, marketplace="us", country="us", region="wa", rate=typed, from_=day.isoformat())
    )

    step.do()

    assert TaxRate.objects.get(marketplace="US", country="US", region="WA", valid_from=day).rate == Decimal(rate)


def test_a_tax_rate_of_a_day_to_come_may_be_replaced(db, now):
    day = (now.date() + dt.timedelta(days=1)).isoformat()
    for rate in ("9%", "10%"):
        (step,) = planned(TaxSheet, now, line_of(TaxSheet, marketplace="US", rate=rate, from_=day))
        step.do()

    (again,) = planned(TaxSheet, now, line_of(TaxSheet, marketplace="US", rate="10%", from_=day))

    assert again.do is None and again.summary.endswith("already")
    assert TaxRate.objects.get(marketplace="US", country="", region="", valid_from=day).rate == Decimal("0.1")


def test_a_tax_rate_that_is_in_force_is_not_changed(db, now):
    place = {"marketplace_id": "US", "country": "", "region": "", "valid_from": now.date()}
    TaxRate.objects.create(**place, rate=Decimal("0.09"))

    found = problems(TaxSheet, now, marketplace="US", rate="10%", from_=now.date().isoformat())

    assert found == {"from": "a later day; from this one on another rate is in force"}
    assert TaxRate.objects.get(**place).rate == Decimal("0.09")


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ({"marketplace": "XX"}, "marketplace"),
        ({"country": "XX"}, "country"),
        ({"region": "WA"}, "region"),
        ({"country": "US", "region": "x" * 41}, "region"),
        ({"rate": "100%"}, "rate"),
        ({"rate": "1.5"}, "rate"),
        ({"rate": "9,4%"}, "rate"),
        ({"rate": "-1%"}, "rate"),
        ({"rate": "1e-2"}, "rate"),
        ({"from_": "someday"}, "from"),
    ],
)
def test_a_tax_line_that_cannot_be_meant_is_refused_and_changes_no_rate(db, now, values, column):
    before = TaxRate.objects.count()

    found = problems(TaxSheet, now, **{"marketplace": "US", "rate": "9%", "from_": "2090-01-01", **values})

    assert column in found and TaxRate.objects.count() == before
