"""The shelf under many hands: sizes, counts, and choices that are changed crosswise."""

import threading
from collections import Counter

import pytest
from django.db import OperationalError

from catalog import stock
from catalog.imports import service as imports
from catalog.models import Product, ProductSize
from moments import clock
from moments.errors import RuleViolation
from redemption.checkout import reservations
from redemption.models import Reservation
from rewards.ledger.reconciliation import find_discrepancies
from rewards.models import Reward
from tests import make
from tests.races.crowd import rush
from tests.races.test_reserving import claimed, left, reserve

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
CROWD = 64


@pytest.fixture
def shirt() -> tuple[Product, list[ProductSize]]:
    """Three of S and two of L."""
    product, now = make.product(stock_units=0), clock.now()
    sizes = [stock.add_size(product, label, now=now) for label in "SL"]
    for size, units in zip(sizes, (3, 2), strict=True):
        stock.receive_units(product, units, size=size, now=now)
    return product, sizes


def take_by_turns(product: Product, sizes: list[ProductSize]) -> list:
    def take(number: int) -> str:
        size = sizes[number % 2]
        stock.take_unit(product, size=size, reference=f"order-{number}", now=clock.now())
        return size.label

    return rush(CROWD, take)


def test_of_two_sizes_as_many_are_taken_as_there_are(shirt):
    product, sizes = shirt

    results = take_by_turns(product, sizes)

    assert Counter(found for found in results if isinstance(found, str)) == {"S": 3, "L": 2}
    assert {error.code for error in results if isinstance(error, RuleViolation)} <= {"sold_out", "size_sold_out"}
    assert set(product.sizes.values_list("stock", flat=True)) == {0} and left(product) == 0
    assert find_discrepancies() == []


def test_control_sizes_that_are_read_and_then_written_are_sold_many_times(shirt, monkeypatch, numbers):
    product, sizes = shirt
    all_have_looked = threading.Barrier(CROWD)

    def read_and_write(row) -> bool:
        if row.model is Product:
            return True
        units = row.values_list("stock", flat=True).get()
        all_have_looked.wait(30)
        return bool(units and row.update(stock=units - 1))

    monkeypatch.setattr(stock, "_take_from", read_and_write)

    taken = len([found for found in take_by_turns(product, sizes) if isinstance(found, str)])

    assert taken == CROWD
    assert {found.what for found in find_discrepancies()} == {"stock", "stock of a size", "stock in sizes"}
    numbers("control: sizes read, then written", units=5, taken=taken)


# Counting


def count_while_they_reserve() -> tuple[int, int]:
    """Twelve stand on the shelf all the time, and some count twelve: how many are held, and how many are free."""
    product = make.product(stock_units=12)
    rewards = claimed(product, 24)

    def act(number: int) -> object:
        if number < 24:
            return reserve(rewards[number], product)
        return stock.count_units(Product.objects.get(pk=product.pk), 12, now=clock.now())

    rush(32, act)
    rush(32, act)
    return Reservation.objects.count(), left(product)


def test_counting_while_customers_reserve_sells_no_unit_twice():
    assert count_while_they_reserve() == (12, 0)


def test_control_a_count_that_knows_no_promises_sells_units_twice(monkeypatch, numbers):
    monkeypatch.setattr(stock, "promised_units", lambda _product, _size: 0)

    held, free = count_while_they_reserve()

    assert held + free > 12
    numbers("control: counted without promises", units=12, held=held, free=free)


def count_with_a_rival_in_the_gap(monkeypatch) -> int:
    """One reserves when the count has read what is free: what is free and held in the end, of two."""
    product = make.product(stock_units=2)
    (reward,) = claimed(product, 1)
    promised = stock.promised_units
    rival = threading.Thread(target=lambda: rush(1, lambda _number: reserve(reward, product)))

    def after_the_rival(*about) -> int:
        rival.start()
        rival.join(0.5)  # to its end, or until it waits
        return promised(*about)

    monkeypatch.setattr(stock, "promised_units", after_the_rival)
    stock.count_units(product, 2, now=clock.now())
    rival.join()
    return left(product) + Reservation.objects.count()


