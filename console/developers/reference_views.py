"""Console pages with the API reference."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.organizations.access import MemberRequest, member_required
from api.limits import BURST, default_rate
from console.developers.api_reference import groups, refusals
from moments.registry import absolute_url


@require_safe
@member_required()
def reference(request: MemberRequest) -> HttpResponse:
    rate = default_rate()
    context = {
        "groups": groups(),
        "refusals": refusals(),
        "base": absolute_url(""),
        "rate": rate,
        "burst": rate * BURST,
    }
    return render(request, "console/developers/reference.html", context)


@require_safe
@member_required()
def reference_group(request: MemberRequest, group: str) -> HttpResponse:
    """The operations of one group, such as those of points."""
    found = groups()
    if group not in found:
        raise Http404
    context = {"group": group, "groups": found, "operations": found[group]}
    return render(request, "console/developers/reference_group.html", context)
