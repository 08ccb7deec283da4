"""Somebody counts the shelf: what is promised still stands there, and is nobody else's."""

import pytest

from catalog import stock
from catalog.imports import service as imports
from catalog.models import Product, StockMove
from moments.errors import RuleViolation
from redemption.checkout.place_order import place_order
from redemption.checkout.reservations import HOLD, release_lapsed, reserve_unit
from redemption.models import Order, Reservation, Substitution
from redemption.orders.committed_stock import promised_units
from redemption.shipping import picking, substitution, transitions
from rewards.models import Reward
from tests import make
from tests.catalog.imports.test_imports import keep
from tests.catalog.test_sizes import on_shelf, shirt


@pytest.fixture
def product(db) -> Product:
    return make.product(2500, stock_units=5)


def claimed(product: Product) -> Reward:
    return make.reward(make.campaign(products=[product]), claimed_by=make.customer())


def hold(product: Product, now, size=None) -> Reservation:
    reward = claimed(product)
    return reserve_unit(reward, customer=reward.customer, product=product, size=size, address=make.PORTLAND, now=now)


def order(product: Product, now, size=None) -> Order:
    reward = claimed(product)
    return place_order(reward, customer=reward.customer, product=product, size=size, address=make.PORTLAND, now=now)


def free(product: Product) -> int:
    found = Product.objects.get(pk=product.pk).stock
    assert sum(product.stock_moves.values_list("units", flat=True)) == found
    return found


@pytest.mark.slow
def test_who_counts_what_stands_there_changes_nothing(product, now):
    hold(product, now)
    order(product, now)

    assert stock.units_on_shelf(product) == 5
    assert stock.count_units(product, 5, now=now) == 0
    assert free(product) == 3 and not StockMove.objects.filter(reason="count").exists()
    release_lapsed(now=now + HOLD)
    assert stock.units_on_shelf(product) == 5 and free(product) == 4


@pytest.mark.slow
def test_every_unit_is_promised_until_it_leaves_the_shelf(product, now):
    boss = make.operator()
    picked, shipped, missing, canceled = (order(product, now) for _unit in range(4))
    assert (promised_units(product), free(product)) == (4, 1)

    picking.pick_order(picked, by=boss, now=now)
    transitions.ship_order(shipped, by=boss, now=now)
    substitution.report_missing(missing, by=boss, now=now)
    transitions.cancel_order(canceled, by=boss, reason="Lost.", now=now)

    assert (promised_units(product), free(product), stock.units_on_shelf(product)) == (0, 2, 2)


def test_an_equal_is_promised_in_place_of_what_was_missing(product, now):
    boss, equal = make.operator(), make.product(2500, stock_units=3)
    placed = order(product, now)
    substitution.report_missing(placed, by=boss, now=now)
    substitution.substitute_out_of_stock(now=now)

    substitution.accept_substitution(Substitution.objects.get(), by=placed.customer, now=now)

    assert (promised_units(product), promised_units(equal)) == (0, 1)
    stock.count_units(equal, 3, now=now)
    assert free(equal) == 2


@pytest.mark.slow
def test_where_fewer_are_there_than_are_promised_none_is_free(product, now):
    for _unit in range(3):
        order(product, now)

    assert stock.count_units(product, 1, now=now) == 2

    assert free(product) == 0
    with pytest.raises(RuleViolation, match="sold out"):
        order(product, now)


def test_each_size_keeps_its_own_promises(db, now):
    product, sizes = shirt(now, S=3, L=2)
    order(product, now, sizes["S"])

    assert [stock.units_on_shelf(product, sizes[label]) for label in "SL"] == [3, 2]
    stock.count_units(product, 4, size=sizes["S"], now=now)

    assert on_shelf(product) == (5, {"S": 3, "L": 2})


def test_what_was_ordered_before_there_were_sizes_is_kept_in_each_of_them(product, now):
    placed = order(product, now)
    small = stock.add_size(product, "S", now=now)

    stock.count_units(product, 3, size=small, now=now)

    assert on_shelf(product) == (2, {"S": 2})
    picking.pick_order(placed, by=make.operator(), now=now)
    assert stock.units_on_shelf(product, small) == 2


def test_what_was_made_to_order_stands_on_no_shelf(db, now):
    made = make.product(2500, stock_units=0, kind="made_to_order")
    order(made, now)
    Product.objects.filter(pk=made.pk).update(kind="physical")

    stock.count_units(made, 2, now=now)

    assert (promised_units(made), free(made)) == (0, 2)


@pytest.mark.parametrize(
    ("units", "shown", "left"),
    [
        (6, "6 counted, 2 of them held or ordered and not picked; free from 3 to 4", 4),
        (1, "1 counted, but 2 are held or ordered and not picked; free from 3 to 0.", 0),
    ],
)
def test_an_upload_says_what_a_count_leaves_free(product, now, units, shown, left):
    hold(product, now)
    order(product, now)
    kept = keep("stock", f"sku,units,what,reference\n{product.sku},{units},counted,C-1\n", now)

    (line,) = imports.plan_import(kept, now=now)
    assert line.step and shown in line.step.summary
    imports.apply_import(kept, by=kept.uploaded_by, now=now)

    assert free(product) == left


# What it gives back


@pytest.mark.parametrize(
    ("before", "after", "left"), [("made_to_order", "physical", 0), ("physical", "made_to_order", 5)]
)
def test_an_order_is_canceled_whatever_its_product_has_become(db, now, before, after, left):
    product = make.product(2500, kind=before, stock_units=left)
    order(product, now)
    Product.objects.filter(pk=product.pk).update(kind=after)
    placed = Order.objects.get()  # as its page reads it

    transitions.cancel_order(placed, by=make.operator(), reason="Lost.", now=now)

    assert (Order.objects.get().status, Reward.objects.get().status) == ("canceled", "claimed")
    assert free(product) == left
