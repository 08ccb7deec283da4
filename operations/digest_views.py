"""Pages to turn the daily digest on and off, in the admin or with the link in the email."""

from django.contrib import messages
from django.contrib.admin.views.decorators import staff_member_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.organizations.access import SignedInRequest
from moments import clock
from operations.digest import turn_digest_off, turn_digest_on, user_to_stop


@require_POST
@staff_member_required
def switch(request: SignedInRequest) -> HttpResponse:
    """Turn the digest on for ``wanted=1``, otherwise off."""
    if request.POST.get("wanted") == "1":
        turn_digest_on(request.user)
        messages.success(request, _("The daily digest goes to %(email)s.") % {"email": request.user.email})
    else:
        turn_digest_off(request.user.pk, now=clock.now())
        messages.success(request, _("You get no more daily digests."))
    return redirect("admin:index")


@never_cache
@csrf_exempt  # mail providers POST on the reader's behalf (RFC 8058); the signed link stops the digest only
def stop(request: HttpRequest, signed: str) -> HttpResponse:
    """Turn the digest off on POST, without sign-in; show the page on GET, so that link scanners change nothing."""
    user_id = user_to_stop(signed)
    if user_id is None:
        raise Http404
    if request.method == "POST":
        turn_digest_off(user_id, now=clock.now())
    return render(request, "operations/stop_digest.html", {"done": request.method == "POST"})
