"""Claim, choose, order, ship; equals for what is gone."""

import dataclasses
import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from catalog import stock
from catalog.models import DeliveryCountry, Marketplace, Product, StockMove
from moments.errors import RuleViolation
from outbox.models import Event, Mail
from redemption.checkout import payments, place_order
from redemption.choosing import quotes
from redemption.models import Membership, Order, OrderPayment, Reservation, Substitution
from redemption.orders.digital_content import content_of
from redemption.shipping import substitution, transitions
from rewards.claims.service import claim_reward, close_due_windows, expire_due_rewards
from rewards.issuing.voiding import void_reward
from rewards.models import Reward
from tests import make


def place(reward, customer, product, now, address=make.PORTLAND, size=None):
    return place_order.place_order(reward, customer=customer, product=product, size=size, address=address, now=now)


def refused(act, *args, **kwargs) -> str:
    """The refusal's code; no order, no stock, no status has moved."""
    before = (Order.objects.count(), StockMove.objects.count(), set(Reward.objects.values_list("pk", "status")))
    with pytest.raises(RuleViolation) as caught:
        act(*args, **kwargs)
    after = (Order.objects.count(), StockMove.objects.count(), set(Reward.objects.values_list("pk", "status")))
    assert after == before
    return caught.value.code


# Claiming


def test_a_claim_binds_the_reward_once(reward, customer, now):
    claim_reward(reward, customer=customer, now=now)
    claim_reward(reward, customer=customer, now=now)

    assert (reward.status, reward.customer) == ("claimed", customer)
    assert refused(claim_reward, reward, customer=make.customer(), now=now) == "not_available"


@pytest.mark.parametrize(("seconds", "works"), [(-1, True), (0, False), (1, False)])
def test_a_claim_holds_until_the_instant_of_expiry(reward, customer, seconds, works):
    at = reward.campaign.rewards_expire_at + dt.timedelta(seconds=seconds)

    if works:
        claim_reward(reward, customer=customer, now=at)
    else:
        assert refused(claim_reward, reward, customer=customer, now=at) == "not_available"


def test_a_voided_reward_cannot_be_claimed_and_costs_what_it_cost(reward, customer, now):
    spent = reward.campaign.total_spent_cents

    void_reward(reward, now=now)
    void_reward(reward, now=now)

    assert refused(claim_reward, reward, customer=customer, now=now) == "not_available"
    reward.campaign.refresh_from_db()
    assert reward.campaign.total_spent_cents == spent == 2750
    assert Event.objects.filter(type="reward.voided").count() == 1


def test_a_voided_reward_that_was_redeemed_goes_on(reward, customer, now):
    order = make.order(reward, by=customer)

    void_reward(reward, now=now)
    transitions.ship_order(order, by=make.operator(), now=now)

    assert order.status == "shipped"


# Ordering


def test_an_order_takes_stock_and_costs_the_customer_nothing(reward, customer, now):
    product = reward.group.choices.get().product
    claim_reward(reward, customer=customer, now=now)

    order = place(reward, customer, product, now)

    assert (order.item_cents, order.shipping_cents, order.tax_cents, order.credit_cents) == (2500, 0, 0, 2500)  # Oregon
    assert Product.objects.get(pk=product.pk).stock == 9
    assert Reward.objects.get(pk=reward.pk).status == "redeemed"
    assert Mail.objects.get(kind="order_confirmed").to_email == customer.email
    assert len(order.number) == 14


def test_redeeming_tells_the_developer_nothing(reward, customer):
    before = list(Event.objects.values("type", "payload"))

    make.order(reward, by=customer)

    assert list(Event.objects.values("type", "payload")) == before


def test_a_second_order_is_the_first_one(reward, customer, now):
    order = make.order(reward, by=customer)

    again = place(reward, customer, order.product, now)

    assert again == order
    with pytest.raises(IntegrityError), transaction.atomic():
        fields = {name: getattr(order, name) for name in ("item_cents", "shipping_cents", "tax_cents", "credit_cents")}
        Order.objects.create(
            reward=reward,
            customer=customer,
            product=order.product,
            currency="USD",
            placed_at=now,
            country="US",
            **fields,
        )


