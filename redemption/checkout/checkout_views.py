"""Checkout pages between the chosen item and the order: address and review."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog.delivery_countries import country_choices, home_country
from catalog.stock import SizeRefused, SoldOut, refuse_wrong_size
from moments.errors import NotResponding, RuleViolation
from moments.web.forms import add_refusal
from moments.web.views import payments_not_responding
from redemption.addresses.address import Address, address_of, check_address
from redemption.addresses.forms import CheckoutForm, is_country_changed
from redemption.addresses.saved import deliverable, save_address
from redemption.checkout import payments
from redemption.checkout.checkout import Checkout, checkout_page
from redemption.checkout.payment_views import after_paying
from redemption.checkout.reservations import is_being_paid, reserve_unit
from redemption.choosing.delivery_estimates import delivery_in_words
from redemption.choosing.offers import refuse_sold_out
from redemption.choosing.quotes import refuse_payment
from redemption.claim.appeal_views import note_refusal
from redemption.models import OrderPayment
from redemption.session.page_helpers import saved_or_404
from redemption.session.reward_session import forget_choices, remember_address
from rewards.claims.service import is_open


@checkout_page
def address(request: HttpRequest, checkout: Checkout) -> HttpResponse:
    """Ask for the delivery address. A valid one reserves a unit and continues to the review."""
    held = checkout.held
    if not is_open(checkout.reward, now=checkout.now):
        return redirect("redemption:reward", held.handle)
    try:
        refuse_sold_out(checkout.choice)
        refuse_wrong_size(checkout.product, checkout.size)
    except RuleViolation as refusal:
        return choose_again(request, checkout, refusal)
    form = address_form(request, checkout)
    if chosen := chosen_address(request, checkout, form):
        remember_address(request, held.handle, chosen)
        if "saved" in request.POST or form.cleaned_data.get("keep"):
            save_address(checkout.customer, chosen, now=checkout.now)
        return hold_unit(request, checkout, chosen)
    saved = [] if checkout.is_digital else deliverable(checkout.customer, held.group.marketplace)
    context = {"held": held, "campaign": held.campaign, "product": checkout.product, "form": form}
    context["saved"] = [(kept.pk, address_of(kept).lines()) for kept in saved]
    return render(request, "redemption/checkout/address.html", context)


def address_form(request: HttpRequest, checkout: Checkout) -> CheckoutForm:
    """Return the address form, bound if it was submitted. If only the country was changed, the form is unbound and
    keeps the entered values.
    """
    store = checkout.held.group.marketplace
    countries = country_choices(store)
    known = checkout.typed.as_fields() if checkout.typed else {"recipient": checkout.customer.name}
    initial = {"country": home_country(store), **known}
    is_changed = is_country_changed(request.POST, countries)
    if is_changed:
        initial |= request.POST.dict()
    is_sent = request.method == "POST" and "saved" not in request.POST and not is_changed
    sent = request.POST if is_sent else None
    return CheckoutForm(sent, countries=countries, is_digital=checkout.is_digital, initial=initial)


def chosen_address(request: HttpRequest, checkout: Checkout, form: CheckoutForm) -> Address | None:
    """Return the entered or selected address; None if nothing was submitted or the address is invalid."""
    store = checkout.held.group.marketplace
    try:
        if "saved" in request.POST:
            return check_address(address_of(saved_or_404(request, request.POST["saved"])), store)
        if form.is_valid():
            given = form.address(recipient=checkout.customer.get_full_name())
            return check_address(given, store, is_digital=checkout.is_digital)
    except RuleViolation as refusal:
        if form.is_bound:
            add_refusal(form, refusal)
        else:
            messages.error(request, refusal.message)
    return None


def hold_unit(request: HttpRequest, checkout: Checkout, address: Address) -> HttpResponse:
    """Reserve a unit and redirect to the review. An open payment for another item is ended first."""
    reward, product, size, now = checkout.reward, checkout.product, checkout.size, checkout.now
    try:
        if is_being_paid(reward.pk):
            payments.leave_payment(reward, product=product, size=size, now=now)
        reserve_unit(reward, customer=checkout.customer, product=product, size=size, address=address, now=now)
    except RuleViolation as refusal:
        return choose_again(request, checkout, refusal)
    return redirect("redemption:review", checkout.held.handle, product.pk)


@checkout_page
def review(request: HttpRequest, checkout: Checkout) -> HttpResponse:
    """Show the price and who pays it. A POST places the order, or begins the payment if there is something to pay."""
    if request.method == "POST":
        return order_now(request, checkout)
    held, product, reserved = checkout.held, checkout.product, checkout.reserved
    if reserved is None:
        messages.info(request, _("It is not held for you at the moment. Say where it goes, and it is."))
        return redirect("redemption:address", held.handle, product.pk)
    looked_up = payments.look_up(checkout.reward, now=checkout.now)
    if looked_up and looked_up.payment.status != OrderPayment.Status.OPEN:
        return after_paying(request, held, looked_up.payment)
    address = address_of(reserved)
    quote = checkout.quote_to(address)
    try:
        refuse_payment(quote, product)
    except RuleViolation as refusal:
        return choose_again(request, checkout, refusal)
    context = {
        "held": held,
        "campaign": held.campaign,
        "product": product,
        "size": checkout.size,
        "quote": quote,
        "address": address,
        "reserved": reserved,
        "unsure": looked_up if looked_up and looked_up.is_unsure else None,
        "delivery": delivery_in_words(product, is_two_day=quote.is_two_day),
    }
    return render(request, "redemption/checkout/review.html", context)


def order_now(request: HttpRequest, checkout: Checkout) -> HttpResponse:
    """Place the order and redirect to it, or redirect to the payment page if there is something to pay."""
    handle, product = checkout.held.handle, checkout.product
    if checkout.address is None:
        return redirect("redemption:address", handle, product.pk)
    try:
        placed = payments.order_or_begin_payment(
            checkout.reward,
            customer=checkout.customer,
            product=product,
            size=checkout.size,
            address=checkout.address,
            language=get_language() or "en",
            now=checkout.now,
        )
    except RuleViolation as refusal:
        return choose_again(request, checkout, refusal)
    if isinstance(placed, OrderPayment):
        return redirect("redemption:pay", handle, product.pk)
    forget_choices(request, handle)
    return redirect("redemption:order", placed.number)


def choose_again(request: HttpRequest, checkout: Checkout, refusal: RuleViolation) -> HttpResponse:
    """Redirect to the item if another size or substitute may help, otherwise to all items. A reservation is kept."""
    if isinstance(refusal, NotResponding):
        return payments_not_responding(request, refusal)
    handle = checkout.held.handle
    messages.error(request, refusal.message)
    note_refusal(request, handle, refusal)
    if isinstance(refusal, SoldOut | SizeRefused):
        return redirect("redemption:item", handle, checkout.product.pk)
    return redirect("redemption:reward", handle)
