"""Payment page for the part of the price that exceeds the reward's credit."""

import datetime as dt
from dataclasses import dataclass

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
from moments.web.private_pages import private
from moments.web.views import payments_not_responding
from redemption.checkout import payments
from redemption.checkout.reservations import reservation_of
from redemption.models import OrderPayment
from redemption.session.reward_session import ClaimedReward, claimed_reward_or_404, forget_choices

Status = OrderPayment.Status


@dataclass(frozen=True)
class Paying:
    """The open payment of a claimed reward, as the payment pages use it."""

    held: ClaimedReward
    payment: OrderPayment
    now: dt.datetime

    def quoted_again(self, request: HttpRequest) -> OrderPayment:
        """Return the payment for the current price, with a message to the customer if the amount changed."""
        found = payments.as_quoted_now(self.payment, now=self.now)
        if found.pk != self.payment.pk:
            amount = display(found.amount_cents, found.currency)
            messages.info(request, _("What there is to pay has changed. It is %s now.") % amount)
        return found


def load_payment(request: HttpRequest, handle: str, pk: int) -> Paying | None:
    """Return the open payment for product ``pk``, or None. Raises ``Http404`` if the reward is not the customer's."""
    held = claimed_reward_or_404(request, handle)
    payment = payments.payment_of(held.reward)
    return Paying(held, payment, clock.now()) if payment and payment.product_id == pk else None


@csp_update(PAGE_POLICY)
@private
@login_required
def pay(request: HttpRequest, handle: str, pk: int) -> HttpResponse:
    """Show Stripe's card field, which sends the card from the browser to Stripe. A POST asks Stripe for the result."""
    paying = load_payment(request, handle, pk)
    if paying is None:
        return redirect("redemption:review", handle, pk)
    held = paying.held
    try:
        if request.method == "POST":
            return after_paying(request, held, payments.settle_payment(paying.payment, now=paying.now))
        payment = paying.quoted_again(request)
        intent = payments.intent_of(payment, now=paying.now)
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
    """Confirm the amount right before the card is charged. Returns 204 if it is unchanged, 409 if it changed or the
    payment is not open, 503 if Stripe does not respond.
    """
    paying = load_payment(request, handle, pk)
    if paying is None or str(paying.payment.pk) != request.POST.get("payment"):
        return HttpResponse(status=409)
    try:
        still = paying.quoted_again(request)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return HttpResponse(status=503 if isinstance(refusal, NotResponding) else 409)
    return HttpResponse(status=204 if still.pk == paying.payment.pk else 409)


def cannot_pay(request: HttpRequest, handle: str, pk: int, refusal: RuleViolation) -> HttpResponse:
    if isinstance(refusal, NotResponding):
        return payments_not_responding(request, refusal)
    messages.error(request, refusal.message)
    return redirect("redemption:review", handle, pk)


def after_paying(request: HttpRequest, held: ClaimedReward, payment: OrderPayment) -> HttpResponse:
    """Redirect to the order, or to the page that fits the payment's status with a message."""
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
