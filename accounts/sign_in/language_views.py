"""The page where customers choose a language. It works without JavaScript, and a GET never changes the language."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.sign_in.adapter import is_local_path
from moments.i18n.languages import CHOSEN, codes


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def language(request: HttpRequest) -> HttpResponse:
    """For this browser, and for whoever is signed in in every other one too; then back to ``next``."""
    wanted = request.POST if request.method == "POST" else request.GET
    then = wanted["next"] if is_local_path(wanted.get("next")) else "/"
    if request.method == "POST":
        if request.POST.get("language") in codes():
            choose_language(request, request.POST["language"])
            return redirect(then)
        messages.error(request, _("Choose one of these languages."))
    return render(request, "account/language.html", {"languages": settings.LANGUAGES, "then": then})


def choose_language(request: HttpRequest, code: str) -> None:
    request.session[CHOSEN] = code
    if request.user.is_authenticated:
        request.user.language = code
        request.user.save(update_fields=["language"])
