"""Lists page by page."""

import uuid

import pytest
from django.test import RequestFactory

from accounts.models import App
from moments.web.pagination import Page, page_of, place_of, without_place


@pytest.fixture
def rows():
    return [App(pk=uuid.UUID(int=number), name=str(number)) for number in range(4)]


def test_the_first_page_of_several_leads_on(rows):
    page = page_of(rows, size=3, is_first=True, backwards=False)

    assert (page.rows, page.after, page.before) == (rows[:3], rows[2].pk, None)


def test_a_page_in_the_middle_leads_both_ways(rows):
    page = page_of(rows, size=3, is_first=False, backwards=False)

    assert (page.after, page.before) == (rows[2].pk, rows[0].pk)


def test_the_last_page_leads_back_alone(rows):
    page = page_of(rows[:2], size=3, is_first=False, backwards=False)

    assert (page.rows, page.after, page.before) == (rows[:2], None, rows[0].pk)


def test_the_only_page_leads_nowhere(rows):
    assert page_of(rows[:2], size=3, is_first=True, backwards=False) == Page(rows[:2])


def test_towards_the_beginning_rows_are_turned_around(rows):
    more = page_of(list(rows), size=3, is_first=False, backwards=True)
    assert (more.rows, more.after, more.before) == (rows[2::-1], rows[0].pk, rows[2].pk)

    first = page_of(list(rows[:2]), size=3, is_first=False, backwards=True)
    assert (first.rows, first.after, first.before) == (rows[1::-1], rows[0].pk, None)


def test_where_nothing_is_found_there_is_no_page():
    assert page_of([], size=3, is_first=False, backwards=True) == Page()


def test_a_place_is_an_id_and_anything_else_is_none():
    pk = uuid.UUID(int=7)
    request = RequestFactory().get("/", {"after": str(pk), "before": "'; DROP TABLE", "q": "x"})

    assert place_of(request) == {"after": pk, "before": None}
    assert without_place(request).urlencode() == "q=x"