def test_somebody_elses_reward_cannot_be_ordered_with(reward, customer, now):
    claim_reward(reward, customer=customer, now=now)

    assert refused(place, reward, make.customer(), reward.group.choices.get().product, now) == "not_available"


def test_a_claim_that_has_expired_cannot_be_ordered_with(reward, customer, now):
    claim_reward(reward, customer=customer, now=now)

    late = reward.campaign.rewards_expire_at
    assert refused(place, reward, customer, reward.group.choices.get().product, late) == "not_available"


def test_what_the_reward_does_not_offer_cannot_be_ordered(reward, customer, now):
    claim_reward(reward, customer=customer, now=now)

    assert refused(place, reward, customer, make.product(), now) == "not_offered"


def test_an_address_in_a_country_that_is_not_served_is_refused_with_the_list(reward, customer, now):
    claim_reward(reward, customer=customer, now=now)
    DeliveryCountry.objects.filter(code="FR").update(is_served=False)
    paris = dataclasses.replace(make.PORTLAND, country="FR", city="Paris", region="", postal_code="75001")

    with pytest.raises(RuleViolation, match=r"does not deliver to France.*Germany"):
        place(reward, customer, reward.group.choices.get().product, now, paris)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"postal_code": "ABC"}, "postal_code"),
        ({"city": ""}, "city"),
        ({"region": "Bavaria"}, "region"),
        ({"street": ""}, "street"),
    ],
)
def test_an_address_is_written_as_its_country_does(reward, customer, now, changes, field):
    claim_reward(reward, customer=customer, now=now)

    with pytest.raises(RuleViolation) as caught:
        place(reward, customer, reward.group.choices.get().product, now, dataclasses.replace(make.PORTLAND, **changes))

    assert caught.value.field == field


# Who pays what


def test_the_credit_covers_item_tax_and_shipping(db, customer, now):
    product = make.product(2000)
    reward = make.reward(make.campaign(products=[product], cpa_cents=2799), claimed_by=customer)
    seattle = dataclasses.replace(make.PORTLAND, city="Seattle", region="WA", postal_code="98101")

    quote = quotes.quote_order(reward, product, seattle, customer=customer, now=now)

    assert (quote.item_cents, quote.shipping_cents, quote.tax_cents) == (2000, 599, 188)  # 9.4 %
    assert (quote.credit_cents, quote.to_pay_cents) == (2787, 0)


def test_members_ship_free_and_fast(db, customer, now):
    Membership.objects.create(user=customer, starts_on=now.date(), ends_on=now.date())
    product = make.product(2000)
    reward = make.reward(make.campaign(products=[product], cpa_cents=2799), claimed_by=customer)

    quote = quotes.quote_order(reward, product, make.PORTLAND, customer=customer, now=now)

    assert (quote.shipping_cents, quote.is_two_day) == (0, True)


def test_what_exceeds_a_category_credit_cannot_be_chosen(db, customer, now):
    make.product(1000, slug="tea")
    dear = make.product(9000, slug="tea")
    reward = make.reward(make.campaign(slug="tea", cpa_cents=2000), claimed_by=customer)

    with pytest.raises(RuleViolation, match=r"comes to \$90.00.*credit is \$20.00"):
        place(reward, customer, dear, now)


def test_a_price_that_rose_since_the_approval_is_not_the_customers(db, customer, now):
    from catalog.pricing.prices import set_price

    product = make.product(2500)
    reward = make.reward(make.campaign(products=[product]), claimed_by=customer)
    set_price(product, 9900, now=now)

    assert place(reward, customer, product, now).item_cents == 2500


# Afterward


def test_a_canceled_order_puts_the_unit_back_and_the_reward_is_good_again(reward, customer, now):
    order = make.order(reward, by=customer)

    transitions.cancel_order(order, by=make.operator(), reason="The parcel was lost.", now=now)
    reward.refresh_from_db()
    again = place(reward, customer, order.product, now)

    assert again != order
    assert Product.objects.get(pk=order.product_id).stock == 9
    assert Mail.objects.filter(kind="order_canceled").count() == 1


