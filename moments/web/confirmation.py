"""Confirmation page before destructive actions."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def confirm_first(
    request: HttpRequest, question: str, *consequences: str, verb: str, back: str, about: str = "", harms: bool = True
) -> HttpResponse:
    """Render the confirmation page, whose button posts to the current URL. *Cancel* links to ``back``."""
    context = {"question": question, "consequences": consequences, "verb": verb, "back": back}
    return render(request, "confirm.html", {**context, "about": about, "harms": harms})
