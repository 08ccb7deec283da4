"""The page where a customer pays what exceeds the credit."""

import datetime as dt

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from moments import clock
from moments.errors import NotResponding, RuleViolation
from moments.integrations import stripe
from moments.integrations.stripe import PAGE_POLICY
from moments.money import display
from moments.web.views import payments_not_responding
from redemption.checkout import payments
from redemption.checkout.reservations import reservation_of
from redemption.models import OrderPayment
from redemption.session.page_helpers import claimed_reward_or_404, forget_choices, private
from redemption.session.reward_session import ClaimedReward

Status = OrderPayment.Status


@csp_update(PAGE_POLICY)
@private
@login_required
def pay(request: HttpRequest, handle: str, pk: int) -> HttpResponse:
    """Stripe's own field in our page: the card goes from the browser to Stripe. A POST asks Stripe what came of it."""
    held, now = claimed_reward_or_404(request, handle), clock.now()
    payment = payments.payment_of(held.reward)
    if payment is None or payment.product_id != pk:
        return redirect("redemption:review", handle, pk)
    try:
        if request.method == "POST":
            return after_paying(request, held, payments.settle_payment(payment, now=now))
        payment = quoted_again(request, payment, now)
        intent = payments.intent_of(payment, now=now)
    except RuleViolation as refusal:
        return cannot_pay(request, handle, pk, refusal)
    context = {
        "held": held,
        "campaign": held.campaign,
        "product": payment.product,
        "payment": payment,
        "reserved": reservation_of(held.reward),
        "is_paid": intent.status in stripe.PAID_OR_BEING_PAID,
        "secret": intent.secret,
        "key": settings.STRIPE_PUBLISHABLE_KEY,
        "stripe_js": settings.STRIPE_JS,
    }
    return render(request, "redemption/checkout/pay.html", context)


@private
@require_POST
@login_required
def check_payment(request: HttpRequest, handle: str, pk: int) -> HttpResponse:
    """Asked by the page right before the card is charged: 204 where what it shows is still what there is to pay."""
    held, now = claimed_reward_or_404(request, handle), clock.now()
    payment = payments.payment_of(held.reward)
    if payment is None or payment.product_id != pk or str(payment.pk) != request.POST.get("payment"):
        return HttpResponse(status=409)
    try:
        still = quoted_again(request, payment, now)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return HttpResponse(status=503 if isinstance(refusal, NotResponding) else 409)
    return HttpResponse(status=204 if still.pk == payment.pk else 409)


def quoted_again(request: HttpRequest, payment: OrderPayment, now: dt.datetime) -> OrderPayment:
    found = payments.as_quoted_now(payment, now=now)
    if found.pk != payment.pk:
        amount = display(found.amount_cents, found.currency)
        messages.info(request, _("What there is to pay has changed. It is %s now.") % amount)
    return found


def cannot_pay(request: HttpRequest, handle: str, pk: int, refusal: RuleViolation) -> HttpResponse:
    if isinstance(refusal, NotResponding):
        return payments_not_responding(request, refusal)
    messages.error(request, refusal.message)
    return redirect("redemption:review", handle, pk)


def after_paying(request: HttpRequest, held: ClaimedReward, payment: OrderPayment) -> HttpResponse:
    """To the order; else a word about why there is none."""
    if payment.order:
        forget_choices(request, held.handle)
        return redirect("redemption:order", payment.order.number)
    if payment.status == Status.OPEN:
        messages.info(request, _("Your payment has not come through yet. We look again by ourselves, every minute."))
        return redirect("redemption:pay", held.handle, payment.product_id)
    if payment.status == Status.ENDED:
        messages.error(request, _("This payment was ended, and nothing was paid. You can begin again."))
        return redirect("redemption:review", held.handle, payment.product_id)
    messages.error(request, refund_notice())
    return redirect("redemption:reward", held.handle)


def refund_notice() -> str:
    return _("It could not be ordered any more. What you paid goes back to your card.")
