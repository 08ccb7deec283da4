"""Console page with the API reference."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.organizations.access import MemberRequest, member_required
from api.limits import BURST, default_rate
from console.developers.api_reference import operations, refusals
from moments.registry import absolute_url


@require_safe
@member_required()
def reference(request: MemberRequest) -> HttpResponse:
    rate = default_rate()
    context = {
        "operations": operations(),
        "refusals": refusals(),
        "base": absolute_url(""),
        "rate": rate,
        "burst": rate * BURST,
    }
    return render(request, "console/developers/reference.html", context)
