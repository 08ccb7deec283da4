"""What PostgreSQL refuses in the tables of customers and their orders."""

import datetime as dt

import pytest
from django.db.models import F

from accounts.models import User
from moments import clock
from outbox.models import Mail
from redemption.models import (
    Appeal,
    BackInStockAlert,
    FulfillmentRequest,
    Membership,
    Order,
    OrderChange,
    OrderPayment,
    Substitution,
)
from tests import make
from tests.harness.constraints import Write, added, assert_refused, changed, twice

TODAY = dt.date(2026, 10, 1)


def reward():
    return make.reward(make.campaign())


def order() -> Order:
    return make.order(reward(), by=make.customer())


def request() -> FulfillmentRequest:
    of = order()
    return FulfillmentRequest.objects.create(order=of, provider="demo", request_id=of.number)


def payment(**fields) -> OrderPayment:
    of = fields.pop("order", None)
    promise = of.reward if of else reward()
    return OrderPayment.objects.create(
        reward=promise,
        customer=of.customer if of else make.customer(),
        product=make.product(),
        order=of,
        currency="USD",
        begun_at=clock.now(),
        **{"amount_cents": 100, **fields},
    )


def substitution() -> Substitution:
    of = order()
    return Substitution(order=of, original=of.product, substitute=make.product(), offered_at=clock.now())


def membership_that_ends_before_it_starts() -> Write:
    return added(Membership(user=make.customer(), starts_on=TODAY, ends_on=TODAY - dt.timedelta(days=1)))


CASES = {
    "appeal_open_once": lambda: twice(
        Appeal(reward=reward(), customer=make.customer(), text="It is me.", opened_at=clock.now())
    ),
    "fulfillment_accepted_has_its_time": lambda: changed(request(), status=FulfillmentRequest.Status.ACCEPTED),
    "fulfillment_once_per_order": lambda: twice(request()),
    "membership_dates_in_order": membership_that_ends_before_it_starts,
    "order_amounts_not_negative": lambda: changed(order(), tax_cents=-1),
    "order_event_is_registered": lambda: added(OrderChange(order=order(), occurred_at=clock.now(), event="unheard of")),
    "order_is_paid_in_full": lambda: changed(order(), item_cents=F("item_cents") + 1),
    "order_once_per_reward": lambda: twice(order()),
    "order_payment_of_something": lambda: changed(payment(), amount_cents=0),
    "order_payment_once_per_order": lambda: twice(payment(order=order(), status=OrderPayment.Status.PAID)),
    "order_payment_open_once": lambda: twice(payment()),
    "order_payment_paid_for_an_order": lambda: changed(payment(), status=OrderPayment.Status.PAID),
    "substitution_open_once": lambda: twice(substitution()),
    "wish_open_once": lambda: twice(
        BackInStockAlert(reward=reward(), customer=make.customer(), product=make.product(), asked_at=clock.now())
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_database_refuses_what_breaks_a_constraint(db, name):
    assert_refused(name, CASES[name])


@pytest.mark.parametrize("is_erased", [True, False])
def test_no_mail_is_queued_for_erased_people(db, is_erased):
    """By the trigger ``mail_nobody_erased``, which refuses nothing: it leaves the row out."""
    kim = User.objects.create(email="kim@example.com", erased_at=clock.now() if is_erased else None)

    Mail.objects.bulk_create([Mail(kind="plain", to_email=kim.email, user=kim)], ignore_conflicts=True)

    assert Mail.objects.filter(to_email=kim.email).exists() is not is_erased
