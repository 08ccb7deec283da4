"""Page that stops the reminders of a reward, linked from the reminder emails."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from moments import clock
from moments.web.private_pages import private
from rewards.issuing.reminders import reward_to_stop, stop_reminders


@private
@csrf_exempt  # mail providers POST on the reader's behalf (RFC 8058); the signed link stops reminders only
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, signed: str) -> HttpResponse:
    """Stop reminders on POST; show the page on GET, so that link scanners stop nothing. Requires no sign-in."""
    reward_id = reward_to_stop(signed)
    if reward_id is None:
        raise Http404
    if request.method == "POST":
        stop_reminders(reward_id, now=clock.now())
    return render(request, "redemption/account/stop_reminders.html", {"done": request.method == "POST"})
