"""The page of a single order."""

import logging

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.organizations.access import SignedInRequest
from campaigns.setup.translations import in_language
from moments import clock
from moments.errors import RuleViolation
from moments.security.encryption import DecryptionError
from moments.web.private_pages import private
from redemption.addresses.address import address_of
from redemption.checkout.place_order import can_choose_again
from redemption.models import Order, Substitution
from redemption.orders import timeline
from redemption.orders.carriers import tracking_url
from redemption.orders.digital_content import content_of
from redemption.orders.provider_requests import is_being_arranged
from redemption.session.reward_session import size_of
from redemption.shipping import substitution

logger = logging.getLogger(__name__)


def order_of(request: HttpRequest, number: str) -> Order:
    related = ("product", "reward__campaign__banner", "reward__campaign__app", "reward__group__marketplace")
    return get_object_or_404(Order.objects.select_related(*related), number=number, customer=request.user)


@private
@login_required
def order(request: SignedInRequest, number: str) -> HttpResponse:
    found, now = order_of(request, number), clock.now()
    expected_on = timeline.expected_on(found)
    offers = found.substitutions.filter(status=Substitution.Status.OFFERED).select_related("substitute")
    offer = offers.first() if found.status == Order.Status.WAITING else None
    context = {
        "order": found,
        "campaign": in_language(found.reward.campaign),
        "address": address_of(found),
        "offer": offer,
        "sizes": offer.substitute.sizes.all() if offer else [],
        "is_being_arranged": is_being_arranged(found),
        "steps": timeline.steps_of(found),
        "expected_on": expected_on,
        "is_late": expected_on is not None and expected_on < now.date(),
        "tracking_url": tracking_url(found.carrier, found.tracking_number),
        "can_choose_again": can_choose_again(found, now=now),
        **_content(found),
    }
    return render(request, "redemption/account/order.html", context)


def _content(found: Order) -> dict:
    """Return the code or link for the template. If it cannot be decrypted, return the operator's contact address
    instead.
    """
    try:
        return {"content": content_of(found)}
    except DecryptionError:
        logger.error("The content of order %s does not open with the keys there are.", found.number)
        return {"content_contact": settings.OPERATOR_EMAIL}


@private
@require_POST
@login_required
def decide(request: SignedInRequest, number: str) -> HttpResponse:
    """Accept or decline an offered substitute. Redirect to the order's page if there is no open offer."""
    found = order_of(request, number)
    offer = found.substitutions.filter(status=Substitution.Status.OFFERED).first()
    if offer is None or not {"accept", "wait"} & set(request.POST):
        return redirect("redemption:order", number)
    accepts, now = "accept" in request.POST, clock.now()
    try:
        if accepts:
            size = size_of(offer.substitute, request.POST.get("size", ""))
            substitution.accept_substitution(offer, size=size, by=request.user, now=now)
        else:
            substitution.decline_substitution(offer, by=request.user, now=now)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Thank you. We send it instead.") if accepts else _("Thank you. We wait for it."))
    return redirect("redemption:order", number)
