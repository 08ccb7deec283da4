"""Mailbox page of the demo with all emails of the installation."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache

from moments.installation.demo_guard import is_demo
from moments.requests import View
from outbox.emails.frames import framed_email
from outbox.emails.rendering import render_mail
from outbox.models import Mail


def demo_only(view: View) -> View:
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_demo():
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(wrapped)


@demo_only
def mailbox(request: HttpRequest) -> HttpResponse:
    mails = Mail.objects.order_by("-id")
    if to := request.GET.get("to", "").replace("\x00", "").strip():
        mails = mails.filter(to_email__icontains=to)
    page = Paginator(mails, 20).get_page(request.GET.get("page"))
    rows = [(mail, subject_of(mail)) for mail in page]
    return render(request, "outbox/emails/mailbox.html", {"rows": rows, "page": page, "to": to})


def subject_of(mail: Mail) -> str:
    try:
        return render_mail(mail).subject
    except Exception as error:
        return f"{mail.kind}: {type(error).__name__}"


@demo_only
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Mail, pk=pk)
    return render(request, "outbox/emails/mail.html", {"mail": found, "rendered": render_mail(found)})


@demo_only
def mail_html(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the HTML part for the frame, with its own policy for inline styles."""
    return framed_email(render_mail(get_object_or_404(Mail, pk=pk)).html)
