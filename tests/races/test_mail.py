"""Many ask at once for a mail to one address."""

import threading

import pytest

from moments import clock
from outbox import service as outbox
from outbox.models import Mail
from tests.races.crowd import rush

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
CROWD = 24


def ask(_number: int) -> bool:
    mail = Mail(kind="password_reset_key", to_email="kim@example.com", subject="Hello", text="Hello")
    return outbox.queue_user_requested_email(mail, now=clock.now()) is not None


def test_an_address_gets_its_share_and_no_more():
    assert sum(rush(CROWD, ask)) == outbox.MOST_AN_HOUR

    assert Mail.objects.count() == outbox.MOST_AN_HOUR


def test_control_without_the_lock_it_gets_them_all(monkeypatch):
    all_here = threading.Barrier(CROWD)
    monkeypatch.setattr(outbox, "_lock", lambda _name: all_here.wait(30))
    monkeypatch.setattr(outbox, "add_mail", waits_for(threading.Barrier(CROWD), outbox.add_mail))

    rush(CROWD, ask)

    assert Mail.objects.count() == CROWD


def waits_for(others, add):
    def late(mail, *, now):
        others.wait(30)  # everybody has counted
        return add(mail, now=now)

    return late
