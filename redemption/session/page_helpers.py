"""What the customer's pages share: what browsers and robots are told, and what stands behind a handle."""

from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from catalog.models import Product, ProductSize
from moments.errors import RuleViolation
from moments.requests import View
from redemption.addresses.address import Address
from redemption.choosing.offers import Offer, find_offer
from redemption.models import SavedAddress
from redemption.session import reward_session
from rewards.models import Reward

# In the session, by handle, until the order is placed: where it goes, and the id of the size that was chosen.
ADDRESSES, SIZES = "addresses", "sizes"
NO_REFERRER = {"Referrer-Policy": "no-referrer"}


def private(view: View) -> View:
    """Not kept, not indexed, no address passed on to other sites.

    Not ``no-referrer``: under it browsers send the page's own forms with ``Origin: null``, which is refused as forged.
    The link with the token, which is nobody's form, does answer with it.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = never_cache(view)(request, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return wrapped


def see_other(path: str) -> HttpResponse:
    return HttpResponse(status=303, headers={"Location": path, **NO_REFERRER})


def claimed_reward_or_404(request: HttpRequest, handle: str) -> reward_session.ClaimedReward:
    """A reward that this customer has claimed and may order with."""
    mine = claimed_or_none(request, reward_session.open_reward_or_404(request, handle))
    if mine is None:
        raise Http404
    return mine


def claimed_or_none(request: HttpRequest, held: reward_session.OpenReward) -> reward_session.ClaimedReward | None:
    """What is held, where whoever is signed in has claimed it."""
    customer, reward = request.user, held.reward
    if reward is None or not customer.is_authenticated or reward.customer_id != customer.pk:
        return None
    return reward_session.ClaimedReward(held.handle, held.campaign, held.group, reward, customer)


def offered_or_none(reward: Reward, pk: int) -> Offer | None:
    """A product as ``reward`` offers it. Of any other nothing is shown, as of one that does not exist."""
    product = Product.objects.filter(pk=pk).first()
    try:
        return find_offer(reward, product) if product else None
    except RuleViolation:
        return None


def back_to_choosing(request: HttpRequest, handle: str) -> HttpResponse:
    """Where the address names nothing that this reward offers (any more)."""
    messages.error(request, _("This item is not available with this reward."))
    return redirect("redemption:reward", handle)


def size_of(product: Product, typed: str) -> ProductSize | None:
    """The size that was ticked; None for anything that is no size of ``product``."""
    is_id = typed.isascii() and typed.isdigit() and len(typed) < 19
    return product.sizes.filter(pk=int(typed)).first() if is_id else None


def remember_size(request: HttpRequest, handle: str, size: ProductSize | None) -> None:
    request.session[SIZES] = {**request.session.get(SIZES, {}), handle: str(size.pk) if size else ""}


def chosen_size(request: HttpRequest, handle: str, product: Product) -> ProductSize | None:
    """The size of ``product`` that was chosen last; None where it was of something else."""
    return size_of(product, request.session.get(SIZES, {}).get(handle, ""))


def remember_address(request: HttpRequest, handle: str, address: Address) -> None:
    request.session[ADDRESSES] = {**request.session.get(ADDRESSES, {}), handle: address.as_fields()}


def typed_address(request: HttpRequest, handle: str) -> Address | None:
    """Where it goes, as it was said last; None where it was not said yet."""
    known = request.session.get(ADDRESSES, {}).get(handle)
    return Address(**known) if known else None


def forget_choices(request: HttpRequest, handle: str) -> None:
    """It is ordered: what was typed and ticked on the way stands in the order."""
    for kept in {ADDRESSES, SIZES} & set(request.session.keys()):
        request.session[kept] = {key: value for key, value in request.session[kept].items() if key != handle}


def saved_or_404(request: HttpRequest, pk: int | str) -> SavedAddress:
    """A kept address of the customer's own; ``pk`` may be whatever a form sent."""
    text = str(pk)
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return get_object_or_404(SavedAddress, pk=text, customer=request.user)
