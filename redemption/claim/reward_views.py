"""The reward's pages: opened, claimed, chosen from. They work without JavaScript."""

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
from redemption.session.page_helpers import claimed_or_none, private, see_other
from redemption.session.token_guessing import record_miss
from rewards.claims.service import claim_reward, is_open
from rewards.issuing.tokens import token_in


@private
@require_safe
def open_reward(request: HttpRequest, token: str) -> HttpResponse:
    """The link itself. Exchanges the token for a handle; a reward's state plays no part."""
    reference = reward_session.reference_of_token(token_in(token))
    if reference is None:
        return not_here(request)
    return see_other(reverse("redemption:reward", args=[reward_session.remember(request, reference)]))


@private
@require_safe
def back(request: HttpRequest, signed: str) -> HttpResponse:
    """After signing in or confirming the address: the reward's page again, in whichever browser this is."""
    reference = reward_session.reference_of_return(signed)
    if reference is None:
        return render(request, "redemption/claim/return_expired.html", status=410)
    return see_other(reverse("redemption:reward", args=[reward_session.remember(request, reference)]))


def not_here(request: HttpRequest) -> HttpResponse:
    """The same kind page; whoever has missed too often is told so by the status, and when to come again."""
    seconds = record_miss(request)
    response = render(request, "redemption/claim/reward_not_found.html", status=429 if seconds else 404)
    response.headers["Referrer-Policy"] = "no-referrer"
    if seconds:
        response["Retry-After"] = str(seconds)
    return response


@private
@require_safe
def terms(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A campaign's terms with its start and end, for whom its announcement reaches. A function of the campaign only."""
    campaigns = Campaign.objects.filter(status__in=Campaign.REVIEWED).exclude(terms="").select_related("app", "banner")
    campaign = in_language(get_object_or_404(campaigns, pk=pk))
    return render(request, "redemption/claim/terms.html", {"campaign": campaign})


@private
@require_safe
def reward(request: HttpRequest, handle: str) -> HttpResponse:
    """A function of the campaign only, until its own customer has signed in."""
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
    """Signed out, and back on the reward's page, to claim it with the account that it may belong to."""
    back_here = reward_session.return_path(request, reward_session.open_reward_or_404(request, handle).handle)
    auth.logout(request)
    return redirect(back_here)


def credit_of_held(held: reward_session.OpenReward, now: dt.datetime) -> int:
    """As it was issued; of a preview, as the campaign's first moment would."""
    return held.reward.credit_cents if held.reward else credit_of(held.group, now=now)


def what_to_choose(request: HttpRequest, mine: reward_session.ClaimedReward, now: dt.datetime) -> dict:
    """A category to look through, or each choice with what it costs."""
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
