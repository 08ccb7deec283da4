"""Console pages for issued rewards: list, details, voiding and CSV export."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.organizations.access import EDITORS, MemberRequest, member_required
from accounts.organizations.audit import AuditEvent, record
from api.models import ApiCall
from campaigns.models import BudgetEntry
from console.campaigns.views import campaign_of
from console.rewards.forms import FilterForm
from moments import clock
from moments.money import as_text, display
from moments.web.confirmation import confirm_first
from moments.web.csv_out import csv_response
from moments.web.pagination import place_of, without_place
from rewards.issuing.listing import CLOSED, STATES, every_reward, page_of_rewards, reward_or_none, state_of
from rewards.issuing.voiding import void_reward
from rewards.models import BatchRow


@require_safe
@member_required()
def rewards(request: MemberRequest, pk: UUID | None = None) -> HttpResponse:
    """List the rewards of one or all campaigns. Nothing shown changes with a redemption."""
    campaign, now = campaign_of(request, pk) if pk else None, clock.now()
    form = FilterForm(request.GET, member=request.member, campaign=campaign)
    wanted = form.wanted()
    page = page_of_rewards(request.member, wanted, **place_of(request), now=now)
    context = {
        "campaign": campaign,
        "form": form,
        "page": page,
        "rows": [(reward, *labeled(reward, now)) for reward in page.rows],
        "filters": without_place(request).urlencode(),
        "is_narrowed": any(request.GET.get(name) for name in form.fields),
    }
    return render(request, "console/rewards/list.html", context)


def labeled(reward: Any, now: dt.datetime) -> tuple[str, str]:
    state = state_of(reward, now=now)
    return state, str(STATES[state])


EXPORTED = ["reward_id", "state", "user_id", "campaign", "moment", "source", "device_type", "locale"]
EXPORTED += ["charge", "currency", "issued_at", "voided_at"]


@require_safe
@member_required()
def export(request: MemberRequest, pk: UUID | None = None) -> HttpResponseBase:
    """Export the filtered list as CSV, without links and without anything that changes with a redemption."""
    campaign, now = campaign_of(request, pk) if pk else None, clock.now()
    form = FilterForm(request.GET, member=request.member, campaign=campaign)
    if not form.is_valid():
        back = reverse("console:rewards:campaign", args=[pk]) if pk else reverse("console:rewards:list")
        return redirect(f"{back}?{without_place(request).urlencode()}")
    about = f"{_('rewards')}: {campaign.name if campaign else _('all campaigns')}"
    record(request.member.organization, AuditEvent.EXPORTED, about, by=request.user, now=now)
    return csv_response(
        exported(every_reward(request.member, form.wanted(), now=now), now), name=f"rewards-{now:%Y%m%d-%H%M}"
    )


def exported(rewards: Iterable[Any], now: dt.datetime) -> Iterator[Sequence[Any]]:
    yield EXPORTED
    for reward in rewards:
        yield [
            *(reward.pk, state_of(reward, now=now), reward.app_user_id, reward.campaign.name, reward.moment.key),
            *(reward.source, reward.device_type, reward.locale, as_text(reward.charge_cents), "USD"),
            *(reward.issued_at.isoformat(), reward.voided_at.isoformat() if reward.voided_at else ""),
        ]


def reward_or_404(request: MemberRequest, pk: UUID) -> Any:
    """Return the reward. Raises ``Http404`` for one of another organization, as for one that does not exist."""
    found = reward_or_none(request.member, pk)
    if found is None:
        raise Http404
    return found


@require_safe
@member_required()
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    reward, now = reward_or_404(request, pk), clock.now()
    state, label = labeled(reward, now)
    context = {
        "reward": reward,
        "state": state,
        "label": label,
        "can_void": request.member.may_edit and not reward.voided_at and state != CLOSED,
        "entry": BudgetEntry.objects.filter(kind=BudgetEntry.Kind.REWARD, reference=f"reward:{reward.pk}").first(),
        "has_call": ApiCall.objects.filter(reward_id=reward.pk).exists(),
        "row": reward.batch_rows.select_related("batch").filter(status=BatchRow.Status.ISSUED).first(),
    }
    return render(request, "console/rewards/detail.html", context)


@member_required(*EDITORS)
def void(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Void a reward after a confirmation."""
    reward = reward_or_404(request, pk)
    if request.method != "POST":
        return ask_to_void(request, reward)
    void_reward(reward, by=request.user, now=clock.now())
    messages.success(request, _("The reward is voided. Its charge stays."))
    return redirect("console:rewards:detail", pk)


def ask_to_void(request: MemberRequest, reward: Any) -> HttpResponse:
    user = _("user %s") % reward.app_user_id if reward.app_user_id else ""
    return confirm_first(
        request,
        _("Void this reward?"),
        _("If it has not been redeemed, it no longer can be: its link stops working."),
        _("If it has been redeemed, nothing changes for whoever has it. You are not told which of the two it is."),
        _("Nothing is refunded: the charge of %s stays.") % display(reward.charge_cents, "USD"),
        _("It cannot be undone."),
        verb=_("Void the reward"),
        back=reverse("console:rewards:detail", args=[reward.pk]),
        about=" · ".join(filter(None, [str(reward.pk), user])),
    )
