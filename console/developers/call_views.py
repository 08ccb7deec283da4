"""Console pages for the log of API calls."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import App
from accounts.organizations.access import MemberRequest, member_required
from api.call_log.listing import calls_of, indented
from api.models import ApiCall
from console.developers.call_forms import CallFilterForm
from moments.web.pagination import number_place_of, without_place

PAGE = 50


@require_safe
@member_required()
def api_calls(request: MemberRequest) -> HttpResponse:
    """The organization's API calls of the last 30 days, the newest first."""
    form = CallFilterForm(request.GET, member=request.member)
    found = calls_of(request.member.organization_id, form.wanted())
    before = number_place_of(request)["before"]
    rows = list((found.filter(pk__lt=before) if before else found)[: PAGE + 1])
    context = {
        "form": form,
        "calls": rows[:PAGE],
        "is_first": before is None,
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "filters": without_place(request).urlencode(),
        "is_narrowed": any(request.GET.get(name) for name in form.fields),
        "apps_without_log": App.objects.filter(organization=request.member.organization, logs_calls=False),
    }
    return render(request, "console/developers/api_calls.html", context)


@require_safe
@member_required()
def api_call(request: MemberRequest, pk: int) -> HttpResponse:
    calls = ApiCall.objects.filter(organization_id=request.member.organization_id).select_related("app")
    call = get_object_or_404(calls, pk=pk)
    context = {
        "call": call,
        "request_body": indented(call.request_body),
        "response_body": indented(call.response_body),
    }
    return render(request, "console/developers/api_call.html", context)
