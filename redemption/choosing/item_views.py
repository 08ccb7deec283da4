"""Pages for browsing a category and viewing a single item."""

import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalog import stock
from catalog.delivery_countries import home_country
from catalog.models import Product
from moments import clock
from moments.errors import RuleViolation
from moments.web.private_pages import private
from redemption.addresses.address import Address
from redemption.checkout import place_order
from redemption.checkout.reservations import is_for, reservation_of
from redemption.choosing import quotes
from redemption.choosing.browsing import browse, covers_whole_items
from redemption.choosing.delivery_estimates import delivery_in_words
from redemption.choosing.forms import BrowseForm
from redemption.choosing.offers import Offer, category_offers_for, offered_or_none, substitutes_for
from redemption.choosing.stock_alerts import create_stock_alert, has_stock_alert
from redemption.session.page_helpers import back_to_choosing
from redemption.session.reward_session import ClaimedReward, chosen_size, claimed_reward_or_404, remember_size, size_of
from rewards.claims.service import is_open

HITS = 24


@dataclass(frozen=True)
class Search:
    """A submitted search with one page of results as (offer, quote) pairs."""

    form: BrowseForm
    page: Page
    hits: list[tuple[Offer, quotes.Quote]]
    query: str


def search(request: HttpRequest, mine: ClaimedReward, now: dt.datetime) -> Search:
    """Return one page of a category reward's products, priced for this customer."""
    typed, reward, terms = request.GET, mine.reward, home_terms(mine, now)
    currency = reward.group.marketplace.currency
    form = BrowseForm(typed, currency=currency, covers_whole_items=covers_whole_items(reward))
    page = Paginator(browse(reward, form.wanted(), terms), HITS).get_page(typed.get("page"))
    choices = category_offers_for(reward, page.object_list)
    query = typed.copy()
    query.pop("page", None)
    return Search(
        form, page, [(choice, quotes.quote_at(reward, choice, terms)) for choice in choices], query.urlencode()
    )


def home_terms(mine: ClaimedReward, now: dt.datetime) -> quotes.Terms:
    """Return the terms for delivery within the store's home country; the actual address is not known yet."""
    home = Address("", "", "", "", "", country=home_country(mine.group.marketplace))
    return quotes.terms_at(mine.reward, home, customer=mine.customer, now=now)


@private
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def item(request: HttpRequest, handle: str, pk: int) -> HttpResponse:
    """Show one product with its price and sizes, and substitutes if it is sold out.

    A POST selects a size, or creates a back-in-stock alert for a sold-out product.
    """
    held, now = claimed_reward_or_404(request, handle), clock.now()
    reward = held.reward
    if not is_open(reward, now=now) or place_order.order_of(reward, held.customer):
        return redirect("redemption:reward", handle)
    choice = offered_or_none(reward, pk)
    if choice is None:
        return back_to_choosing(request, handle)
    product = choice.product
    if request.method == "POST" and not choice.is_available:
        return wish(request, held, product, now)
    if request.method == "POST" and choose_size(request, held, product):
        return redirect("redemption:address", handle, pk)
    terms, reserved = home_terms(held, now), reservation_of(reward)
    context = {
        "held": held,
        "reserved": reserved if reserved and reserved.product_id == pk else None,
        "campaign": held.campaign,
        "reward": reward,
        "choice": choice,
        "product": product,
        "sizes": product.sizes.all(),
        "chosen_size": chosen_size(request, handle, product),
        "quote": quotes.quote_at(reward, choice, terms),
        "delivery": delivery_in_words(product, is_two_day=terms.is_member),
        "equals": [] if choice.is_available else substitutes_for(choice, held.group),
        "has_wished": has_stock_alert(reward, product),
        "query": request.GET.urlencode(),
    }
    return render(request, "redemption/choosing/item.html", context)


def wish(request: HttpRequest, held: ClaimedReward, product: Product, now: dt.datetime) -> HttpResponse:
    try:
        create_stock_alert(held.reward, product, language=translation.get_language() or "en", now=now)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("A mail tells you as soon as it is back."))
    return redirect("redemption:item", held.handle, product.pk)


def choose_size(request: HttpRequest, held: ClaimedReward, product: Product) -> bool:
    """Store the selected size in the session. Returns False, with a message, if it is invalid or sold out."""
    size = size_of(product, request.POST.get("size", ""))
    try:
        stock.refuse_wrong_size(product, size)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return False
    reserved = reservation_of(held.reward)
    if size and not size.is_in_stock and not (reserved and is_for(reserved, product, size)):
        values = {"product": product, "size": size}
        messages.error(request, _("“%(product)s” is sold out in size %(size)s.") % values)
        return False
    remember_size(request, held.handle, size)
    return True
