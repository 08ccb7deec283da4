"""Console pages to send a single reward by email and to preview that email."""

import datetime as dt
import uuid
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.organizations.access import EDITORS, MemberRequest, member_required
from campaigns.budget import spending
from campaigns.models import Campaign
from campaigns.setup.moment_costs import pairs_of
from console.campaigns.views import campaign_of
from console.rewards.forms import SendForm
from moments import clock
from moments.errors import RuleViolation
from moments.registry import reward_url
from moments.web.forms import add_refusal
from outbox.emails.frames import framed_email
from outbox.emails.rendering import render_mail
from outbox.models import Mail
from rewards.issuing.listing import Device, Source
from rewards.issuing.preflight import issue_blocker
from rewards.issuing.refusals import refusal
from rewards.issuing.service import IssueRequest, IssueResult, send_reward
from rewards.issuing.tokens import preview_token
from rewards.points.lookups import fingerprint_of


@member_required(*EDITORS)
def send(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Issue one reward and email its URL."""
    campaign, now = campaign_of(request, pk), clock.now()
    form = SendForm(request.POST or None, campaign=campaign, initial={"once": uuid.uuid4()})
    if request.method == "POST" and form.is_valid():
        try:
            to_email = form.cleaned_data["email"]
            issued = send_reward(
                ask_of(campaign, form.cleaned_data), campaign=campaign, to_email=to_email, by=request.user, now=now
            )
        except RuleViolation as refused:
            add_refusal(form, refused)
        else:
            return answer_send(request, campaign, issued, to_email)
    return render(request, "console/rewards/send.html", {"form": form, **costs_of(campaign, now)})


def ask_of(campaign: Campaign, fields: dict) -> IssueRequest:
    return IssueRequest(
        app_id=campaign.app_id,
        campaign_id=campaign.pk,
        moment=fields["moment"].key,
        group=fields["group"].key,
        device_type=Device.WEB,
        source=Source.CONSOLE,
        app_user_id=fields["app_user_id"] or None,
        idempotency_key=f"console:{fields['once']}",
        fingerprint=fingerprint_of(fields["moment"].pk, fields["group"].pk, fields["email"]),
    )


def costs_of(campaign: Campaign, now: dt.datetime) -> dict:
    """Return the context with the cost per reward, the remaining budget and any obstacle to issuing."""
    pairs = pairs_of(campaign)
    left = spending.remaining_cents(campaign, now=now)
    is_test = campaign.status == Campaign.Status.APPROVED
    code = "" if is_test else issue_blocker(campaign, now=now)
    return {
        "campaign": campaign,
        "costs": [(moment, group, cents, left // cents if cents else 0) for moment, group, cents in pairs],
        "left": left,
        "is_test": is_test,
        "obstacle": refusal(code).message if code else "",
        "page_url": reward_url(preview_token(campaign)),
        "shows_mail": bool(pairs),
    }


def answer_send(request: MemberRequest, campaign: Campaign, issued: IssueResult, email: str) -> HttpResponse:
    if issued.is_preview:
        return render(request, "console/rewards/preview.html", {"campaign": campaign, "url": issued.url})
    if issued.is_replay:
        messages.info(request, _("This was sent already; nothing more was charged or mailed."))
    else:
        messages.success(request, _("A reward is on its way to %s.") % email)
    return redirect("console:rewards:detail", issued.reward_id)


@require_safe
@never_cache
@member_required()
def mail_preview(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Return the campaign's reward email with a preview link, for a frame with its own policy."""
    campaign = campaign_of(request, pk)
    moment = get_object_or_404(campaign.moments.order_by("position")[:1])
    group = get_object_or_404(campaign.groups.order_by("pk")[:1])
    context = {"preview_of": {"moment": moment.pk, "group": group.pk}}
    mail = Mail(kind="reward_issued", to_email=request.user.email, context=context)
    return framed_email(render_mail(mail).html)
