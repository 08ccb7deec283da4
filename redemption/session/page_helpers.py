"""Helpers that several pages of customers share."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from redemption.models import SavedAddress


def back_to_choosing(request: HttpRequest, handle: str) -> HttpResponse:
    """Redirect to the reward with a message that the item is not available."""
    messages.error(request, _("This item is not available with this reward."))
    return redirect("redemption:reward", handle)


def saved_or_404(request: HttpRequest, pk: int | str) -> SavedAddress:
    """Return the customer's saved address ``pk``, an id from a URL or form. Raises ``Http404`` if there is none."""
    text = str(pk)
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return get_object_or_404(SavedAddress, pk=text, customer=request.user)
