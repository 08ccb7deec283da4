"""Console page: the editor's step of moments, and how users are split between them."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import EDITORS, member_required
from campaigns import services, split
from campaigns.editor import page
from campaigns.forms import MomentForm
from campaigns.models import Campaign
from campaigns.snippets import LANGUAGES, split_snippet
from campaigns.views import editable_of
from moments.asking import ask_first
from moments.errors import RuleViolation
from moments.forms import WholeNumberField, add_refusal


class ShareForm(forms.Form):
    """Percent of the users for each moment."""

    def __init__(self, *args, moments, **kwargs):
        super().__init__(*args, **kwargs)
        even, rest = divmod(100, len(moments))
        for number, moment in enumerate(moments):
            share = moment.share_percent if split.is_split(moments) else even + (number < rest)
            self.fields[f"share_{moment.pk}"] = WholeNumberField(
                label=_("%s, percent") % moment.key, min_value=0, max_value=100, initial=share
            )

    def shares(self) -> dict[int, int]:
        return {int(name.removeprefix("share_")): percent for name, percent in self.cleaned_data.items()}


@member_required(*EDITORS)
def moments(request, pk, moment_pk=None):
    """Lists the moments; with ``moment_pk`` that one's form is open, else the form adds one."""
    campaign = editable_of(request, pk)
    moment = get_object_or_404(campaign.moments, pk=moment_pk) if moment_pk else None
    initial = {name: getattr(moment, name) for name in MomentForm.base_fields} if moment else {}
    form = MomentForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_moment(campaign, moment=moment, **form.cleaned_data)
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("campaigns:moments", pk)
    return show(request, campaign, form=form, moment=moment)


def show(request, campaign: Campaign, *, form, moment=None, shares: ShareForm | None = None):
    rows = list(campaign.moments.all())
    language = request.GET.get("language", "")
    language = language if language in LANGUAGES else "python"
    context = {
        "form": form,
        "moment": moment,
        "moments": rows,
        "shares": shares or ShareForm(moments=rows),
        "is_split": split.is_split(rows),
        "language": language,
        "languages": LANGUAGES.items(),
        "split_snippet": split_snippet(language, campaign, rows),
    }
    return page(request, campaign, "moments", **context)


@require_POST
@member_required(*EDITORS)
def save_split(request, pk):
    """Sets the shares, or with *No split* clears them."""
    campaign = editable_of(request, pk)
    form = ShareForm(request.POST, moments=list(campaign.moments.all()))
    if "clear" in request.POST:
        split.clear_shares(campaign)
        return redirect("campaigns:moments", pk)
    if form.is_valid():
        try:
            split.set_shares(campaign, form.shares())
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The split is saved. Your server carries it out; the code stands below."))
            return redirect("campaigns:moments", pk)
    return show(request, campaign, form=MomentForm(), shares=form)


@member_required(*EDITORS)
def remove_moment(request, pk, moment_pk):
    """Asked once; a moment that is removed takes its cost and its share with it."""
    campaign = editable_of(request, pk)
    moment = get_object_or_404(campaign.moments, pk=moment_pk)
    if request.method != "POST":
        consequence = _("Its cost per action and its share go with it. Calls with this momentId will be refused.")
        back = reverse("campaigns:moments", args=[pk])
        return ask_first(request, _("Remove “%s”?") % moment.key, consequence, verb=_("Remove the moment"), back=back)
    try:
        services.remove_moment(campaign, moment)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    return redirect("campaigns:moments", pk)
