"""Equals for what is sold out, before and after it was ordered."""

import dataclasses

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog import stock
from catalog.models import Product, StockMove
from moments.errors import RuleViolation
from outbox.models import Mail
from redemption.checkout.place_order import record_order_event
from redemption.choosing.offers import offers_of
from redemption.models import FulfillmentRequest, Order, OrderChange, OrderEvent, Substitution
from redemption.orders.timeline import sentence, steps_of
from redemption.shipping import substitution, transitions
from tests import make
from tests.redemption.checkout.test_place_order import place, refused


def test_what_is_sold_out_is_followed_by_its_equals(db, customer, now):
    gone = make.product(2500, stock_units=0)
    nearest, other = make.product(2550), make.product(2750)
    make.product(2499), make.product(2751), make.product(2600, slug="tea"), make.product(2600, stock_units=0)
    reward = make.reward(make.campaign(products=[gone]), claimed_by=customer)

    shown = [(choice.product, choice.is_available, choice.substitute_for) for choice in offers_of(reward.group)]

    assert shown == [(gone, False, None), (nearest, True, gone), (other, True, gone)]
    assert refused(place, reward, customer, gone, now) == "sold_out"


def test_an_equal_costs_nobody_but_the_operator(db, customer, now):
    gone = make.product(2500, stock_units=0)
    equal = make.product(2750)
    campaign = make.campaign(products=[gone])
    reward = make.reward(campaign, claimed_by=customer)
    seattle = dataclasses.replace(make.PORTLAND, city="Seattle", region="WA", postal_code="98101")

    order = place(reward, customer, equal, now, seattle)

    assert (order.item_cents, order.tax_cents, order.credit_cents, order.operator_paid_cents) == (2750, 259, 2750, 259)
    campaign.refresh_from_db()
    assert campaign.total_spent_cents == 2750


def test_a_missing_item_is_offered_its_equal_once_and_can_be_accepted(reward, customer, now):
    order, equal = make.order(reward, by=customer), make.product(2600)
    substitution.report_missing(order, by=make.operator(), now=now)

    assert [substitution.substitute_out_of_stock(now=now) for _time in range(2)] == [1, 0]

    offer = Substitution.objects.get()
    assert (offer.substitute, Order.objects.get().status) == (equal, "waiting")
    assert Mail.objects.filter(kind="order_substitution").count() == 1
    substitution.accept_substitution(offer, by=customer, now=now)
    order.refresh_from_db()
    assert (order.status, order.product, order.is_missing, order.operator_paid_cents) == ("placed", equal, False, 100)
    assert Product.objects.get(pk=equal.pk).stock == 9


def test_a_customer_may_wait_for_the_original(reward, customer, now):
    order = make.order(reward, by=customer)
    make.product(2600)
    substitution.report_missing(order, by=make.operator(), now=now)
    substitution.substitute_out_of_stock(now=now)

    substitution.decline_substitution(Substitution.objects.get(), by=customer, now=now)

    order.refresh_from_db()
    assert order.status == "placed"
    assert substitution.substitute_out_of_stock(now=now) == 0


def missing(order, now) -> Substitution:
    """Reported missing; the offer that the next run makes."""
    order.refresh_from_db()
    substitution.report_missing(order, by=make.operator(), now=now)
    assert substitution.substitute_out_of_stock(now=now) == 1
    return Substitution.objects.get(status="offered")


def test_a_substitute_that_is_missing_too_is_replaced_by_another_equal(reward, customer, now):
    order, first, second = make.order(reward, by=customer), make.product(2550), make.product(2740)
    substitution.accept_substitution(missing(order, now), by=customer, now=now)
    assert Order.objects.get().product == first
    Product.objects.filter(pk=first.pk).update(stock=0)

    again = missing(order, now)
    substitution.accept_substitution(again, by=customer, now=now)

    order.refresh_from_db()
    assert order.product == second  # still within 110 % of what was chosen first
    total = order.item_cents + order.shipping_cents + order.tax_cents
    assert total == order.credit_cents + order.operator_paid_cents


def test_a_dearer_equal_of_a_shelf_does_not_raise_what_counts_as_equal(db, customer, now):
    tea, first, too_dear = (make.product(cents, slug="tea") for cents in (2000, 2200, 2201))
    reward = make.reward(make.campaign(slug="tea", cpa_cents=3000), claimed_by=customer)
    order = place(reward, customer, tea, now)
    substitution.accept_substitution(missing(order, now), by=customer, now=now)
    order.refresh_from_db()
    assert (order.product, order.item_cents, order.operator_paid_cents) == (first, 2200, 200)

    substitution.report_missing(order, by=make.operator(), now=now)

    assert (substitution.value_of(order), substitution.best_substitute(order)) == (2000, None)
    Product.objects.filter(pk=too_dear.pk).update(price_cents=2100)
    assert substitution.best_substitute(order) == too_dear


