"""Console page with the list of campaigns."""

from dataclasses import replace
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import App, Member
from accounts.organizations.access import MemberRequest, member_required
from campaigns.models import Campaign
from campaigns.setup.listing import ARCHIVED, SORTS, CampaignFilter, page_of_campaigns
from moments.web.forms import field_of
from moments.web.pagination import place_of, without_place

COLUMNS = [("name", _("Campaign")), ("spent", _("Spent")), ("starts", _("Starts")), ("ends", _("Ends"))]
COLUMNS += [("created", _("Created"))]
TABS = [("", _("All")), *Campaign.Status.choices, (ARCHIVED, _("archived"))]


class ListForm(forms.Form):
    hides_optional = True
    q = forms.CharField(label=_("Name or campaignId"), max_length=120, required=False)
    app = forms.ModelChoiceField(label=_("App"), queryset=App.objects.none(), required=False, empty_label=_("All"))
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All")), *Campaign.Kind.choices])
    status = forms.ChoiceField(required=False, choices=TABS, widget=forms.HiddenInput)
    sort = forms.CharField(max_length=10, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        apps = App.objects.filter(organization=member.organization).order_by("name")
        field_of(self, "app", forms.ModelChoiceField).queryset = apps

    def wanted(self) -> CampaignFilter:
        """Return the filter from the valid fields; errors of others are shown in the form."""
        self.is_valid()
        known = self.cleaned_data
        sort = known.get("sort", "")
        name = sort.removeprefix("-")
        wanted = CampaignFilter(
            search=known.get("q", ""),
            app=known.get("app"),
            status=known.get("status") or "",
            kind=known.get("kind") or "",
        )
        return replace(wanted, sort=name, descending=sort != name) if name in SORTS else wanted


@require_safe
@member_required()
def campaigns(request: MemberRequest) -> HttpResponse:
    form = ListForm(request.GET, member=request.member)
    wanted = form.wanted()
    context = {
        "form": form,
        "page": page_of_campaigns(request.member, wanted, **place_of(request)),
        "wanted": wanted,
        "tabs": [(value, label, link(request, status=value)) for value, label in TABS],
        "columns": [(*column, *order_of(request, wanted, column[0])) for column in COLUMNS],
        "filters": link(request),
        "any": Campaign.objects.visible_to(request.member).exists(),
    }
    return render(request, "console/campaigns/list.html", context)


def link(request: MemberRequest, **changes: Any) -> str:
    """Return the query string with ``changes`` and without the place in the list."""
    query = without_place(request)
    for name, value in changes.items():
        query[name] = value
        if not value:
            del query[name]
    return query.urlencode()


def order_of(request: MemberRequest, wanted: CampaignFilter, column: str) -> tuple[str, str]:
    """Return the ``aria-sort`` value of a column and the query string that sorts by it or reverses the order."""
    if wanted.sort != column:
        first = f"-{column}" if column in {"spent", "created"} else column
        return "none", link(request, sort=first)
    now = "descending" if wanted.descending else "ascending"
    return now, link(request, sort=column if wanted.descending else f"-{column}")
