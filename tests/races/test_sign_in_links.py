"""A link that signs in lets one of many in who open it at the same instant, and creates at most one account."""

import threading

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts.models import SignIn, SignInLink, User
from accounts.sign_in import sign_in_links
from moments import clock
from tests import make
from tests.races.crowd import rush

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
CROWD = 8
NEW = "new@example.com"


def link_for(email: str) -> str:
    _link, secret = sign_in_links.make_link(email, then="", now=clock.now())
    return reverse("accounts:open_link", args=[secret])


@pytest.fixture(params=["customer", "stranger"])
def link(request) -> str:
    return link_for(make.customer().email if request.param == "customer" else NEW)


def let_in(link: str, monkeypatch) -> int:
    """How many of those who all found the link good before the first used it are signed in."""
    use, found = sign_in_links.use_link, threading.Barrier(CROWD)

    def use_together(*given, **named) -> bool:
        found.wait(30)
        return use(*given, **named)

    monkeypatch.setattr(sign_in_links, "use_link", use_together)
    statuses = rush(CROWD, lambda _number: Client().post(link).status_code)
    assert set(statuses) <= {302, 410}, statuses
    return statuses.count(302)


def test_of_two_people_who_use_one_link_at_once_one_is_let_in(link, monkeypatch):
    assert let_in(link, monkeypatch) == 1
    assert User.objects.count() == EmailAddress.objects.count() == 1
    assert SignIn.objects.filter(outcome=SignIn.Outcome.SUCCEEDED).count() == 1


def test_control_where_it_is_looked_at_and_then_written_all_are_let_in(link, monkeypatch):
    looked = threading.Barrier(CROWD)

    def look_then_write(link: SignInLink, *, now) -> bool:
        is_good = SignInLink.objects.get(pk=link.pk).used_at is None
        looked.wait(30)
        SignInLink.objects.filter(pk=link.pk).update(used_at=now)
        return is_good

    monkeypatch.setattr(sign_in_links, "use_link", look_then_write)

    assert let_in(link, monkeypatch) > 1


def use_all(links: list[str], monkeypatch) -> list:
    """What they who each have a link of one address get, where all found no account before the first creates it."""
    create, found = sign_in_links.create_account, threading.Barrier(len(links))

    def create_together(*given, **named) -> User:
        found.wait(30)
        return create(*given, **named)

    monkeypatch.setattr(sign_in_links, "create_account", create_together)
    return rush(len(links), lambda number: Client(raise_request_exception=False).post(links[number]).status_code)


def test_several_links_of_one_address_used_at_once_create_one_account(db, monkeypatch):
    statuses = use_all([link_for(NEW) for _link in range(3)], monkeypatch)

    assert statuses == [302] * 3
    assert User.objects.get().email == EmailAddress.objects.get().email == NEW


def test_control_where_an_account_is_looked_for_and_then_created_all_but_one_fail(db, monkeypatch):
    def look_then_create(email: str, *, language: str) -> User:
        return sign_in_links.owner_of(email) or sign_in_links.create_account(email, language=language)

    monkeypatch.setattr(sign_in_links, "find_or_create_account", look_then_create)

    statuses = use_all([link_for(NEW) for _link in range(3)], monkeypatch)

    assert sorted(statuses) == [302, 500, 500]
    assert User.objects.count() == 1