def test_an_equal_that_sold_out_before_the_answer_is_replaced_by_the_next(reward, customer, now):
    order, gone, _next = make.order(reward, by=customer), make.product(2550), make.product(2600)
    offer = missing(order, now)
    Product.objects.filter(pk=gone.pk).update(stock=0)

    with pytest.raises(RuleViolation) as caught:
        substitution.accept_substitution(offer, by=customer, now=now)

    assert caught.value.code == "sold_out"
    assert substitution.substitute_out_of_stock(now=now) == 1
    assert Substitution.objects.get(status="offered").substitute == _next


def test_what_was_declined_is_not_offered_again(reward, customer, now):
    order, declined, other = make.order(reward, by=customer), make.product(2550), make.product(2600)
    substitution.decline_substitution(missing(order, now), by=customer, now=now)

    assert missing(order, now).substitute == other
    assert declined.pk != other.pk


def test_a_code_is_replaced_by_a_code(db, customer, now):
    film = make.product(2500, kind="digital")
    order = make.order(make.reward(make.campaign(products=[film])), by=customer)
    make.product(2500)
    music = make.product(2600, kind="digital")

    assert missing(order, now).substitute == music


@pytest.mark.parametrize(("given", "stored"), [("wa", "WA"), ("Washington", "WA")])
def test_the_state_of_a_code_decides_its_tax(db, customer, now, given, stored):
    film = make.product(1200, kind="digital")
    reward = make.reward(make.campaign(products=[film], cpa_cents=1320))

    order = make.order(reward, by=customer, address=dataclasses.replace(make.PORTLAND, region=given))

    assert (order.region, order.tax_cents) == (stored, 113)


def test_a_state_that_does_not_exist_is_refused(db, customer):
    film = make.product(1200, kind="digital")
    reward = make.reward(make.campaign(products=[film], cpa_cents=1320))

    with pytest.raises(RuleViolation) as caught:
        make.order(reward, by=customer, address=dataclasses.replace(make.PORTLAND, region="ZZ"))

    assert caught.value.field == "region"


def test_with_nothing_suitable_staff_are_told_once(reward, customer, now):
    order = make.order(reward, by=customer)
    substitution.report_missing(order, by=make.operator(), now=now)

    for _time in range(2):
        assert substitution.substitute_out_of_stock(now=now) == 0

    assert Mail.objects.filter(kind="plain", subject=f"No equal for order {order.number}").count() == 1


def test_an_equal_is_sent_by_hand_where_a_provider_was_given_up(customer, now):
    film = make.product(2500, kind="digital", fulfillment="tremendous")
    order = make.order(make.reward(make.campaign(products=[film]), claimed_by=customer), by=customer)
    FulfillmentRequest.objects.update(status="canceled")
    equal = make.product(2600, kind="digital", fulfillment="gift_codes")

    substitution.accept_substitution(missing(order, now), by=customer, now=now)

    assert (Order.objects.get().product, FulfillmentRequest.objects.get().status) == (equal, "canceled")
    assert Order.objects.codes_to_enter().get() == order


def touched(act) -> list[str]:
    """The tables in the order in which their rows are locked by ``act``."""
    with CaptureQueriesContext(connection) as caught:
        act()
    updates = [query["sql"].split('"')[1] for query in caught if query["sql"].startswith("UPDATE")]
    return [table for table in updates if table in {"redemption_substitution", "redemption_order"}]


def test_an_answer_and_a_cancellation_lock_in_one_order_so_that_none_ends_in_a_deadlock(campaign, now):
    orders = [make.order(make.reward(campaign), by=make.customer()) for _number in range(2)]
    make.product(2600)
    first = missing(orders[0], now)
    answered = touched(lambda: substitution.accept_substitution(first, by=orders[0].customer, now=now))
    offer = missing(orders[1], now)

    canceled = touched(lambda: transitions.cancel_order(offer.order, by=make.operator(), reason="Gone.", now=now))

    assert answered == canceled == ["redemption_substitution", "redemption_order"]
    offer.refresh_from_db()
    assert (offer.status, offer.order.status) == ("declined", "canceled")


# Waiting for the original


@pytest.fixture
def last_one(db) -> Product:
    return make.product(2500, stock_units=1)


@pytest.fixture
def waiting(last_one, customer, now) -> Order:
    """Its unit was not found, and its customer waits for the next."""
    make.product(2600)
    order = make.order(make.reward(make.campaign(products=[last_one])), by=customer)
    substitution.decline_substitution(missing(order, now), by=customer, now=now)
    return Order.objects.get()


def left(product: Product) -> int:
    stock_now = Product.objects.get(pk=product.pk).stock
    assert sum(product.stock_moves.values_list("units", flat=True)) == stock_now
    return stock_now


def test_a_unit_that_was_not_found_does_not_come_back_with_a_canceled_order(waiting, last_one, now):
    assert not Order.objects.to_pick().exists()

    transitions.cancel_order(waiting, by=make.operator(), reason="Out of print.", now=now)

    assert left(last_one) == 0