def test_an_equal_that_was_canceled_goes_back_to_its_own_shelf(reward, customer, now):
    order, equal = make.order(reward, by=customer), make.product(2600)
    substitution.report_missing(order, by=make.operator(), now=now)
    substitution.substitute_out_of_stock(now=now)
    substitution.accept_substitution(Substitution.objects.get(), by=customer, now=now)
    order.refresh_from_db()

    transitions.cancel_order(order, by=make.operator(), reason="Lost.", now=now)

    assert Product.objects.get(pk=equal.pk).stock == 10


def test_canceling_withdraws_the_offer_and_promises_nothing_that_is_over(reward, customer, now):
    from outbox.emails.rendering import render_mail

    order = make.order(reward, by=customer)
    make.product(2600)
    substitution.report_missing(order, by=make.operator(), now=now)
    substitution.substitute_out_of_stock(now=now)
    order.refresh_from_db()
    late = reward.campaign.rewards_expire_at

    transitions.cancel_order(order, by=make.operator(), reason="Out of print.", now=late)

    assert Substitution.objects.get().status == "declined"
    assert Reward.objects.get().status == "expired"
    assert "choose again" not in render_mail(Mail.objects.get(kind="order_canceled")).text


def test_a_code_is_delivered_on_the_order_and_by_mail(db, customer, now):
    film = make.product(1200, kind="digital")
    reward = make.reward(make.campaign(products=[film], cpa_cents=1320))
    order = make.order(reward, by=customer)
    operator = make.operator()

    with pytest.raises(RuleViolation) as caught:
        transitions.ship_order(order, by=operator, now=now)
    transitions.ship_order(order, by=operator, digital_content="FILM-1234", now=now)

    assert caught.value.code == "no_digital_content"
    assert content_of(order) == "FILM-1234"


def test_rewards_expire_and_windows_close_once(reward, customer, now):
    claimed = make.reward(reward.campaign, claimed_by=customer)
    redeemed = make.reward(reward.campaign)
    make.order(redeemed, by=make.customer())
    at = reward.campaign.rewards_expire_at

    assert expire_due_rewards(now=at - dt.timedelta(seconds=1)) == 0
    assert [expire_due_rewards(now=at) for _time in range(2)] == [2, 0]
    assert [close_due_windows(now=at) for _time in range(2)] == [1, 0]

    statuses = Reward.objects.in_bulk([reward.pk, claimed.pk, redeemed.pk])
    assert [statuses[found.pk].status for found in (reward, claimed, redeemed)] == ["expired", "expired", "redeemed"]
    assert Event.objects.filter(type="campaign.window_closed").count() == 1


def test_the_stores_shelf_adds_up(reward, customer):
    make.order(reward, by=customer)
    product = Product.objects.get()

    assert sum(product.stock_moves.values_list("units", flat=True)) == product.stock
    with pytest.raises(RuleViolation):
        stock.take_unit(product, reference=Order.objects.get().number, now=dt.datetime.now(dt.UTC))
    assert Marketplace.objects.count() == 13


def test_what_takes_more_than_the_credit_begins_a_payment_and_what_does_not_is_ordered(stripe, short, now):
    product = short.group.choices.get().product
    asked = {"customer": short.customer, "product": product, "size": None, "address": make.PORTLAND}

    begun = payments.order_or_begin_payment(short, **asked, language="en", now=now)
    assert isinstance(begun, OrderPayment) and begun.amount_cents == 349
    assert (Order.objects.count(), Reservation.objects.count()) == (0, 1)
    Membership.objects.create(user=short.customer, starts_on=now.date(), ends_on=now.date())  # nothing for shipping
    placed = payments.order_or_begin_payment(short, **asked, language="en", now=now)

    assert isinstance(placed, Order) and placed.paid_cents == 0
