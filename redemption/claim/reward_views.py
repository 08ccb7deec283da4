"""Pages of a reward: opening, claiming and choosing. They work without JavaScript."""

import datetime as dt
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.sign_in.basic_forms import SignInLinkForm
from campaigns.models import Campaign, RewardGroup
from campaigns.setup.cpa import covers_every_choice, credit_of
from campaigns.setup.offers import shown_to_anybody
from campaigns.setup.translations import in_language
from moments import clock
from moments.errors import RuleViolation
from moments.web.private_pages import private, see_other
from redemption.checkout import payments, place_order
from redemption.checkout.payment_views import refund_notice
from redemption.checkout.reservations import reservation_of
from redemption.choosing import quotes
from redemption.choosing.item_views import home_terms, search
from redemption.choosing.offers import offers_for
from redemption.claim.appeal_views import may_appeal, note_refusal
from redemption.models import OrderPayment
from redemption.session import reward_session
from redemption.session.abuse_signals import signals_of
from redemption.session.reward_session import claimed_or_none
from redemption.session.token_guessing import record_miss
from rewards.claims.service import claim_reward, is_open
from rewards.issuing.tokens import token_in


@private
@require_safe
def open_reward(request: HttpRequest, token: str) -> HttpResponse:
    """Exchange the token of a link for a handle and redirect to the reward, whatever its status."""
    reference = reward_session.reference_of_token(token_in(token))
    if reference is None:
        return not_here(request)
    return see_other(reverse("redemption:reward", args=[reward_session.remember(request, reference)]))


@private
@require_safe
def back(request: HttpRequest, signed: str) -> HttpResponse:
    """Return to the reward's page after signing in or confirming an address, possibly in another browser."""
    reference = reward_session.reference_of_return(signed)
    if reference is None:
        return render(request, "redemption/claim/return_expired.html", status=410)
    return see_other(reverse("redemption:reward", args=[reward_session.remember(request, reference)]))


def not_here(request: HttpRequest) -> HttpResponse:
    """Show the same page for every unknown link: status 404, or 429 with ``Retry-After`` after too many misses."""
    seconds = record_miss(request)
    response = render(request, "redemption/claim/reward_not_found.html", status=429 if seconds else 404)
    response.headers["Referrer-Policy"] = "no-referrer"
    if seconds:
        response["Retry-After"] = str(seconds)
    return response


@private
@require_safe
def terms(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the campaign's terms with its start and end. The page depends on the campaign only."""
    campaigns = Campaign.objects.filter(status__in=Campaign.REVIEWED).exclude(terms="").select_related("app", "banner")
    campaign = in_language(get_object_or_404(campaigns, pk=pk))
    return render(request, "redemption/claim/terms.html", {"campaign": campaign})


@private
@require_safe
def reward(request: HttpRequest, handle: str) -> HttpResponse:
    """Show the reward's page. It depends on the campaign only, until the customer who claimed it is signed in."""
    if not request.COOKIES and (campaign := reward_session.campaign_of_handle(handle)):
        return render(request, "redemption/claim/no_cookies.html", {"campaign": campaign})
    held = reward_session.open_reward_or_404(request, handle)
    now = clock.now()
    mine = claimed_or_none(request, held)
    order = place_order.order_of(mine.reward, mine.customer) if mine else None
    if order:
        return redirect("redemption:order", order.number)
    looked_up = payments.look_up(mine.reward, now=now) if mine else None
    if looked_up and looked_up.payment.order:
        return redirect("redemption:order", looked_up.payment.order.number)
    if looked_up and looked_up.payment.status == OrderPayment.Status.REFUNDING:
        messages.error(request, refund_notice())
    expires = held.campaign.rewards_expire_at
    may_choose = mine is not None and is_open(mine.reward, now=now)
    context = {
        "held": held,
        "campaign": held.campaign,
        "group": held.group,
        "store": held.group.marketplace,
        "is_expired": bool(expires and now >= expires),
        "is_free": covers_every_choice(held.group, credit_of_held(held, now), now=now),
        "is_refused": not may_choose and (may_appeal(request, handle) or bool(mine and mine.reward.voided_at)),
        "reward": mine.reward if mine and may_choose else None,
        "products": shown_to_anybody(held.campaign, held.group),
        "unsure": looked_up if looked_up and looked_up.is_unsure else None,
        "by_email": SignInLinkForm(),
        "back_here": reward_session.return_path(request, handle),
        "sign_in": sign_in_path("account_login", request, handle),
        "sign_up": sign_in_path("account_signup", request, handle),
    }
    if mine and may_choose:
        context |= what_to_choose(request, mine, now) | {"reserved": reservation_of(mine.reward)}
    return render(request, "redemption/claim/reward.html", context)


@private
@require_POST
def other_account(request: HttpRequest, handle: str) -> HttpResponse:
    """Sign out and return to the reward's page, to claim it with another account."""
    back_here = reward_session.return_path(request, reward_session.open_reward_or_404(request, handle).handle)
    auth.logout(request)
    return redirect(back_here)


def credit_of_held(held: reward_session.OpenReward, now: dt.datetime) -> int:
    """Return the credit of the reward; for a preview, the credit that a reward would have now."""
    return held.reward.credit_cents if held.reward else credit_of(held.group, now=now)


def what_to_choose(request: HttpRequest, mine: reward_session.ClaimedReward, now: dt.datetime) -> dict:
    """Return the context with the category search, or with the offers and their quotes."""
    if mine.group.kind == RewardGroup.Kind.CATEGORY:
        return {"search": search(request, mine, now)}
    terms = home_terms(mine, now)
    choices = [(choice, quotes.quote_at(mine.reward, choice, terms)) for choice in offers_for(mine.reward)]
    return {"choices": choices, "is_free": not any(quote.to_pay_cents for _choice, quote in choices)}


def sign_in_path(name: str, request: HttpRequest, handle: str) -> str:
    return f"{reverse(name)}?{urlencode({'next': reward_session.return_path(request, handle)})}"


@private
@require_POST
def claim(request: HttpRequest, handle: str) -> HttpResponse:
    held = reward_session.open_reward_or_404(request, handle)
    if not request.user.is_authenticated:
        return redirect(sign_in_path("account_login", request, handle))
    if held.reward is None:
        messages.info(request, _("This is a preview: nothing is claimed, nothing is charged."))
        return redirect("redemption:reward", handle)
    try:
        claim_reward(held.reward, customer=request.user, signals=signals_of(request), now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        note_refusal(request, handle, refusal)
    else:
        messages.success(request, _("It is yours. Choose what you would like."))
    return redirect("redemption:reward", handle)
