"""A unit held while somebody checks out."""

import datetime as dt

import pytest

from catalog import stock
from catalog.models import Product, StockMove
from catalog.pricing.prices import set_price
from moments.errors import RuleViolation
from outbox.models import Event
from redemption.checkout.place_order import place_order
from redemption.checkout.reservations import HOLD, release_lapsed, reserve_unit
from redemption.models import Order, Reservation
from redemption.privacy.erasure import erase_customer
from redemption.shipping.transitions import cancel_order
from rewards.claims.service import claim_reward
from tests import make
from tests.redemption.addresses.test_addresses import PORTLAND_FORM, TORONTO
from tests.redemption.claim.test_pages import open_page


@pytest.fixture
def last_one(db) -> Product:
    return make.product(stock_units=1)


@pytest.fixture
def claimed(last_one, customer):
    return make.reward(make.campaign(products=[last_one]), claimed_by=customer)


def reserve(reward, product, now, **more):
    return reserve_unit(
        reward, **{"customer": reward.customer, "product": product, "address": make.PORTLAND, "now": now, **more}
    )


def order(reward, product, now):
    return place_order(reward, customer=reward.customer, product=product, address=make.PORTLAND, now=now)


def left(product) -> int:
    return Product.objects.get(pk=product.pk).stock


def test_a_held_unit_is_off_the_shelf_and_becomes_the_order(claimed, last_one, now):
    held = reserve(claimed, last_one, now)
    assert (left(last_one), held.held_until) == (0, now + HOLD)

    placed = order(claimed, last_one, now)

    assert (placed.number, left(last_one), Reservation.objects.count()) == (held.number, 0, 0)
    assert list(StockMove.objects.filter(reason="order").values_list("reference", flat=True)) == [placed.number]
    cancel_order(placed, by=make.operator(), reason="Lost.", now=now)
    assert left(last_one) == 1


def test_what_is_held_is_sold_out_for_everybody_else(claimed, last_one, now):
    reserve(claimed, last_one, now)
    other = make.reward(claimed.campaign, claimed_by=make.customer())

    for act in (reserve, order):
        with pytest.raises(RuleViolation) as caught:
            act(other, last_one, now)
        assert caught.value.code == "sold_out"
    assert (left(last_one), Reservation.objects.count(), Order.objects.count()) == (0, 1, 0)


def test_coming_again_holds_the_same_unit_no_longer_than_before(claimed, last_one, now):
    held = reserve(claimed, last_one, now)

    again = reserve(claimed, last_one, now + dt.timedelta(minutes=14), address=TORONTO)

    assert (again.pk, again.held_until, again.city) == (held.pk, held.held_until, "Toronto")
    assert left(last_one) == 0


def test_a_reward_holds_one_unit_choosing_another_puts_the_first_back(customer, now):
    first, second = make.product(stock_units=1), make.product(stock_units=1)
    reward = make.reward(make.campaign(products=[first, second]), claimed_by=customer)

    reserve(reward, first, now)
    reserve(reward, second, now)

    assert (left(first), left(second), Reservation.objects.count()) == (1, 0, 1)
    order(reward, first, now)
    assert (left(first), left(second), Reservation.objects.count()) == (0, 1, 0)


@pytest.mark.parametrize("act", ["held", "ordered"])
def test_who_changes_to_what_has_sold_out_keeps_what_is_held(customer, now, act):
    first, gone = make.product(stock_units=1), make.product(stock_units=0)
    reward = make.reward(make.campaign(products=[first, gone]), claimed_by=customer)
    held = reserve(reward, first, now)

    with pytest.raises(RuleViolation) as caught:
        {"held": reserve, "ordered": order}[act](reward, gone, now + dt.timedelta(minutes=1))

    assert caught.value.code == "sold_out"
    assert Reservation.objects.filter(pk=held.pk, product=first, held_until=held.held_until).exists()
    assert (left(first), StockMove.objects.filter(reason="return").count(), Order.objects.count()) == (0, 0, 0)
    assert order(reward, first, now).number == held.number


def test_a_size_that_has_sold_out_costs_nobody_the_one_that_is_held(customer, now):
    shirt = make.product(stock_units=0)
    small, large = (stock.add_size(shirt, label, now=now) for label in "SL")
    stock.receive_units(shirt, 1, size=small, now=now)
    reward = make.reward(make.campaign(products=[shirt]), claimed_by=customer)
    reserve(reward, shirt, now, size=small)

    with pytest.raises(RuleViolation) as caught:
        reserve(reward, shirt, now, size=large)

    assert (caught.value.code, Reservation.objects.get().size, left(shirt)) == ("size_sold_out", small, 0)


