"""Pages to subscribe to report emails, and to unsubscribe in the console or with the link in the email."""

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
    """Subscribe to the chosen interval; any other value unsubscribes."""
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
@csrf_exempt  # mail providers POST on the reader's behalf (RFC 8058); the signed link only unsubscribes
def stop(request: MemberRequest, signed: str) -> HttpResponse:
    """Unsubscribe on POST, without sign-in; show the page on GET, so that link scanners change nothing."""
    member_id = member_to_stop(signed)
    if member_id is None:
        raise Http404
    if request.method == "POST":
        unsubscribe(member_id)
    return render(request, "console/reports/unsubscribe.html", {"done": request.method == "POST"})
