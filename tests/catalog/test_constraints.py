"""What PostgreSQL refuses in the tables of stores, products and stock."""

import datetime as dt

import pytest

from catalog.models import ExchangeRate, ManualSubstitute, Marketplace, ProductSize, StockMove, TaxRate
from moments import clock
from tests import make
from tests.harness.constraints import Write, added, assert_refused, changed, twice

DAY = dt.date(2026, 10, 1)


def store() -> Marketplace:
    return Marketplace.objects.get(code="US")


def rate() -> ExchangeRate:
    return ExchangeRate(currency="EUR", usd=1, valid_from=DAY)


def tax() -> TaxRate:
    return TaxRate(marketplace=store(), country="US", region="OR", rate=0, valid_from=DAY)


def size() -> ProductSize:
    return ProductSize.objects.create(product=make.product(), label="L")


def substitute_of_itself() -> Write:
    product = make.product()
    return added(ManualSubstitute(product=product, equal=product))


CASES = {
    "exchange_rate_once": lambda: twice(rate()),
    "exchange_rate_positive": lambda: added(rate(), usd=0),
    "marketplace_shipping_not_negative": lambda: changed(store(), flat_shipping_cents=-1),
    "product_equal_is_another": substitute_of_itself,
    "product_equal_once": lambda: twice(ManualSubstitute(product=make.product(), equal=make.product())),
    "product_price_positive": lambda: changed(make.product(), price_cents=0),
    "product_provider_only_digital": lambda: changed(make.product(), fulfillment="provider"),
    "product_size_once": lambda: twice(size()),
    "product_size_stock_not_negative": lambda: changed(size(), stock=-1),
    "product_stock_not_negative": lambda: changed(make.product(), stock=-1),
    "stock_move_once": lambda: twice(
        StockMove(product=make.product(), units=1, reason="order", reference="order:1", occurred_at=clock.now())
    ),
    "tax_rate_once": lambda: twice(tax()),
    "tax_rate_sane": lambda: added(tax(), rate=1),
}


@pytest.mark.parametrize("name", CASES)
def test_the_database_refuses_what_breaks_a_constraint(db, name):
    assert_refused(name, CASES[name])


def test_moves_without_a_reference_may_repeat(db):
    move = StockMove(product=make.product(), units=1, reason="delivery", occurred_at=clock.now())

    twice(move)()

    assert StockMove.objects.filter(product=move.product, occurred_at=move.occurred_at).count() == 2
