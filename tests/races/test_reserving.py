"""Units held while many check out at once."""

import dataclasses
import datetime as dt
import threading

import pytest

from catalog.models import Product
from moments import clock
from moments.errors import RuleViolation
from redemption.checkout import reservations
from redemption.checkout.place_order import place_order
from redemption.checkout.reservations import HOLD, release_lapsed, reserve_unit
from redemption.models import Order, Reservation
from rewards.models import Reward
from tests import make
from tests.harness.owner import owner
from tests.races.crowd import rush

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
CROWD = 32


def claimed(product: Product, count: int) -> list[Reward]:
    campaign = make.campaign(products=[product], monthly_limit_cents=500_000)
    return [make.reward(campaign, claimed_by=make.customer()) for _number in range(count)]


def as_read(reward: Reward) -> Reward:
    """Each caller has a row of its own."""
    return Reward.objects.select_related("campaign", "group__marketplace", "customer").get(pk=reward.pk)


def reserve(reward: Reward, product: Product) -> Reservation:
    mine = as_read(reward)
    return reserve_unit(mine, customer=mine.customer, product=product, address=make.PORTLAND, now=clock.now())


def order(reward: Reward, product: Product, now: dt.datetime) -> Order:
    mine = as_read(reward)
    home = dataclasses.replace(make.PORTLAND, street=f"{mine.customer_id} Harbor Street")
    return place_order(mine, customer=mine.customer, product=product, address=home, now=now)


def left(product: Product) -> int:
    """As the shelf says, and as its moves add up."""
    stock = Product.objects.get(pk=product.pk).stock
    assert sum(product.stock_moves.values_list("units", flat=True)) == stock
    return stock


def test_of_many_checkouts_as_many_hold_a_unit_as_there_are():
    product = make.product(stock_units=3)
    rewards = claimed(product, CROWD)

    results = rush(CROWD, lambda number: reserve(rewards[number], product))

    held = [found for found in results if isinstance(found, Reservation)]
    assert len(held) == Reservation.objects.count() == 3
    assert {error.code for error in results if isinstance(error, RuleViolation)} == {"sold_out"}
    assert left(product) == 0
    placed = {order(found.reward, product, clock.now()).number for found in held}
    assert placed == {found.number for found in held} and left(product) == 0


def test_many_tabs_of_one_customer_hold_one_unit_and_make_one_order():
    product = make.product(stock_units=CROWD)
    (reward,) = claimed(product, 1)

    def check_out(_number: int) -> str:
        reserve(reward, product)
        return order(reward, product, clock.now()).number

    results = rush(CROWD, check_out)

    numbers = {found for found in results if isinstance(found, str)}
    refused = {found.code for found in results if isinstance(found, RuleViolation)}
    assert len(numbers) == Order.objects.count() == 1
    assert refused <= {"not_available"}, "whoever came when it was ordered"
    assert (left(product), Reservation.objects.count()) == (CROWD - 1, 0)


def test_control_without_its_locks_and_the_unique_key_many_tabs_hold_many_units(monkeypatch):
    product = make.product(stock_units=CROWD)
    (reward,) = claimed(product, 1)
    all_have_looked, look = threading.Barrier(CROWD), reservations.lock_reservation_for

    def wait_for_all(*about, **more):
        held = look(*about, **more)
        all_have_looked.wait(30)
        return held

    monkeypatch.setattr(reservations, "lock_active_user", lambda _customer: None)
    monkeypatch.setattr(reservations, "_lock_claimed", lambda _reward: None)
    monkeypatch.setattr(reservations, "lock_reservation_for", wait_for_all)
    with owner() as cursor:
        cursor.execute("ALTER TABLE redemption_reservation DROP CONSTRAINT redemption_reservation_reward_id_key")
    try:
        rush(CROWD, lambda _number: reserve(reward, product))
        held = Reservation.objects.count()
    finally:
        Reservation.objects.all().delete()
        with owner() as cursor:
            cursor.execute(
                "ALTER TABLE redemption_reservation "
                "ADD CONSTRAINT redemption_reservation_reward_id_key UNIQUE (reward_id)"
            )

    assert held == CROWD


def test_orders_and_the_sweep_at_once_lose_and_invent_no_unit():
    product = make.product(stock_units=12)
    rewards = claimed(product, 12)
    for reward in rewards:
        reserve(reward, product)
    late = clock.now() + HOLD

    def act(number: int) -> object:
        return order(rewards[number], product, late) if number < 8 else release_lapsed(now=late)

    results = rush(12, act)

    assert len([found for found in results if isinstance(found, Order)]) == Order.objects.count() == 8, results
    assert (left(product), Reservation.objects.count()) == (4, 0)
