"""The page where a customer pays what exceeds the credit."""

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from campaigns.payments.stripe_api import PAGE_POLICY
from catalog.models import Product
from moments import clock
from moments.errors import RuleViolation
from redemption import handles, paying
from redemption.models import OrderPayment
from redemption.pages import forget_choices, mine_or_404, private
from redemption.reservations import reservation_of

Status = OrderPayment.Status


@csp_update(PAGE_POLICY)
@private
@login_required
def pay(request, handle, pk):
    """Stripe's own field in our page: the card goes from the browser to Stripe. A POST asks Stripe what came of it."""
    held = mine_or_404(request, handle)
    product = get_object_or_404(Product, pk=pk)
    payment = paying.payment_of(held.reward)
    if payment is None or payment.product_id != product.pk:
        return redirect("redemption:review", handle, pk)
    try:
        if request.method == "POST":
            return after_paying(request, held, paying.settle_payment(payment, now=clock.now()))
        intent = paying.intent_of(payment)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect("redemption:review", handle, pk)
    context = {
        "held": held,
        "campaign": held.campaign,
        "product": product,
        "payment": payment,
        "reserved": reservation_of(held.reward),
        "is_paid": intent.status in {"succeeded", "processing"},
        "secret": intent.secret,
        "key": settings.STRIPE_PUBLISHABLE_KEY,
        "stripe_js": settings.STRIPE_JS,
    }
    return render(request, "redemption/pay.html", context)


def after_paying(request, held: handles.Held, payment: OrderPayment):
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
    messages.error(request, _("It could not be ordered any more. What you paid goes back to your card."))
    return redirect("redemption:reward", held.handle)
