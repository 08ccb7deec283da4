"""The users of a program: searched by the beginning of their ids, page by page, as CSV."""

import csv
import io

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import AuditEntry
from console.points.user_list import UserFilter, page_of_users
from rewards.models import PointAccount
from rewards.points.adjustments import adjust_points
from rewards.points.events import EventRequest, record_event
from tests import make
from tests.harness.million_points import add_users, analyze


@pytest.fixture
def have(program, now):
    """Gives users their points."""

    def act(**points: int) -> None:
        for user, number in points.items():
            adjust_points(program, app_user_id=user, points=number, reason="x", idempotency_key=user, now=now)

    return act


def ids(page) -> list[str]:
    return [row.account.app_user_id for row in page.context["rows"]]


def walk(console, path: str, query: dict) -> list[list[str]]:
    """The ids of all pages, forward to the last and backward again."""
    page = console.get(path, query)
    pages = [ids(page)]
    while page.context["page"].after:
        page = console.get(path, query | {"after": page.context["page"].after})
        pages.append(ids(page))
    while page.context["page"].before:
        page = console.get(path, query | {"before": page.context["page"].before})
        pages.append(ids(page))
    return pages


def test_users_are_found_by_the_beginning_of_their_id(console, program, at, have):
    have(**{"ada": 5, "adam": 50, "Ada": 1, "a_a": 1, "bob": 9})
    PointAccount.objects.create(program=program, app_user_id="adatest", test_ledger=1, available=3)

    assert ids(console.get(at("users"), {"user": "ad"})) == ["ada", "adam"]
    assert ids(console.get(at("users"), {"user": " a\x00d"})) == ["ada", "adam"]
    assert ids(console.get(at("users"))) == ["adam", "bob", "ada", "a_a", "Ada"]
    assert ids(console.get(at("users"), {"sort": "id"})) == ["Ada", "a_a", "ada", "adam", "bob"]
    ada = PointAccount.objects.get(app_user_id="Ada")
    assert console.get(at("users"), {"user": "A"})["Location"] == at("user", ada.pk)
    for nobody in ("adb", "%", "a%", "_", "\\", "😀", "x" * 200):
        assert "No matching users" in console.get(at("users"), {"user": nobody}).text, nobody


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ({}, ["e", "d", "c", "b", "a"]),
        ({"sort": "id"}, ["a", "b", "c", "d", "e"]),
        ({"user": "u"}, ["ua", "ub", "uc", "ud", "ue"]),
    ],
)
def test_pages_lead_forward_and_back(console, at, have, monkeypatch, query, order):
    monkeypatch.setattr("console.points.user_list_views.PAGE", 2)
    have(**{f"{query.get('user', '')}{letter}": 100 for letter in "abcde"})

    first, second, third = order[:2], order[2:4], order[4:]
    assert walk(console, at("users"), query) == [first, second, third, second, first]
    for nonsense in ("x", "-1", "9" * 40, "٣", "0"):
        assert ids(console.get(at("users"), query | {"after": nonsense})) == first


def test_a_place_that_is_not_in_the_list_is_no_place(console, program, at, have):
    have(ada=1)
    tested = PointAccount.objects.create(program=program, app_user_id="z", test_ledger=7, available=9)

    for place in ("after", "before"):
        assert ids(console.get(at("users"), {place: tested.pk})) == ["ada"]


def test_the_list_says_when_a_user_last_earned_points(console, app, rule, at, have, now):
    have(bob=500)
    record_event(app, EventRequest("e1", "ada", "buy"), now=now)

    bob, ada = console.get(at("users")).context["rows"]

    assert (bob.earned_at, ada.earned_at) == (None, now)


def test_the_download_has_the_rows_of_the_search(console, at, have, monkeypatch):
    monkeypatch.setattr("console.points.user_list.CHUNK", 2)
    have(**{"ada": 5, "adam": 50, "=1+1": 7, "adz": 9})

    every, some = (console.get(at("export_users"), query).getvalue() for query in ({}, {"user": "ad"}))

    head, *rows = csv.reader(io.StringIO(every.decode("utf-8-sig")))
    assert head == ["user_id", "available", "pending", "owed", "status", "last_earned_at"]
    assert [row[:2] for row in rows] == [["adam", "50"], ["adz", "9"], ["'=1+1", "7"], ["ada", "5"]]
    assert [row[0] for row in csv.reader(io.StringIO(some.decode()))][1:] == ["ada", "adam", "adz"]
    logged = AuditEntry.objects.filter(event=AuditEntry.Event.EXPORTED).order_by("pk").values_list("about", flat=True)
    assert list(logged) == ["Stars", "Stars: ad…"]


def test_every_page_begins_in_an_index(program, app, now):
    """However many users there are, and although all of them have as many points."""
    add_users(program, app, 3000, now=now)
    analyze()
    middle = PointAccount.objects.get(app_user_id="user-1500")
    for wanted in (UserFilter(), UserFilter(sort="id"), UserFilter(prefix="user-1")):
        with connection.execute_wrapper(explained := Explained()):
            assert len(page_of_users(program, wanted, after=middle.pk).rows) == 50
        assert explained.most_rows <= 52, (wanted, explained.most_rows)


class Explained:
    """Runs each statement with EXPLAIN first, and keeps the largest number of rows that a step of a plan read."""

    most_rows = 0.0

    def __call__(self, execute, sql, params, many, context):
        with context["connection"].connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
            self._look(cursor.fetchone()[0][0]["Plan"])
        return execute(sql, params, many, context)

    def _look(self, plan: dict) -> None:
        self.most_rows = max(self.most_rows, plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0))
        for below in plan.get("Plans", []):
            self._look(below)


@pytest.mark.parametrize("name", ["users", "export_users"])
def test_a_strangers_users_are_not_found(ada, name, client):
    client.force_login(make.campaign().organization.members.get().user)

    assert client.get(reverse(f"console:points:{name}", args=[ada.program_id])).status_code == 404
