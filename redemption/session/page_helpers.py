"""Helpers for customers' pages: the data behind a handle."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from catalog.models import Product, ProductSize
from moments.errors import RuleViolation
from redemption.addresses.address import Address
from redemption.choosing.offers import Offer, find_offer
from redemption.models import SavedAddress
from redemption.session import reward_session
from rewards.models import Reward

# Session keys, each a dict by handle: the entered address and the id of the selected size.
ADDRESSES, SIZES = "addresses", "sizes"


def claimed_reward_or_404(request: HttpRequest, handle: str) -> reward_session.ClaimedReward:
    """Return the reward that the signed-in customer claimed. Raises ``Http404`` otherwise."""
    mine = claimed_or_none(request, reward_session.open_reward_or_404(request, handle))
    if mine is None:
        raise Http404
    return mine


def claimed_or_none(request: HttpRequest, held: reward_session.OpenReward) -> reward_session.ClaimedReward | None:
    """Return ``held`` as a claimed reward, or None if the signed-in customer did not claim it."""
    customer, reward = request.user, held.reward
    if reward is None or not customer.is_authenticated or reward.customer_id != customer.pk:
        return None
    return reward_session.ClaimedReward(held.handle, held.campaign, held.group, reward, customer)


def offered_or_none(reward: Reward, pk: int) -> Offer | None:
    """Return the reward's offer of product ``pk``; None if it is not offered or does not exist."""
    product = Product.objects.filter(pk=pk).first()
    try:
        return find_offer(reward, product) if product else None
    except RuleViolation:
        return None


def back_to_choosing(request: HttpRequest, handle: str) -> HttpResponse:
    """Redirect to the reward with a message that the item is not available."""
    messages.error(request, _("This item is not available with this reward."))
    return redirect("redemption:reward", handle)


def size_of(product: Product, typed: str) -> ProductSize | None:
    """Return the product's size with id ``typed``; None if it is not a size of ``product``."""
    is_id = typed.isascii() and typed.isdigit() and len(typed) < 19
    return product.sizes.filter(pk=int(typed)).first() if is_id else None


def remember_size(request: HttpRequest, handle: str, size: ProductSize | None) -> None:
    request.session[SIZES] = {**request.session.get(SIZES, {}), handle: str(size.pk) if size else ""}


def chosen_size(request: HttpRequest, handle: str, product: Product) -> ProductSize | None:
    """Return the size in the session; None if it is not a size of ``product``."""
    return size_of(product, request.session.get(SIZES, {}).get(handle, ""))


def remember_address(request: HttpRequest, handle: str, address: Address) -> None:
    request.session[ADDRESSES] = {**request.session.get(ADDRESSES, {}), handle: address.as_fields()}


def typed_address(request: HttpRequest, handle: str) -> Address | None:
    """Return the address that was entered last, or None."""
    known = request.session.get(ADDRESSES, {}).get(handle)
    return Address(**known) if known else None


def forget_choices(request: HttpRequest, handle: str) -> None:
    """Remove the address and size from the session once the order is placed."""
    for kept in {ADDRESSES, SIZES} & set(request.session.keys()):
        request.session[kept] = {key: value for key, value in request.session[kept].items() if key != handle}


def saved_or_404(request: HttpRequest, pk: int | str) -> SavedAddress:
    """Return the customer's saved address ``pk``, an id from a URL or form. Raises ``Http404`` if there is none."""
    text = str(pk)
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return get_object_or_404(SavedAddress, pk=text, customer=request.user)
