"""Middleware: answers with a message where the database refuses to write about an erased user."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import logout
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.models import User

REFUSED = "person_is_erased"  # as the database calls it


class ErasedUserMiddleware:
    """The sign-in library keeps working for a user who was erased in another tab. This signs them out with a message.

    A request that would have written about another erased user only shows the message.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not is_of_erased(error):
            return None
        user = request.user
        here = user.is_authenticated and User.objects.filter(pk=user.pk, erased_at=None).exists()
        if not here:
            logout(request)
        messages.error(request, _("This account was erased."))
        return redirect(request.path if here else "account_login")


def is_of_erased(error: Exception) -> bool:
    diagnosis = getattr(error.__cause__, "diag", None)
    return isinstance(error, IntegrityError) and getattr(diagnosis, "constraint_name", "") == REFUSED
