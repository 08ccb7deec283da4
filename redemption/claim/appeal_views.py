"""Page on which a customer appeals against a refused claim.

It is offered after every refusal, whatever the reason, so that it reveals nothing.
"""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.organizations.access import SignedInRequest
from moments import clock
from moments.errors import RuleViolation
from moments.web.forms import add_refusal
from moments.web.private_pages import private
from redemption.claim import appeals
from redemption.models import Appeal
from redemption.session import reward_session
from rewards.claims.service import NotAvailable
from rewards.models import Reward

REFUSED = "refused_claims"  # session key: handle → limits that were exceeded
KEPT = 20


class AppealForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("What should we know?"),
        max_length=2000,
        widget=forms.Textarea({"rows": 5}),
        help_text=gettext_lazy("For example: how you got this reward, and who else at home uses this device."),
    )


def note_refusal(request: HttpRequest, handle: str, refusal: RuleViolation) -> None:
    if isinstance(refusal, NotAvailable):
        found = [excess.as_json() for excess in refusal.excess]
        before = {key: value for key, value in request.session.get(REFUSED, {}).items() if key != handle}
        request.session[REFUSED] = dict([*list(before.items())[-(KEPT - 1) :], (handle, found)])


def may_appeal(request: HttpRequest, handle: str, reward: Reward | None = None) -> bool:
    """Return whether the claim was refused in this session, or the user claimed ``reward`` and it was voided."""
    if not request.user.is_authenticated:
        return False
    is_voided = reward is not None and reward.customer_id == request.user.pk and reward.voided_at is not None
    return is_voided or handle in request.session.get(REFUSED, {})


@private
@login_required
def appeal(request: SignedInRequest, handle: str) -> HttpResponse:
    """Submit an appeal or show the status of the latest one."""
    held = reward_session.open_reward_or_404(request, handle)
    if held.reward is None:
        raise Http404
    latest = appeals.latest_appeal(held.reward, request.user)
    if latest is None and not may_appeal(request, handle, held.reward):
        return redirect("redemption:reward", handle)
    form = None
    if may_appeal(request, handle, held.reward) and (latest is None or latest.status != Appeal.Status.OPEN):
        form = AppealForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and ask(request, held.handle, held.reward, form):
            messages.success(request, _("We have your question. We answer by email and on this page."))
            return redirect("redemption:appeal", handle)
    context = {"held": held, "campaign": held.campaign, "latest": latest, "form": form}
    return render(request, "redemption/claim/appeal.html", context)


def ask(request: SignedInRequest, handle: str, reward: Reward, form: AppealForm) -> bool:
    try:
        appeals.open_appeal(
            reward,
            customer=request.user,
            text=form.cleaned_data["text"],
            found=request.session.get(REFUSED, {}).get(handle, []),
            language=translation.get_language() or "en",
            now=clock.now(),
        )
    except RuleViolation as refusal:
        add_refusal(form, refusal)
        return False
    return True
