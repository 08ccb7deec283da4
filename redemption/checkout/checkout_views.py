"""From the chosen item to the order: where it goes, what it costs."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.organizations.access import SignedInRequest
from catalog.delivery_countries import country_choices, home_country
from catalog.models import Product
from catalog.stock import refuse_wrong_size
from moments import clock
from moments.errors import NotResponding, RuleViolation
from moments.web.forms import add_refusal
from moments.web.views import payments_not_responding
from redemption.addresses.address import Address, address_of, check_address
from redemption.addresses.forms import CheckoutForm, is_country_changed
from redemption.addresses.saved import deliverable, save_address
from redemption.checkout import payments, place_order
from redemption.checkout.payment_views import after_paying
from redemption.checkout.reservations import is_for, reservation_of, reserve_unit
from redemption.choosing import quotes
from redemption.choosing.delivery_estimates import delivery_in_words
from redemption.choosing.offers import available_offer
from redemption.claim.appeal_views import note_refusal
from redemption.models import OrderPayment, Reservation
from redemption.session import reward_session
from redemption.session.page_helpers import (
    ADDRESSES,
    back_to_choosing,
    chosen_size,
    claimed_reward_or_404,
    forget_choices,
    offered_or_none,
    private,
    saved_or_404,
)
from rewards.claims.service import is_open


@private
@login_required
def address(request: SignedInRequest, handle, pk):
    """Where to send the item that was chosen. Whoever goes on holds a unit of it."""
    held = claimed_reward_or_404(request, handle)
    if order := place_order.order_of(held.reward, request.user):
        return redirect("redemption:order", order.number)
    if not is_open(held.reward, now=clock.now()):
        return redirect("redemption:reward", handle)
    product = offered_or_none(held.reward, pk)
    if product is None:
        return back_to_choosing(request, handle)
    if refused := refuse_choice(request, held, product):
        return refused
    form = address_form(request, held, product)
    if form.is_bound or "saved" in request.POST:
        found = chosen_address(request, held, product, form)
        if found:
            keep_address(request, handle, found, is_kept=form.is_bound and form.cleaned_data.get("keep", False))
            return go_on(request, held, product, found)
    context = {"held": held, "campaign": held.campaign, "product": product, "form": form}
    context["saved"] = [] if is_digital(product) else kept_addresses(request, held)
    return render(request, "redemption/checkout/address.html", context)


def go_on(request, held: reward_session.ClaimedReward, product: Product, found: Address):
    """A unit is held, and the customer looks at what it comes to."""
    size, now = chosen_size(request, held.handle, product), clock.now()
    try:
        payments.leave_payment(held.reward, product=product, size=size, now=now)
        reserve_unit(held.reward, customer=request.user, product=product, size=size, address=found, now=now)
    except RuleViolation as refusal:
        return choose_again(request, held, product, refusal)
    return redirect("redemption:review", held.handle, product.pk)


def is_digital(product: Product) -> bool:
    return product.kind == Product.Kind.DIGITAL


def address_form(request, held: reward_session.ClaimedReward, product: Product) -> CheckoutForm:
    """Bound where it was sent; what was typed before the country was changed is kept."""
    store = held.group.marketplace
    countries = country_choices(store)
    known = request.session.get(ADDRESSES, {}).get(held.handle, {"recipient": request.user.name})
    initial = {"country": home_country(store), **known}
    if is_country_changed(request.POST, countries):
        initial |= request.POST.dict()
    is_sent = (
        request.method == "POST" and "saved" not in request.POST and not is_country_changed(request.POST, countries)
    )
    return CheckoutForm(
        request.POST if is_sent else None,
        countries=countries,
        is_digital=is_digital(product),
        initial=initial,
    )


def kept_addresses(request, held: reward_session.ClaimedReward) -> list[tuple[int, list[str]]]:
    """(id, lines) of the customer's own that the store delivers to."""
    return [(kept.pk, address_of(kept).lines()) for kept in deliverable(request.user, held.group.marketplace)]


