"""Pages for users whose address is suppressed."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed, email_confirmed
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.organizations.access import SignedInRequest
from moments import clock
from outbox.emails.suppression import (
    end_suppression,
    mail_check,
    move_mails,
    note_confirmed,
    suppression_of,
    trouble_of_check,
)
from outbox.models import EmailSuppression


@require_POST
@login_required
def try_address(request: SignedInRequest) -> HttpResponse:
    if mail_check(request.user, language=get_language() or "en", now=clock.now()):
        messages.success(request, _("We sent a mail to %s. Open the link in it.") % request.user.email)
    else:
        messages.info(request, _("Mail to %s is on its way already, or reaches you again.") % request.user.email)
    return redirect("account_email")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, signed: str) -> HttpResponse:
    """Confirm that the address works, without sign-in. Only a POST does, so that link scanners change nothing."""
    trouble = trouble_of_check(signed)
    if trouble is None:
        raise Http404
    if request.method == "POST":
        end_suppression(trouble, EmailSuppression.Ended.CONFIRMED, now=clock.now())
    return render(request, "outbox/emails/check.html", {"done": request.method == "POST"})


@receiver(email_confirmed)
def address_was_confirmed(sender: object, email_address: EmailAddress, **_rest: Any) -> None:
    note_confirmed(email_address, now=clock.now())


@receiver(email_changed)
def login_was_changed(
    sender: object, from_email_address: EmailAddress, to_email_address: EmailAddress, **_rest: Any
) -> None:
    """Move held emails after the user changed the login on the email addresses page."""
    if from_email_address and (trouble := suppression_of(from_email_address.email)):
        move_mails(trouble, to_email_address, now=clock.now())