def test_the_next_that_comes_in_is_that_of_whoever_waits_and_nobody_elses(waiting, last_one, customer, now):
    assert substitution.substitute_out_of_stock(now=now) == 0
    assert Order.objects.get().is_missing

    stock.receive_units(last_one, 1, now=now)
    for _time in range(2):
        assert substitution.substitute_out_of_stock(now=now) == 0

    assert list(Order.objects.to_pick()) == [waiting] and left(last_one) == 0
    assert "The original is here again, and one is kept for you." in {step.text for step in steps_of(waiting)}
    other = make.reward(waiting.reward.campaign, claimed_by=make.customer())
    assert refused(place, other, other.customer, last_one, now) == "sold_out"
    stock.count_units(last_one, 1, now=now)
    assert left(last_one) == 0
    transitions.cancel_order(Order.objects.get(), by=make.operator(), reason="Torn.", now=now)
    assert left(last_one) == 1


def test_what_is_waited_for_is_shipped_from_what_is_free_and_from_nothing_else(waiting, last_one, now):
    with pytest.raises(RuleViolation, match="its customer waits for the next"):
        transitions.ship_order(waiting, by=make.operator(), now=now)
    assert Order.objects.get().status == "placed"

    stock.receive_units(last_one, 2, now=now)
    transitions.ship_order(waiting, by=make.operator(), now=now)

    assert (Order.objects.get().status, left(last_one)) == ("shipped", 1)


def test_where_others_are_free_whoever_waits_gets_one_at_once(last_one, customer, now):
    stock.receive_units(last_one, 1, now=now)
    make.product(2600)
    order = make.order(make.reward(make.campaign(products=[last_one])), by=customer)

    substitution.decline_substitution(missing(order, now), by=customer, now=now)

    assert list(Order.objects.to_pick()) == [order] and left(last_one) == 0


def test_staff_may_say_that_the_original_will_not_come(waiting, customer, now):
    other = make.product(2700)

    substitution.report_missing(waiting, by=make.operator(), now=now)
    assert substitution.substitute_out_of_stock(now=now) == 1

    offer = Substitution.objects.get(status="offered")
    assert offer.substitute == other
    with pytest.raises(RuleViolation, match="not waiting to be picked"):
        substitution.report_missing(waiting, by=make.operator(), now=now)


def test_a_size_that_was_renamed_meanwhile_is_waited_for(customer, now):
    shirt = make.product(2500, stock_units=0)
    size = stock.add_size(shirt, "S", now=now)
    stock.receive_units(shirt, 1, size=size, now=now)
    make.product(2600)
    reward = make.reward(make.campaign(products=[shirt]), claimed_by=customer)
    order = place(reward, customer, shirt, now, size=size)
    substitution.decline_substitution(missing(order, now), by=customer, now=now)
    size.label = "Small"
    size.save(update_fields=["label"])

    stock.receive_units(shirt, 1, size=size, now=now)
    substitution.substitute_out_of_stock(now=now)

    assert list(Order.objects.to_pick()) == [order] and left(shirt) == 0


def test_no_rule_reads_the_history_of_an_order(reward, customer, now):
    order, operator = make.order(reward, by=customer), make.operator()
    equal = make.product(2600)
    Product.objects.filter(pk=order.product_id).update(stock=0)
    substitution.decline_substitution(missing(order, now), by=customer, now=now)
    order.refresh_from_db()
    assert order.is_missing and order.waits_for_original
    OrderChange.objects.all().delete()

    assert substitution.substitute_out_of_stock(now=now) == 0  # the customer waits
    stock.receive_units(order.product, 1, now=now)
    assert substitution.substitute_out_of_stock(now=now) == 0
    order.refresh_from_db()
    assert (order.is_missing, order.waits_for_original) == (False, False)

    substitution.report_missing(order, by=operator, now=now)
    Product.objects.filter(pk=equal.pk).update(stock=0)
    for _run in range(2):
        substitution.substitute_out_of_stock(now=now)
        OrderChange.objects.all().delete()
    assert Mail.objects.filter(subject=f"No equal for order {order}").count() == 1


def test_an_event_that_is_not_registered_is_refused(order, now):
    before = order.history.count()

    with pytest.raises(ValueError, match="equal declned"):
        record_order_event(order, "equal declned", by=None, now=now)
    with pytest.raises(IntegrityError, match="order_event_is_registered"), transaction.atomic():
        OrderChange.objects.create(order=order, occurred_at=now, event="equal declined")

    assert order.history.count() == before


def test_every_event_that_a_customer_reads_has_a_sentence(order, now):
    silent = {
        event for event in OrderEvent if not sentence(OrderChange(order=order, occurred_at=now, event=event), order)
    }

    assert silent == {
        OrderEvent.NO_SUBSTITUTE,
        OrderEvent.TRACKING_CHANGED,
        OrderEvent.PROVIDER_CHECKED,
        OrderEvent.ABSENT_AT_PROVIDER,
        OrderEvent.ACCEPTED_TOO_LATE,
        OrderEvent.TAKEN_BACK,
    }


def test_stock_of_an_order_is_found_by_whole_references(order, now):
    other = StockMove.objects.create(
        product=order.product, units=-1, reason="order", reference=f"{order.number}7/1", occurred_at=now
    )

    assert other not in substitution.taken_for(order)
    assert [move.reference for move in substitution.taken_for(order)] == [order.number]