def test_what_lapsed_is_put_back_once(claimed, last_one, now):
    reserve(claimed, last_one, now)

    swept = [release_lapsed(now=now + HOLD + dt.timedelta(seconds=second)) for second in (-1, 0, 1)]

    assert (swept, left(last_one)) == ([0, 1, 0], 1)


def test_what_was_held_before_there_were_sizes_is_not_ordered_without_one(claimed, last_one, now):
    reserve(claimed, last_one, now)
    stock.add_size(last_one, "S", now=now)

    with pytest.raises(RuleViolation, match="Choose a size"):
        order(claimed, last_one, now)

    assert not Order.objects.exists() and Reservation.objects.count() == 1


def test_one_that_cannot_be_put_back_holds_up_none_of_the_others(claimed, last_one, customer, now):
    full = make.product(stock_units=1)
    reserve(make.reward(make.campaign(products=[full]), claimed_by=customer), full, now - HOLD)
    Product.objects.filter(pk=full.pk).update(stock=2**31 - 1)  # its column takes no more
    reserve(claimed, last_one, now)

    assert (release_lapsed(now=now + HOLD), left(last_one)) == (1, 1)
    assert Reservation.objects.get().product == full


def test_what_was_made_to_order_when_it_was_held_brings_no_unit_to_the_shelf(customer, now):
    made = make.product(kind="made_to_order", stock_units=0)
    reserve(make.reward(make.campaign(products=[made]), claimed_by=customer), made, now)
    Product.objects.filter(pk=made.pk).update(kind="physical")

    assert (release_lapsed(now=now + HOLD), left(made), StockMove.objects.count()) == (1, 0, 0)


def test_what_was_made_to_order_when_it_was_held_and_has_a_shelf_now_is_taken_from_it(customer, now):
    made = make.product(kind="made_to_order", stock_units=0)
    reward = make.reward(make.campaign(products=[made]), claimed_by=customer)
    reserve(reward, made, now)
    Product.objects.filter(pk=made.pk).update(kind="physical")
    made.refresh_from_db()

    with pytest.raises(RuleViolation) as caught:
        order(reward, made, now)
    assert (caught.value.code, Order.objects.count(), Reservation.objects.count()) == ("sold_out", 0, 1)
    stock.receive_units(made, 1, now=now)
    order(reward, made, now)

    assert (left(made), Reservation.objects.count()) == (0, 0)


def test_what_is_made_to_order_now_and_was_not_when_it_was_taken_is_put_back(claimed, last_one, now):
    reserve(claimed, last_one, now)
    Product.objects.filter(pk=last_one.pk).update(kind="made_to_order")

    assert (release_lapsed(now=now + HOLD), left(last_one)) == (1, 1)


def test_nothing_is_held_for_whoever_is_erased_and_no_address_is_written_down(claimed, last_one, now):
    reserve(claimed, last_one, now)
    erase_customer(claimed.customer, now=now)

    for _before_the_sweep_and_after in range(2):
        with pytest.raises(RuleViolation, match="was erased"):
            reserve(claimed, last_one, now)
        assert not Reservation.objects.exclude(street="").exists()
        release_lapsed(now=now + HOLD)

    assert (left(last_one), Reservation.objects.count()) == (1, 0)


def test_a_lapsed_unit_that_is_still_there_is_its_customers(claimed, last_one, now):
    held = reserve(claimed, last_one, now)
    late = now + HOLD + dt.timedelta(seconds=30)

    assert reserve(claimed, last_one, late).held_until == late + HOLD
    assert order(claimed, last_one, late).number == held.number


def test_after_the_sweep_the_unit_is_taken_anew_or_said_to_be_gone(claimed, last_one, now):
    reserve(claimed, last_one, now)
    release_lapsed(now=now + HOLD)
    stock.take_unit(last_one, reference="somebody else", now=now)

    with pytest.raises(RuleViolation) as caught:
        order(claimed, last_one, now)
    assert (caught.value.code, Order.objects.count()) == ("sold_out", 0)

    stock.put_back_unit(last_one, reference="somebody else", now=now)
    assert order(claimed, last_one, now).product == last_one


def test_an_equal_stays_free_while_it_is_held_though_the_original_comes_back(claimed, last_one, now):
    equal = make.product(2700)
    stock.take_unit(last_one, reference="somebody else", now=now)
    reserve(claimed, equal, now)
    stock.put_back_unit(last_one, reference="somebody else", now=now)
    set_price(equal, 2750, now=now)

    placed = order(claimed, equal, now)

    assert (placed.item_cents, placed.paid_cents) == (2700, 0)
    assert (
        placed.credit_cents + placed.operator_paid_cents == placed.item_cents + placed.shipping_cents + placed.tax_cents
    )


