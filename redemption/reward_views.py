"""The reward's pages: opened, claimed, chosen, ordered. They work without JavaScript."""

from functools import wraps
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from catalog.delivery import refuse_unserved
from catalog.models import Product
from moments import clock
from moments.errors import RuleViolation
from moments.forms import add_refusal
from redemption import handles, quotes, services
from redemption.addresses import Address, check_address
from redemption.choices import choice_of, choices_of, shown_to_anybody
from redemption.forms import AddressForm
from rewards.models import Reward
from rewards.services import claim_reward, is_open

ADDRESSES = "addresses"
NO_REFERRER = {"Referrer-Policy": "no-referrer"}


def private(view):
    """Not kept, not indexed, no address passed on to other sites.

    Not ``no-referrer``: under it browsers send the page's own forms with ``Origin: null``, which is refused as forged.
    The link with the token, which is nobody's form, does answer with it.
    """

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        response = never_cache(view)(request, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return wrapped


@private
@require_safe
def open_reward(request, token):
    """The link itself. Exchanges the token for a handle; a reward's state plays no part."""
    reference = handles.reference_of_token(token)
    if reference is None:
        return not_here(request)
    return see_other(reverse("redemption:reward", args=[handles.hold(request, reference)]))


@private
@require_safe
def back(request, signed):
    """After signing in or confirming the address: the reward's page again, in whichever browser this is."""
    reference = handles.reference_of_return(signed)
    if reference is None:
        return render(request, "redemption/return_expired.html", status=410)
    return see_other(reverse("redemption:reward", args=[handles.hold(request, reference)]))


def not_here(request) -> HttpResponse:
    response = render(request, "redemption/unknown.html", status=404)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def see_other(path: str) -> HttpResponse:
    return HttpResponse(status=303, headers={"Location": path, **NO_REFERRER})


@private
@require_safe
def reward(request, handle):
    """A function of the campaign only, until its own customer has signed in."""
    held = handles.held(request, handle)
    now = clock.now()
    mine = held.reward if held.reward and held.reward.customer_id == request.user.pk and request.user.pk else None
    order = services.order_of(mine, request.user) if mine else None
    if order:
        return redirect("redemption:order", order.number)
    expires = held.campaign.rewards_expire_at
    is_expired = bool(expires and now >= expires)
    context = {
        "held": held,
        "campaign": held.campaign,
        "group": held.group,
        "store": held.group.marketplace,
        "is_expired": is_expired,
        "reward": mine if mine and is_open(mine, now=now) else None,
        "products": shown_to_anybody(held.campaign, held.group),
        "sign_in": sign_in_path("account_login", request, handle),
        "sign_up": sign_in_path("account_signup", request, handle),
    }
    if context["reward"]:
        context["choices"] = priced_choices(request, mine, now)
    return render(request, "redemption/reward.html", context)


def priced_choices(request, reward: Reward, now) -> list:
    """(choice, quote at the store's own country): what can be had for the credit and what cannot."""
    store = reward.group.marketplace
    home = Address(*[""] * 5, country={"UK": "GB"}.get(store.code, store.code))
    return [
        (choice, quotes.quote_choice(reward, choice, home, customer=request.user, now=now))
        for choice in choices_of(reward.group)
    ]


def sign_in_path(name: str, request, handle: str) -> str:
    return f"{reverse(name)}?{urlencode({'next': handles.return_path(request, handle)})}"


@private
@require_POST
def claim(request, handle):
    held = handles.held(request, handle)
    if not request.user.is_authenticated:
        return redirect(sign_in_path("account_login", request, handle))
    if held.is_preview:
        messages.info(request, _("This is a preview: nothing is claimed, nothing is charged."))
        return redirect("redemption:reward", handle)
    try:
        claim_reward(held.reward, customer=request.user, now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("It is yours. Choose what you would like."))
    return redirect("redemption:reward", handle)


def mine_or_404(request, handle) -> handles.Held:
    """A reward that this customer has claimed and may order with."""
    held = handles.held(request, handle)
    if held.reward is None or held.reward.customer_id != request.user.pk:
        raise Http404
    return held


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
