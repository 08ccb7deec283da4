"""Pages on the way in are neither kept nor indexed, and lead on to where somebody was going."""

from django.http import HttpResponse
from django.test import RequestFactory

from accounts.sign_in.entry_pages import no_cache_no_index, with_next


def answer_of(**headers):
    return no_cache_no_index(lambda request: HttpResponse(headers=headers))(RequestFactory().get("/accounts/login/"))


def test_a_page_on_the_way_in_is_neither_kept_nor_indexed():
    answer = answer_of()

    assert "no-store" in answer["Cache-Control"] and answer["X-Robots-Tag"] == "noindex, nofollow"


def test_a_page_may_say_something_else_to_robots():
    assert answer_of(**{"X-Robots-Tag": "none"})["X-Robots-Tag"] == "none"


def test_a_path_is_led_on_to_as_one_value():
    assert with_next("account_login", "") == "/accounts/login/"
    assert with_next("account_login", "/r/?a=1&b=2") == "/accounts/login/?next=%2Fr%2F%3Fa%3D1%26b%3D2"
