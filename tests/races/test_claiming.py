"""One reward, one customer, one order."""

import contextlib
import threading
from collections import Counter
from dataclasses import replace

import pytest
from django.db import connection

from campaigns.models import Campaign
from catalog.models import Product
from moments import clock
from moments.errors import RuleViolation
from redemption.checkout import place_order as services
from redemption.checkout.place_order import place_order
from redemption.models import Order
from rewards.claims import abuse_limits
from rewards.claims.service import claim_reward
from rewards.models import Reward
from tests import make
from tests.harness.owner import owner
from tests.races.crowd import rush

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
CROWD = 64


def test_of_many_customers_one_owns_the_reward():
    reward = make.reward(make.campaign())
    customers = [make.customer() for _number in range(CROWD)]

    def claim(number: int) -> str:
        claim_reward(
            Reward.objects.select_related("campaign").get(pk=reward.pk), customer=customers[number], now=clock.now()
        )
        return "claimed"

    results = rush(CROWD, claim)

    refusals = Counter((error.code, error.message) for error in results if isinstance(error, RuleViolation))
    assert results.count("claimed") == 1
    assert refusals == {("not_available", "This reward is not available."): 63}


def test_control_checking_the_object_gives_it_to_several():
    reward = make.reward(make.campaign())
    customers = [make.customer() for _number in range(CROWD)]

    all_have_looked = threading.Barrier(CROWD)

    def claim_naively(number: int) -> bool:
        seen = Reward.objects.get(pk=reward.pk)
        if seen.status != Reward.Status.ISSUED:
            return False
        all_have_looked.wait(30)
        seen.status, seen.customer, seen.claimed_at = Reward.Status.CLAIMED, customers[number], clock.now()
        seen.save(update_fields=["status", "customer", "claimed_at"])
        return True

    assert rush(CROWD, claim_naively).count(True) == CROWD


DEVICE, ACCOUNTS, ALLOWED = {"device": "one browser"}, 24, 3


def claims_on_one_device() -> tuple[list, Campaign]:
    campaign = make.campaign()
    rewards = [make.reward(campaign).pk for _number in range(ACCOUNTS)]
    customers = [make.customer() for _number in range(ACCOUNTS)]

    def claim(number: int) -> str:
        mine = Reward.objects.select_related("campaign").get(pk=rewards[number])
        claim_reward(mine, customer=customers[number], signals=DEVICE, now=clock.now())
        return "claimed"

    return rush(ACCOUNTS, claim), campaign


def test_no_more_accounts_than_allowed_claim_on_one_device_at_once():
    results, campaign = claims_on_one_device()

    refusals = Counter(error.message for error in results if isinstance(error, RuleViolation))
    assert results.count("claimed") == ALLOWED
    assert refusals == {"This reward is not available.": ACCOUNTS - ALLOWED}
    assert campaign.rewards.exclude(customer=None).count() == ALLOWED


def test_control_counting_without_the_lock_lets_more_claim(monkeypatch):
    """The same claims, each counting before any other has written."""
    all_have_come = threading.Barrier(ACCOUNTS)
    monkeypatch.setattr(abuse_limits, "lock_digests", lambda _digests: all_have_come.wait(30))

    results, campaign = claims_on_one_device()

    assert results.count("claimed") > ALLOWED
    assert campaign.rewards.exclude(customer=None).count() > ALLOWED


def test_many_orders_of_one_customer_are_one_order():
    product = make.product(stock_units=5)
    customer = make.customer()
    reward = make.reward(make.campaign(products=[product]), claimed_by=customer)

    def order(number: int) -> str:
        mine = Reward.objects.select_related("campaign", "group__marketplace").get(pk=reward.pk)
        placed = place_order(mine, customer=customer, product=product, address=make.PORTLAND, now=clock.now())
        return placed.number

    results = rush(CROWD, order)

    assert len(set(results)) == 1, Counter(map(str, results))
    assert Order.objects.count() == 1
    assert Product.objects.get(pk=product.pk).stock == 4


def test_control_without_its_guards_many_orders_are_placed(monkeypatch, numbers):
    """Neither the customer's row is held, nor does the reward's status or the unique key say that there is one."""
    product, customer = make.product(stock_units=CROWD), make.customer()
    reward = make.reward(make.campaign(products=[product]), claimed_by=customer)
    all_have_looked = threading.Barrier(CROWD)

    def look(*_of) -> None:
        all_have_looked.wait(30)

    def order(number: int) -> None:
        mine = Reward.objects.select_related("campaign", "group__marketplace").get(pk=reward.pk)
        place_order(mine, customer=customer, product=product, address=make.PORTLAND, now=clock.now())

    monkeypatch.setattr(services, "lock_active_user", lambda _customer: None)
    monkeypatch.setattr(services, "order_of", look)
    monkeypatch.setattr(services, "mark_redeemed", lambda _reward, now: None)
    with without_the_unique_key():
        rush(CROWD, order)
        orders = Order.objects.count()
        Order.objects.update(status="canceled")

    assert orders > 1
    numbers("control: orders without their guards", tries=CROWD, orders=orders)


@contextlib.contextmanager
def without_the_unique_key():
    unique = next(each for each in Order._meta.constraints if each.name == "order_once_per_reward")
    with owner(), connection.schema_editor() as editor:
        editor.remove_constraint(Order, unique)
    try:
        yield
    finally:
        with owner(), connection.schema_editor() as editor:
            editor.add_constraint(Order, unique)


def test_stock_is_never_oversold():
    product = make.product(stock_units=10)
    campaign = make.campaign(products=[product], monthly_limit_cents=500_000)
    customers = [make.customer() for _number in range(40)]
    rewards = [make.reward(campaign, claimed_by=customer) for customer in customers]

    def order(number: int) -> str:
        mine = Reward.objects.select_related("campaign", "group__marketplace").get(pk=rewards[number].pk)
        home = replace(make.PORTLAND, street=f"{number} Harbor Street")
        place_order(mine, customer=customers[number], product=product, address=home, now=clock.now())
        return "ordered"

    results = rush(40, order)

    assert results.count("ordered") == 10
    assert {error.code for error in results if isinstance(error, RuleViolation)} == {"sold_out"}
    assert Product.objects.get(pk=product.pk).stock == 0
    assert Reward.objects.filter(status=Reward.Status.REDEEMED).count() == 10
