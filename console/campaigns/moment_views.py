"""Console page for a campaign's moments and the split of users between them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.organizations.access import EDITORS, MemberRequest, member_required
from campaigns.models import Campaign, Moment
from campaigns.setup import ab_split
from campaigns.setup import service as setup
from console.campaigns.forms import MomentForm
from console.campaigns.views import editable_of
from console.campaigns.wizard_views import go_on, page, wanted_step
from console.developers.snippets import LANGUAGES, split_snippet
from moments.errors import RuleViolation
from moments.web.confirmation import confirm_first
from moments.web.forms import WholeNumberField, add_refusal


class ShareForm(forms.Form):
    """The percentage of users for each moment."""

    def __init__(self, *args: Any, moments: Sequence[Moment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        even, rest = divmod(100, len(moments))
        for number, moment in enumerate(moments):
            share = moment.share_percent if ab_split.is_split(moments) else even + (number < rest)
            self.fields[f"share_{moment.pk}"] = WholeNumberField(
                label=_("%s, percent") % moment.key, min_value=0, max_value=100, initial=share
            )

    def shares(self) -> dict[int, int]:
        return {int(name.removeprefix("share_")): percent for name, percent in self.cleaned_data.items()}


@member_required(*EDITORS)
def moments(request: MemberRequest, pk: UUID, moment_pk: int | None = None) -> HttpResponse:
    """Show the campaign's moments. With a single moment its form is open; with several, one is edited or added."""
    campaign = editable_of(request, pk)
    rows = list(campaign.moments.all())
    is_adding = moment_pk is None and (request.method == "POST" or "add" in request.GET)
    if moment_pk is None and not is_adding and len(rows) > 1:
        return show(request, campaign, rows)
    moment = None if is_adding else get_object_or_404(campaign.moments, pk=moment_pk or rows[0].pk)
    initial = {name: getattr(moment, name) for name in MomentForm.base_fields} if moment else {}
    form = MomentForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST":
        if is_adding and not form.has_changed() and wanted_step(request) != "moments":
            return go_on(request, campaign, "rewards")  # the form is empty
        if form.is_valid():
            try:
                setup.save_moment(campaign, moment=moment, **form.cleaned_data)
            except RuleViolation as refusal:
                add_refusal(form, refusal)
            else:
                return go_on(request, campaign, "rewards")
    return show(request, campaign, rows, form=form, moment=moment, is_adding=is_adding)


def show(
    request: MemberRequest,
    campaign: Campaign,
    rows: list[Moment],
    *,
    form: Form | None = None,
    moment: Moment | None = None,
    is_adding: bool = False,
    shares: Form | None = None,
) -> HttpResponse:
    language = request.GET.get("language", "")
    language = language if language in LANGUAGES else "python"
    context = {
        "form": form,
        "moment": moment,
        "is_adding": is_adding,
        "saves": form is not None,
        "moments": rows,
        "shares": shares or ShareForm(moments=rows),
        "is_split": ab_split.is_split(rows),
        "language": language,
        "languages": LANGUAGES.items(),
        "split_snippet": split_snippet(language, campaign, rows),
    }
    return page(request, campaign, "moments", **context)


@require_POST
@member_required(*EDITORS)
def save_split(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Set the shares, or clear them with *No split*."""
    campaign = editable_of(request, pk)
    form = ShareForm(request.POST, moments=list(campaign.moments.all()))
    if "clear" in request.POST:
        ab_split.clear_shares(campaign)
        return redirect("console:campaigns:moments", pk)
    if form.is_valid():
        try:
            ab_split.set_shares(campaign, form.shares())
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The split is saved. Copy the code below to your server."))
            return redirect("console:campaigns:moments", pk)
    return show(request, campaign, list(campaign.moments.all()), shares=form)


@member_required(*EDITORS)
def remove_moment(request: MemberRequest, pk: UUID, moment_pk: int) -> HttpResponse:
    """Remove a moment with its cost and share, after a confirmation."""
    campaign = editable_of(request, pk)
    moment = get_object_or_404(campaign.moments, pk=moment_pk)
    if request.method != "POST":
        consequence = _("Its cost per action and its share go with it. Calls with this momentId will be refused.")
        back = reverse("console:campaigns:moments", args=[pk])
        return confirm_first(
            request, _("Remove “%s”?") % moment.key, consequence, verb=_("Remove the moment"), back=back
        )
    try:
        setup.remove_moment(campaign, moment)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    return redirect("console:campaigns:moments", pk)
