"""Console pages for support requests and replies."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.organizations import service as organizations
from accounts.organizations.access import (
    MemberRequest,
    member_required,
)
from accounts.support.requests import open_support_request, reply_by_mail
from console.support.forms import ReplyForm, SupportForm
from moments import clock
from moments.errors import RuleViolation


@require_safe
@member_required()
def support(request: MemberRequest) -> HttpResponse:
    return render(
        request, "console/support/list.html", {"requests": request.member.organization.support_requests.all()}
    )


@member_required()
def new_request(request: MemberRequest) -> HttpResponse:
    form = SupportForm(request.POST or None, initial={"kind": request.GET.get("about", "other")})
    if request.method == "POST" and form.is_valid():
        made = open_support_request(request, **form.cleaned_data)
        messages.success(request, _("Sent. We answer by email and on this page."))
        return redirect("console:support:detail", made.pk)
    return render(request, "console/support/new.html", {"form": form})


@member_required()
def support_request(request: MemberRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(request.member.organization.support_requests, pk=pk)
    form = ReplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reply_by_mail(found, author=request.user, **form.cleaned_data, from_operator=False, now=clock.now())
        messages.success(request, _("Sent."))
        return redirect("console:support:detail", pk)
    thread = found.messages.select_related("author")
    return render(request, "console/support/detail.html", {"found": found, "thread": thread, "form": form})


@require_POST
@member_required()
def close_request(request: MemberRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(request.member.organization.support_requests, pk=pk)
    try:
        organizations.close_request(found)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    return redirect("console:support:detail", pk)
