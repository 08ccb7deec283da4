"""Whoever is about to undo something is asked once."""

from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from moments.web.confirmation import confirm_first


def asked(**fields) -> str:
    request = RequestFactory().get("/console/keys/7/revoke/")
    request.user, request.session, request.member = AnonymousUser(), {}, None
    values = {"verb": "Revoke", "back": "/console/developers/apps/", **fields}
    return confirm_first(
        request, "Revoke this key?", "Calls with it are refused.", "It does not come back.", **values
    ).text


def test_the_page_says_what_will_happen_and_leads_back():
    page = asked(about="Server, Lantern")

    assert all(words in page for words in ("Revoke this key?", "Calls with it are refused.", "It does not come back."))
    assert 'href="/console/developers/apps/"' in page and "Server, Lantern" in page and 'method="post"' in page


def test_what_is_asked_about_is_text_and_no_markup():
    page = asked(about="<script>alert(1)</script>")

    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page