def test_a_count_and_a_reservation_wait_for_each_other(monkeypatch):
    assert count_with_a_rival_in_the_gap(monkeypatch) == 2


def test_control_a_count_without_the_lock_loses_a_unit(monkeypatch):
    monkeypatch.setattr(stock, "_lock", lambda product: Product.objects.get(pk=product.pk))

    assert count_with_a_rival_in_the_gap(monkeypatch) == 1


# Choices changed crosswise


def holding(count: int) -> tuple[list[Reward], list[Product]]:
    """Half hold one thing and half another, and two more of each are free."""
    both = [make.product(stock_units=count // 2 + 2) for _number in range(2)]
    campaign = make.campaign(products=both, monthly_limit_cents=500_000)
    rewards = [make.reward(campaign, claimed_by=make.customer()) for _number in range(count)]
    for number, reward in enumerate(rewards):
        reserve(reward, both[number % 2])
    return rewards, both


def change_crosswise(rewards: list[Reward], both: list[Product]) -> list:
    return rush(len(rewards), lambda number: reserve(rewards[number], both[1 - number % 2]))


def test_choices_that_are_changed_crosswise_end_with_a_unit_each():
    rewards, both = holding(16)

    results = change_crosswise(rewards, both)

    assert not [error for error in results if not isinstance(error, Reservation | RuleViolation)], results
    assert Reservation.objects.count() == 16
    assert [left(product) + product.reservations.count() for product in both] == [10, 10]


def test_control_without_one_order_of_locks_two_wait_for_each_other(monkeypatch):
    rewards, both = holding(2)
    both_let_go, available_offer = threading.Barrier(2), reservations.available_offer

    def wait_for_the_other(*about):
        both_let_go.wait(30)
        return available_offer(*about)

    monkeypatch.setattr(stock, "lock_products", lambda _products: None)
    monkeypatch.setattr(reservations, "available_offer", wait_for_the_other)

    results = change_crosswise(rewards, both)

    assert [type(found) for found in results].count(OperationalError) == 1, results


# Uploads that name the same products in another order


def apply_at_once(count: int) -> tuple[list, list[Product]]:
    """Each brings one of each; every other one from the bottom up."""
    both, boss = [make.product(stock_units=0) for _number in range(2)], make.operator()

    def upload(number: int) -> str:
        lines = [f"{product.sku},1,DN-{number}" for product in (both if number % 2 else both[::-1])]
        content = "\n".join(["sku,units,reference", *lines]).encode()
        kept = imports.keep_import("stock", content=content, file_name="a.csv", by=boss, now=clock.now())
        imports.apply_import(kept, by=boss, now=clock.now())
        return "done"

    return rush(count, upload), both


def test_uploads_that_name_the_same_products_wait_for_each_other_in_turn():
    results, both = apply_at_once(16)

    assert results == ["done"] * 16
    assert [left(product) for product in both] == [16, 16]


def test_control_uploads_without_one_order_of_locks_end_each_other(monkeypatch):
    plan, receive, both_have_one = imports.plan_import, stock.receive_units, threading.Barrier(2)
    begun = threading.local()

    def receive_and_wait(*about, **more):
        receive(*about, **more)
        if not hasattr(begun, "once"):
            begun.once = True
            both_have_one.wait(30)

    monkeypatch.setattr(imports, "plan_import", lambda found, *, is_done=False, now: plan(found, now=now))
    monkeypatch.setattr(stock, "receive_units", receive_and_wait)

    results, both = apply_at_once(2)

    assert sorted(type(found).__name__ for found in results) == ["OperationalError", "str"]
    assert [left(product) for product in both] == [1, 1]
