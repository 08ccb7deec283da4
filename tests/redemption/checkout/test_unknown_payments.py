"""Payments that the provider does not know: operators hear of them once, and settle them by hand."""

import pytest

from moments.errors import RuleViolation
from outbox.models import Mail
from redemption.checkout.unknown_payments import mark_refunded, tell_of_unknown, tell_of_unknown_refund
from redemption.models import OrderPayment
from tests import make


@pytest.fixture
def payment(reward, customer, now):
    return OrderPayment.objects.create(
        reward=reward,
        customer=customer,
        product=reward.group.choices.get().product,
        status="refunding",
        amount_cents=1250,
        currency="USD",
        intent_id="pi_unknown",
        begun_at=now,
    )


@pytest.mark.parametrize(
    ("tell", "subject"),
    [
        (tell_of_unknown, "Stripe does not know a payment"),
        (tell_of_unknown_refund, "A refund has to be made by hand"),
    ],
)
def test_operators_hear_once_which_payment_and_of_what(payment, now, settings, tell, subject):
    settings.OPERATOR_EMAIL = "desk@example.com"

    for _time in range(2):
        tell(payment, now=now)

    mail = Mail.objects.get(subject=subject)
    assert (mail.to_email, mail.kind) == ("desk@example.com", "plain")
    assert "pi_unknown" in mail.text and "$12.50" in mail.text and str(payment.product) in mail.text
    assert f"/admin/redemption/orderpayment/{payment.pk}/change/" in mail.text


def test_what_was_refunded_by_hand_is_marked(payment):
    mark_refunded(payment)

    assert OrderPayment.objects.get(pk=payment.pk).status == "refunded"


@pytest.mark.parametrize("status", ["open", "ended", "refunded"])
def test_a_payment_that_is_not_being_refunded_is_not_marked(payment, status):
    OrderPayment.objects.update(status=status)
    payment.refresh_from_db()

    with pytest.raises(RuleViolation) as caught:
        mark_refunded(payment)

    assert caught.value.code == "not_refunding" and payment.get_status_display() in caught.value.message
    assert OrderPayment.objects.get(pk=payment.pk).status == status


def test_a_payment_that_became_an_order_is_not_marked(payment):
    order = make.order(payment.reward, by=payment.customer)
    OrderPayment.objects.update(status="paid", order=order)
    payment.refresh_from_db()

    with pytest.raises(RuleViolation):
        mark_refunded(payment)

    assert OrderPayment.objects.get(pk=payment.pk).status == "paid"