def chosen_address(request, held: reward_session.ClaimedReward, product: Product, form: CheckoutForm) -> Address | None:
    """What was filled in, or picked of those that are kept; None where something is wrong with it."""
    try:
        if "saved" in request.POST:
            return check_address(address_of(saved_or_404(request, request.POST["saved"])), held.group.marketplace)
        if form.is_valid():
            given = form.address(recipient=request.user.get_full_name())
            return check_address(given, held.group.marketplace, is_digital=is_digital(product))
    except RuleViolation as refusal:
        if form.is_bound:
            add_refusal(form, refusal)
        else:
            messages.error(request, refusal.message)
    return None


def keep_address(request, handle: str, found: Address, *, is_kept: bool) -> None:
    """For this order, in the session; for later ones where the customer wants it, and where it was kept already."""
    request.session[ADDRESSES] = {**request.session.get(ADDRESSES, {}), handle: found.as_fields()}
    if is_kept or "saved" in request.POST:
        save_address(request.user, found, now=clock.now())


def refuse_choice(request, held: reward_session.ClaimedReward, product: Product):
    """Back to where something else, or a size, is chosen."""
    try:
        available_offer(held.reward, product)
        refuse_wrong_size(product, chosen_size(request, held.handle, product))
    except RuleViolation as refusal:
        return choose_again(request, held, product, refusal)
    return None


def choose_again(request, held: reward_session.ClaimedReward, product: Product, refusal: RuleViolation):
    """To the item where that has equals or sizes to choose from, else to all there is. What is held stays held."""
    if isinstance(refusal, NotResponding):
        return payments_not_responding(request, refusal)
    messages.error(request, refusal.message)
    note_refusal(request, held.handle, refusal)
    if refusal.field == "size" or refusal.code == "sold_out":
        return redirect("redemption:item", held.handle, product.pk)
    return redirect("redemption:reward", held.handle)


@private
@login_required
def review(request: SignedInRequest, handle, pk):
    """What it costs and who pays. *Place order* orders it; where there is something to pay, that comes first."""
    held = claimed_reward_or_404(request, handle)
    if order := place_order.order_of(held.reward, request.user):
        return redirect("redemption:order", order.number)
    product = offered_or_none(held.reward, pk)
    if product is None:
        return back_to_choosing(request, handle)
    size, now = chosen_size(request, handle, product), clock.now()
    reserved = reservation_of(held.reward)
    if reserved and not is_for(reserved, product, size):
        reserved = None
    if request.method == "POST":
        return order_now(request, held, product, size, reserved, now)
    if reserved is None:
        messages.info(request, _("It is not held for you at the moment. Say where it goes, and it is."))
        return redirect("redemption:address", handle, pk)
    found = address_of(reserved)
    looked_up = payments.look_up(held.reward, now=now)
    if looked_up and looked_up.payment.status != OrderPayment.Status.OPEN:
        return after_paying(request, held, looked_up.payment)
    try:
        quote = quotes.quote_order(held.reward, product, found, customer=request.user, now=now)
        quotes.refuse_payment(quote, product)
    except RuleViolation as refusal:
        return choose_again(request, held, product, refusal)
    context = {
        "held": held,
        "campaign": held.campaign,
        "product": product,
        "size": size,
        "quote": quote,
        "address": found,
        "reserved": reserved,
        "unsure": looked_up if looked_up and looked_up.is_unsure else None,
        "delivery": delivery_in_words(product, is_two_day=quote.is_two_day),
    }
    return render(request, "redemption/checkout/review.html", context)


def order_now(request, held: reward_session.ClaimedReward, product: Product, size, reserved: Reservation | None, now):
    """The order's page; the page where one pays, where there is something to pay."""
    known = request.session.get(ADDRESSES, {}).get(held.handle)
    if reserved is None and known is None:
        return redirect("redemption:address", held.handle, product.pk)
    address = address_of(reserved) if reserved else Address(**known)
    of_customer = {"customer": request.user, "product": product, "size": size, "address": address, "now": now}
    language = get_language() or "en"
    try:
        try:
            order = place_order.place_order(held.reward, **of_customer, language=language)
        except RuleViolation as refusal:
            if refusal.code != "not_paid":
                raise
            payments.begin_payment(reserve_unit(held.reward, **of_customer), language=language, now=now)
            return redirect("redemption:pay", held.handle, product.pk)
    except RuleViolation as refusal:
        return choose_again(request, held, product, refusal)
    forget_choices(request, held.handle)
    return redirect("redemption:order", order.number)
