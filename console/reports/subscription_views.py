"""Reports by mail: asking for them in the console, ending them there or by the link in the mail."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.organizations.access import MemberRequest, member_required
from console.models import ReportSubscription
from console.reports.subscriptions import member_to_stop, subscribe, unsubscribe
from moments import clock


@require_POST
@member_required()
def start(request: MemberRequest) -> HttpResponse:
    """What is no choice ends them."""
    every = request.POST.get("every", "")
    if every in ReportSubscription.Every.values:
        subscribe(request.member, every, now=clock.now())
        message = _("The report comes to %(email)s: %(every)s.")
        messages.success(
            request, message % {"email": request.user.email, "every": ReportSubscription.Every(every).label}
        )
    else:
        unsubscribe(request.member.pk)
        messages.success(request, _("No more reports by mail."))
    return redirect("console:reports:report")


@never_cache
@csrf_exempt  # a mail provider sends it for its reader (RFC 8058); the link is signed and ends nothing else
def stop(request: MemberRequest, signed: str) -> HttpResponse:
    """From the mail, signed in or not; a program that only looks at links ends nothing."""
    member_id = member_to_stop(signed)
    if member_id is None:
        raise Http404
    if request.method == "POST":
        unsubscribe(member_id)
    return render(request, "console/reports/unsubscribe.html", {"done": request.method == "POST"})
