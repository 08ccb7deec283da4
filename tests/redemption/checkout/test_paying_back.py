"""What a customer paid goes back to the card, once, by a Stripe of our own on this machine."""

import datetime as dt
from types import SimpleNamespace

from moments.integrations import stripe
from outbox.emails.rendering import render_mail
from outbox.models import Mail
from redemption.checkout import payments
from redemption.models import OrderPayment
from redemption.shipping import transitions
from tests import make
from tests.redemption.checkout.cards import begin, refunds_of


def test_what_was_paid_goes_back_once_with_the_order(paid, now):
    transitions.cancel_order(paid.order, by=make.operator(), reason="Lost.", now=now)
    paid.refresh_from_db()
    assert (paid.status, refunds_of(paid.intent_id)) == ("refunding", [])

    for _time in range(3):
        payments.sweep_payments(now=now)

    paid.refresh_from_db()
    assert (paid.status, paid.reason, refunds_of(paid.intent_id)) == ("refunded", "Lost.", [500])
    assert payments.refund_payment(paid.order, why="Again.", now=now) is None


def test_what_was_paid_for_a_lost_parcel_goes_back_and_the_mail_says_so(paid, now):
    operator = make.operator()
    paid.order.refresh_from_db()
    transitions.ship_order(paid.order, by=operator, now=now)

    transitions.refund_order(paid.order, by=operator, reason="Lost.", now=now)
    payments.sweep_payments(now=now)

    assert refunds_of(paid.intent_id) == [500]
    mail = Mail.objects.get(kind="order_refunded")
    assert mail.context["paid_back_cents"] == 500 and "$5.00" in render_mail(mail).text


def test_of_what_an_operator_gave_back_in_stripes_own_pages_the_rest_goes_back(paid, now):
    client = stripe._client("sk_test_moments", stripe.settings.STRIPE_API_BASE)
    client.v1.refunds.create({"payment_intent": paid.intent_id, "amount": 120})
    transitions.cancel_order(paid.order, by=make.operator(), reason="Lost.", now=now)

    for _time in range(2):
        payments.sweep_payments(now=now)

    paid.refresh_from_db()
    assert (paid.status, sorted(refunds_of(paid.intent_id))) == ("refunded", [120, 380])


def test_a_refund_whose_answer_is_lost_is_asked_about_and_not_made_twice(paid, now, monkeypatch):
    give_back = stripe.refund

    def lost(intent_id, **fields):
        give_back(intent_id, **fields)
        raise stripe.OutcomeUnknown("the line went dead")

    payments.refund_payment(paid.order, why="Returned.", now=now)
    monkeypatch.setattr(stripe, "refund", lost)
    payments.sweep_payments(now=now)
    paid.refresh_from_db()
    assert paid.status == "refunding"

    monkeypatch.undo()
    payments.sweep_payments(now=now)

    paid.refresh_from_db()
    assert (paid.status, refunds_of(paid.intent_id)) == ("refunded", [500])


def test_after_a_refund_that_failed_another_is_made_and_a_failure_is_not_called_done(paid, now, monkeypatch):
    payments.refund_payment(paid.order, why="Returned.", now=now)
    failed, keys = SimpleNamespace(status="failed", amount=500), []

    def create(params, options):
        keys.append(options["idempotency_key"])
        return failed if len(keys) == 1 else SimpleNamespace(status="pending")

    refunds = SimpleNamespace(list=lambda params: SimpleNamespace(data=[failed] * len(keys)), create=create)
    client = SimpleNamespace(v1=SimpleNamespace(refunds=refunds))
    monkeypatch.setattr(stripe, "_call", lambda act, read: read(act(client)))
    monkeypatch.setattr(stripe, "retrieve_intent", lambda intent_id: stripe.Intent(intent_id, "succeeded", 500))

    shown = [(payments.sweep_payments(now=now), OrderPayment.objects.get().status) for _time in range(2)]

    assert shown == [(1, "refunding"), (1, "refunded")]
    assert len(set(keys)) == 2, "under the first key Stripe would repeat the failure"


def test_a_payment_that_fails_unforeseen_holds_up_no_other(paid, short, now, monkeypatch):
    payments.refund_payment(paid.order, why="Returned.", now=now)
    broken, _intent = begin(short, now - dt.timedelta(hours=1))
    ask_for = stripe.retrieve_intent

    def ask(intent_id: str) -> stripe.Intent:
        return ask_for(intent_id) if intent_id != broken.intent_id else 1 / 0

    monkeypatch.setattr(stripe, "retrieve_intent", ask)

    assert payments.sweep_payments(now=now) == 1
    paid.refresh_from_db()
    assert (paid.status, refunds_of(paid.intent_id)) == ("refunded", [500])


def test_a_slow_stripe_does_not_keep_a_worker(paid, now, monkeypatch):
    payments.refund_payment(paid.order, why="Returned.", now=now)
    monkeypatch.setattr(payments, "SWEEP_FOR", dt.timedelta(microseconds=-1))

    assert payments.sweep_payments(now=now) == 0


def test_an_order_that_cost_nothing_has_nothing_to_refund(reward, customer, now):
    order = make.order(reward, by=customer)

    assert payments.refund_payment(order, why="Lost.", now=now) is None
