"""No more reminders of a reward, by the link in one of them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from moments import clock
from redemption.session.page_helpers import private
from rewards.issuing.reminders import reward_to_stop, stop_reminders


@private
@csrf_exempt  # a mail provider sends it for its reader (RFC 8058); the link is signed and ends nothing else
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, signed: str) -> HttpResponse:
    """Signed in or not. A program that only looks at links ends nothing."""
    reward_id = reward_to_stop(signed)
    if reward_id is None:
        raise Http404
    if request.method == "POST":
        stop_reminders(reward_id, now=clock.now())
    return render(request, "redemption/account/stop_reminders.html", {"done": request.method == "POST"})
