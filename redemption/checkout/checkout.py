"""Data that the checkout pages share, loaded once per request."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import User
from catalog.models import Product, ProductSize
from moments import clock
from moments.requests import View
from moments.web.private_pages import private
from redemption.addresses.address import Address, address_of
from redemption.checkout.place_order import order_of
from redemption.checkout.reservations import is_for, reservation_of
from redemption.choosing.offers import Offer, offered_or_none
from redemption.choosing.quotes import Quote, quote_choice
from redemption.models import Reservation
from redemption.session.page_helpers import back_to_choosing
from redemption.session.reward_session import ClaimedReward, chosen_size, claimed_reward_or_404, typed_address
from rewards.models import Reward


@dataclass(frozen=True)
class Checkout:
    """The checkout of one product with a claimed reward.

    ``reserved`` is the reservation of the product in ``size``; ``typed`` is the address that was entered last.
    """

    held: ClaimedReward
    choice: Offer
    size: ProductSize | None
    reserved: Reservation | None
    typed: Address | None
    now: dt.datetime

    @property
    def reward(self) -> Reward:
        return self.held.reward

    @property
    def customer(self) -> User:
        return self.held.customer

    @property
    def product(self) -> Product:
        return self.choice.product

    @property
    def is_digital(self) -> bool:
        return self.product.kind == Product.Kind.DIGITAL

    @property
    def address(self) -> Address | None:
        """Return the address of the reservation, else the one that was entered."""
        return address_of(self.reserved) if self.reserved else self.typed

    def quote_to(self, address: Address) -> Quote:
        return quote_choice(self.reward, self.choice, address, customer=self.customer, now=self.now)


def load_checkout(request: HttpRequest, handle: str, pk: int) -> Checkout | HttpResponse:
    """Return the checkout of product ``pk``, or a redirect to the existing order or back to the choice of items.

    Only a redeemed reward has an active order: if the order is canceled, the reward returns to its former status or
    expires.
    """
    held = claimed_reward_or_404(request, handle)
    if held.reward.status == Reward.Status.REDEEMED and (order := order_of(held.reward, held.customer)):
        return redirect("redemption:order", order.number)
    choice = offered_or_none(held.reward, pk)
    if choice is None:
        return back_to_choosing(request, handle)
    size, reserved = chosen_size(request, handle, choice.product), reservation_of(held.reward)
    if reserved and not is_for(reserved, choice.product, size):
        reserved = None
    typed = typed_address(request, handle)
    return Checkout(held, choice, size, reserved, typed, clock.now())


def checkout_page(view: Callable[[HttpRequest, Checkout], HttpResponse]) -> View:
    """Decorate a checkout view: require sign-in, load the checkout and pass it to the view."""

    @private
    @login_required
    @wraps(view)
    def wrapped(request: HttpRequest, handle: str, pk: int) -> HttpResponse:
        loaded = load_checkout(request, handle, pk)
        return view(request, loaded) if isinstance(loaded, Checkout) else loaded

    return wrapped
