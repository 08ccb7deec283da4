"""The language of a page: the customer's on pages for customers, English elsewhere."""

import re
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from moments.requests import MomentsRequest

# Session keys: the chosen language, and those of the opened reward's app and store.
CHOSEN, OF_REWARD, OF_STORE = "language", "language_of_reward", "language_of_store"

# Pages for developers, operators and programs.
ENGLISH_PATHS = ("/console/", "/admin/", "/join/", "/operations/", "/mailbox/", "/styleguide/", "/media/", "/static/")
ENGLISH_PAGES = {"/", "/readyz", "/statusz"}


def language_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[MomentsRequest], HttpResponse]:
    """Middleware that activates the language for the current request only."""

    def middleware(request: MomentsRequest) -> HttpResponse:
        request.speaks = is_spoken(request.path_info)
        with translation.override(language_of(request) if request.speaks else "en"):
            response = get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "en")
        if request.speaks:
            patch_vary_headers(response, ["Accept-Language"])
        return response

    return middleware


def is_spoken(path: str) -> bool:
    """Return whether a page is for customers and therefore localized."""
    return path not in ENGLISH_PAGES and not path.startswith(ENGLISH_PATHS)


def language_of(request: HttpRequest) -> str:
    """Return the first supported preference. If the database is down, return the browser's language."""
    try:
        return next(found for found in wishes(request) if found in codes())
    except (OperationalError, InterfaceError):
        return language_of_browser(request) or settings.LANGUAGE_CODE


def wishes(request: HttpRequest) -> Iterator[str]:
    session = request.session
    yield session.get(CHOSEN, "")
    yield getattr(request.user, "language", "")
    yield session.get(OF_REWARD, "")
    yield language_of_browser(request)
    yield session.get(OF_STORE, "")
    yield settings.LANGUAGE_CODE


def language_of_browser(request: HttpRequest) -> str:
    wanted = (code for code, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")))
    return next((found for code in wanted if (found := nearest_language(code))), "")


LOCALE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
MOST_OF_LOCALE = 20  # maximum length


def locale_hint(sent: object) -> str:
    """Return a valid locale from an app's value, or an empty string. It is a hint, so it is never refused.

    Suffixes as in ``ja_JP@calendar=japanese`` and ``en_US.UTF-8`` are removed; long values lose their last parts.
    """
    text = re.split("[@.]", sent, maxsplit=1)[0].strip() if isinstance(sent, str) else ""
    if len(text) > MOST_OF_LOCALE:
        text = re.split("[-_](?!.*[-_])", text[: MOST_OF_LOCALE + 1])[0]
    return text if LOCALE.fullmatch(text) else ""


def nearest_language(text: str) -> str:
    """Return the supported language nearest to a code such as ``de-AT`` or ``pt_BR``; empty if there is none."""
    try:
        return translation.get_supported_language_variant(text.replace("_", "-").lower())
    except (LookupError, ValueError):
        return ""


def codes() -> set[str]:
    return {code for code, _name in settings.LANGUAGES}


def expect_languages(request: HttpRequest, *, of_reward: str, of_store: str) -> None:
    """Store the languages of the opened reward's user and store, for customers without a preference."""
    expected = {OF_REWARD: nearest_language(of_reward), OF_STORE: nearest_language(of_store)}
    if {name: request.session.get(name) for name in expected} != expected:
        request.session.update(expected)
