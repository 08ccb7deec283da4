"""From the chosen item to the order: where it goes, what it costs."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation

from catalog.delivery import refuse_unserved
from catalog.models import Product
from moments import clock
from moments.errors import RuleViolation
from moments.forms import add_refusal
from redemption import handles, quotes, services
from redemption.addresses import Address, check_address
from redemption.choices import choice_of
from redemption.forms import AddressForm
from redemption.pages import mine_or_404, private

ADDRESSES = "addresses"


@private
@login_required
def address(request, handle, pk):
    """Where to send the item that was chosen."""
    held = mine_or_404(request, handle)
    product = get_object_or_404(Product, pk=pk)
    if refused := refuse_choice(request, held, product):
        return refused
    store, is_digital = held.group.marketplace, product.kind == Product.Kind.DIGITAL
    known = request.session.get(ADDRESSES, {}).get(handle, {"recipient": request.user.name})
    form = AddressForm(request.POST or None, initial=known, marketplace=store, is_digital=is_digital)
    if request.method == "POST" and form.is_valid():
        try:
            refuse_unserved(store, form.cleaned_data["country"])
            found = check_address(form.address(), store, is_digital=is_digital)
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            request.session[ADDRESSES] = {**request.session.get(ADDRESSES, {}), handle: found.as_fields()}
            return redirect("redemption:review", handle, pk)
    context = {"held": held, "campaign": held.campaign, "product": product, "form": form, "is_digital": is_digital}
    return render(request, "redemption/address.html", context)


def refuse_choice(request, held: handles.Held, product: Product):
    try:
        choice_of(held.reward, product)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect("redemption:reward", held.handle)
    return None


@private
@login_required
def review(request, handle, pk):
    """What it costs and who pays; *Place order* orders it."""
    held = mine_or_404(request, handle)
    product = get_object_or_404(Product, pk=pk)
    fields = request.session.get(ADDRESSES, {}).get(handle)
    if fields is None:
        return redirect("redemption:address", handle, pk)
    found, now = Address(**fields), clock.now()
    try:
        if request.method == "POST":
            order = services.place_order(
                held.reward,
                customer=request.user,
                product=product,
                address=found,
                language=translation.get_language() or "en",
                now=now,
            )
            return redirect("redemption:order", order.number)
        quote = quotes.quote_order(held.reward, product, found, customer=request.user, now=now)
        quotes.refuse_payment(quote, product)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect("redemption:reward", handle)
    context = {"held": held, "campaign": held.campaign, "product": product, "quote": quote, "address": found}
    return render(request, "redemption/review.html", context)