@pytest.mark.parametrize("how", ["theirs", "expired", "voided", "redeemed"])
def test_nothing_is_held_with_a_reward_that_cannot_be_ordered_with(claimed, last_one, now, how):
    from rewards.issuing.voiding import void_reward

    at, by = now, claimed.customer
    if how == "theirs":
        by = make.customer()
    elif how == "expired":
        at = claimed.campaign.rewards_expire_at
    elif how == "voided":
        void_reward(claimed, now=now)
    else:
        order(claimed, last_one, now)
        stock.receive_units(last_one, 1, now=now)
    before = left(last_one)

    with pytest.raises(RuleViolation) as caught:
        reserve(claimed, last_one, at, customer=by)

    assert caught.value.code == "not_available"
    assert (left(last_one), Reservation.objects.count()) == (before, 0)


def test_a_size_is_held_and_put_back_as_that_size(customer, now):
    shirt = make.product(stock_units=0)
    small, large = (stock.add_size(shirt, label, now=now) for label in "SL")
    for size in (small, large):
        stock.receive_units(shirt, 1, size=size, now=now)
    reward = make.reward(make.campaign(products=[shirt]), claimed_by=customer)

    reserve(reward, shirt, now, size=small)
    reserve(reward, shirt, now, size=large)

    small.refresh_from_db()
    large.refresh_from_db()
    assert (small.stock, large.stock, left(shirt)) == (1, 0, 1)


def test_the_developer_sees_nothing_of_it(claimed, last_one, now):
    before = list(Event.objects.values())

    reserve(claimed, last_one, now)
    release_lapsed(now=now + HOLD)

    assert list(Event.objects.values()) == before


# On the page


@pytest.mark.slow
def test_the_review_says_until_when_it_is_held_and_looking_holds_nothing(client, last_one, now, customer):
    reward = make.reward(make.campaign(products=[last_one]))
    claim_reward(reward, customer=customer, now=now)
    client.force_login(customer)
    item = f"{open_page(client, reward)}items/{last_one.pk}/"

    assert client.get(f"{item}review/")["Location"] == f"{item}address/"
    assert left(last_one) == 1
    client.post(f"{item}address/", PORTLAND_FORM)
    page = client.get(f"{item}review/")

    assert "Reserved for you for 15 more minutes." in page.text and left(last_one) == 0
    assert client.get(f"{item}address/").status_code == 200, "not sold out for whoever holds it"
    assert "Reserved for you for" in client.get(item).text
    assert "is reserved for you for" in client.get(item.partition("items/")[0]).text
    placed = client.post(f"{item}review/")["Location"]
    assert client.get(f"{item}review/")["Location"] == client.post(f"{item}review/")["Location"] == placed
    assert Order.objects.count() == 1
    for call in (client.get, client.post):
        assert call(f"{item}address/", PORTLAND_FORM)["Location"] == placed, "another tab is shown the order"


@pytest.mark.slow
def test_whoever_comes_too_late_is_shown_the_equals(client, last_one, now, customer):
    equal = make.product(2600)
    reward = make.reward(make.campaign(products=[last_one]), claimed_by=customer)
    client.force_login(customer)
    item = f"{open_page(client, reward)}items/{last_one.pk}/"
    client.post(f"{item}address/", PORTLAND_FORM)
    release_lapsed(now=now + HOLD * 2)
    stock.take_unit(last_one, reference="somebody else", now=now)

    page = client.post(f"{item}review/", follow=True)

    assert "is sold out" in page.text and equal.title in page.text
    assert not Order.objects.exists()


@pytest.mark.parametrize(("seconds", "works"), [(-1, True), (0, False), (1, False)])
def test_what_is_held_is_ordered_until_the_instant_of_expiry(claimed, last_one, seconds, works):
    at = claimed.campaign.rewards_expire_at + dt.timedelta(seconds=seconds)
    reserve(claimed, last_one, claimed.campaign.rewards_expire_at - dt.timedelta(minutes=5))

    if works:
        assert order(claimed, last_one, at).status == "placed"
    else:
        with pytest.raises(RuleViolation) as caught:
            order(claimed, last_one, at)
        assert (caught.value.code, Order.objects.count(), left(last_one)) == ("not_available", 0, 0)
        release_lapsed(now=at + HOLD)
        assert left(last_one) == 1
