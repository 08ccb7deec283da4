"""Whoever is about to undo something is asked once, on a page that says what will happen."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def confirm_first(
    request: HttpRequest, question: str, *consequences: str, verb: str, back: str, about: str = "", harms: bool = True
) -> HttpResponse:
    """The page; its button posts to the address that it stands at. ``back`` is where *Cancel* leads."""
    context = {"question": question, "consequences": consequences, "verb": verb, "back": back}
    return render(request, "confirm.html", {**context, "about": about, "harms": harms})
