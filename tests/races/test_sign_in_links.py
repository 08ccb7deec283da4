"""A link that signs in lets one of many in who open it at the same instant."""

import re
import threading

import pytest
from django.test import Client

from accounts import sign_in_links
from accounts.models import SignIn, SignInLink
from outbox.models import Mail
from tests import make
from tests.races.crowd import rush

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
CROWD = 8


@pytest.fixture
def link() -> str:
    """Mailed to a customer."""
    Client().post("/accounts/link/", {"login": make.customer().email})
    return re.search(r"http://testserver(/accounts/link/\S+)", Mail.objects.first().text).group(1)


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
