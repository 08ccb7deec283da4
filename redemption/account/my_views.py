"""Account pages of a customer: rewards, orders, addresses and profile."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.organizations.access import SignedInRequest
from accounts.sign_in.language_views import choose_language
from catalog.delivery_countries import home_country, served_anywhere
from moments import clock
from moments.errors import RuleViolation
from moments.i18n.languages import CHOSEN
from moments.web.forms import add_refusal
from moments.web.private_pages import private, see_other
from redemption.account.claimed_rewards import claimed_by, is_under_way, orders_of
from redemption.addresses.address import address_of, correct_address
from redemption.addresses.forms import AddressForm, is_country_changed
from redemption.addresses.saved import MOST, change_address, forget_address, save_address
from redemption.models import Order, SavedAddress
from redemption.privacy.forms import AboutMeForm
from redemption.session import reward_session
from redemption.session.page_helpers import saved_or_404
from rewards.models import Reward

SHOWN = 3


@private
@require_safe
@login_required
def my(request: SignedInRequest) -> HttpResponse:
    """Show the account overview: open rewards, orders that need an answer and other orders."""
    waiting = [row for row in claimed_by(request.user, now=clock.now()) if row.waits]
    orders = orders_of(request.user)
    asked = [order for order in orders if order.status == Order.Status.WAITING]
    others = [order for order in orders if order not in asked]
    under_way = [order for order in others if is_under_way(order)]
    context = {
        "waiting": waiting,
        "asked": asked,
        "orders": (under_way or others)[:SHOWN],
        "are_under_way": bool(under_way),
        "members": request.user.memberships.select_related("organization"),
        "has_addresses": request.user.saved_addresses.exists(),
    }
    return render(request, "redemption/account/my_overview.html", context)


@private
@require_safe
@login_required
def rewards(request: SignedInRequest) -> HttpResponse:
    rows = claimed_by(request.user, now=clock.now())
    context = {
        "waiting": [row for row in rows if row.waits],
        "ordered": [row for row in reversed(rows) if row.order],
        "gone": [row for row in reversed(rows) if not row.order and not row.waits],
    }
    return render(request, "redemption/account/my_rewards.html", context)


@private
@login_required
def reward(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Open the reward's page from the customer's list of rewards."""
    found = get_object_or_404(Reward, pk=pk, customer=request.user)
    reference = reward_session.Reference(reward_session.Opens.REWARD, found.pk)
    return see_other(reverse("redemption:reward", args=[reward_session.remember(request, reference)]))


@private
@require_safe
@login_required
def orders(request: SignedInRequest) -> HttpResponse:
    return render(request, "redemption/account/my_orders.html", {"orders": orders_of(request.user)})


@private
@login_required
def about_me(request: SignedInRequest) -> HttpResponse:
    """Edit name, language and time zone. The email address is changed on a separate page that confirms it."""
    form = AboutMeForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        if "language" in form.changed_data:
            speak_from_now_on(request, form.cleaned_data["language"])
        messages.success(request, _("Saved."))
        return redirect("redemption:about_me")
    return render(request, "redemption/account/about_me.html", {"form": form})


def speak_from_now_on(request: HttpRequest, code: str) -> None:
    if code:
        choose_language(request, code)
    else:
        request.session.pop(CHOSEN, None)


# Addresses


@private
@require_safe
@login_required
def addresses(request: SignedInRequest) -> HttpResponse:
    kept = [(row, address_of(row).lines()) for row in request.user.saved_addresses.all()]
    return render(request, "redemption/account/my_addresses.html", {"kept": kept, "most": MOST})


@private
@login_required
def add_address(request: SignedInRequest) -> HttpResponse:
    return address_page(request, None)


@private
@login_required
def edit_address(request: SignedInRequest, pk: int) -> HttpResponse:
    return address_page(request, saved_or_404(request, pk))


def address_page(request: SignedInRequest, saved: SavedAddress | None) -> HttpResponse:
    """Add an address (``saved`` is None) or edit ``saved``."""
    form = form_of(request, saved)
    if form.is_bound and form.is_valid():
        try:
            found = correct_address(form.address())
            if saved:
                change_address(saved, found)
            else:
                save_address(request.user, found, now=clock.now())
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The address is kept."))
            return redirect("redemption:addresses")
    return render(request, "redemption/account/my_address.html", {"form": form, "saved": saved})


def form_of(request: SignedInRequest, saved: SavedAddress | None) -> AddressForm:
    """Return the address form, bound if it was submitted. If only the country was changed, the form is unbound and
    keeps the entered values.
    """
    new = {"recipient": request.user.name, "country": likely_country(request.user)}
    initial = address_of(saved).as_fields() if saved else new
    countries = served_anywhere(and_also=initial.get("country", "") if saved else "")
    is_changed = is_country_changed(request.POST, countries)
    if is_changed:
        initial |= request.POST.dict()
    is_sent = request.method == "POST" and not is_changed
    return AddressForm(request.POST if is_sent else None, countries=countries, initial=initial)


def likely_country(user: User) -> str:
    """Return the country of the last order, else the home country of the last claimed reward's store, else "US"."""
    if order := user.orders.order_by("-placed_at").first():
        return order.country
    reward = user.rewards.select_related("group__marketplace").order_by("-claimed_at").first()
    return home_country(reward.group.marketplace) if reward else "US"


@private
@login_required
def remove_address(request: SignedInRequest, pk: int) -> HttpResponse:
    found = saved_or_404(request, pk)
    if request.method != "POST":
        return render(request, "redemption/account/forget_address.html", {"lines": address_of(found).lines()})
    if not forget_address(request.user, pk):
        raise Http404
    messages.success(request, _("The address is forgotten. Orders that were placed with it keep theirs."))
    return redirect("redemption:addresses")
