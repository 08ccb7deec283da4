"""Console pages for the card that statements are charged to."""

from allauth.account.decorators import reauthentication_required
from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.organizations.access import MANAGERS, OWNERS, MemberRequest, member_required
from campaigns.billing import cards
from campaigns.models import PaymentMethod
from console.campaigns.forms import HandOverForm
from moments import clock
from moments.errors import NotResponding, RuleViolation
from moments.integrations.stripe import PAGE_POLICY
from moments.web.confirmation import confirm_first
from moments.web.forms import add_refusal
from moments.web.views import payments_not_responding

BACK = "console:billing:list"


@never_cache
@csp_update(PAGE_POLICY)
@member_required(*MANAGERS)
@reauthentication_required
def card(request: MemberRequest) -> HttpResponse:
    """Show Stripe's card field, which sends the number from the browser to Stripe and never to us."""
    try:
        setup_id, secret = cards.begin_card(request.member)
    except NotResponding as refusal:
        return payments_not_responding(request, refusal)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect(BACK)
    context = {
        "setup_id": setup_id,
        "secret": secret,
        "key": settings.STRIPE_PUBLISHABLE_KEY,
        "stripe_js": settings.STRIPE_JS,
    }
    return render(request, "console/billing/card.html", context)


@require_POST
@member_required(*MANAGERS)
def keep_card(request: MemberRequest) -> HttpResponse:
    setup_id = request.POST.get("setup", "")[:64].replace("\x00", "")
    try:
        method = cards.keep_card(request.member, setup_id, now=clock.now())
    except NotResponding as refusal:
        return payments_not_responding(request, refusal, again=reverse("console:billing:card"))
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Statements are charged to %s from now on.") % method)
    return redirect(BACK)


@member_required(*MANAGERS)
@reauthentication_required
def forget_card(request: MemberRequest) -> HttpResponse:
    """Remove the card after a confirmation."""
    method = method_of(request)
    if method is None:
        return without_card(request)
    if request.method != "POST":
        consequence = _(
            "%s is not charged any more. Until another card is set up, or we agree to bill you, no campaign of yours "
            "is approved."
        )
        return confirm_first(
            request, _("Remove the card?"), consequence % method, verb=_("Remove the card"), back=reverse(BACK)
        )
    try:
        cards.forget_card(request.member)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The card is removed."))
    return redirect(BACK)


@member_required(*OWNERS)
@reauthentication_required
def hand_over(request: MemberRequest) -> HttpResponse:
    method = method_of(request)
    if method is None:
        return without_card(request)
    form = HandOverForm(request.POST or None, member=request.member)
    if request.method == "POST" and form.is_valid():
        try:
            cards.hand_over(request.member, to=form.cleaned_data["to"])
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("%s owns the billing now.") % form.cleaned_data["to"].user.get_full_name())
            return redirect(BACK)
    return render(request, "console/billing/hand_over.html", {"form": form, "method": method})


def without_card(request: MemberRequest) -> HttpResponse:
    messages.info(request, _("There is no card yet; whoever sets the first owns the billing."))
    return redirect(BACK)


def method_of(request: MemberRequest) -> PaymentMethod | None:
    found = PaymentMethod.objects.filter(organization=request.member.organization).exclude(method_id="")
    return found.select_related("owner").first()
