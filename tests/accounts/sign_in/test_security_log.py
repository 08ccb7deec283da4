"""A failed sign-in is one line of its own log with the whole address, for a program that blocks addresses."""

import logging
import re

import pytest
from django.conf import settings as configured
from django.test import Client

from tests import make
from tests.accounts.sign_in.test_security import set_up_app, sign_in
from tests.stack import ROOT

pytestmark = pytest.mark.django_db
ADDRESS = "203.0.113.77"


def fail(email: str, **place) -> None:
    Client(**place).post("/accounts/login/", {"login": email, "password": "wrong"})


def lines(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "moments.security"]


@pytest.mark.parametrize("is_known", [True, False])
def test_a_wrong_password_is_one_line_with_the_whole_address(caplog, is_known):
    fail(make.user().email if is_known else "nobody@example.com", REMOTE_ADDR=ADDRESS)

    assert lines(caplog) == [f"Failed sign-in from {ADDRESS}"]
    assert [record.levelno for record in caplog.records if record.name == "moments.security"] == [logging.WARNING]


def test_a_try_that_is_turned_away_is_one_line_too(caplog):
    email = make.user().email
    for _try in range(7):
        fail(email, REMOTE_ADDR=ADDRESS)

    assert lines(caplog) == [f"Failed sign-in from {ADDRESS}"] * 7


def test_no_other_log_has_the_address_and_this_one_has_no_account(caplog):
    user = make.user()
    fail(user.email, REMOTE_ADDR=ADDRESS)

    others = [record.getMessage() for record in caplog.records if record.name != "moments.security"]
    assert not any(ADDRESS in line for line in others)
    assert user.email not in caplog.text


def test_behind_a_proxy_of_ours_the_address_is_the_callers(settings, caplog):
    settings.TRUSTED_PROXIES = ["10.0.0.7"]

    fail("nobody@example.com", REMOTE_ADDR="10.0.0.7", HTTP_X_FORWARDED_FOR=f"6.6.6.6, {ADDRESS}")
    fail("nobody@example.com", REMOTE_ADDR="10.0.0.7", HTTP_X_FORWARDED_FOR="me\n2026 WARNING x")
    fail("nobody@example.com", REMOTE_ADDR="198.51.100.9", HTTP_X_FORWARDED_FOR=ADDRESS)

    shown = [line.removeprefix("Failed sign-in from ") for line in lines(caplog)]
    assert shown == [ADDRESS, "unknown", "198.51.100.9"]


def test_a_wrong_code_of_an_app_is_a_line_and_a_right_password_is_none(member, caplog):
    set_up_app(sign_in(member.user))
    client = sign_in(member.user)
    assert lines(caplog) == []

    client.post("/accounts/2fa/authenticate/", {"code": "000000"})

    assert lines(caplog) == ["Failed sign-in from 127.0.0.1"]


def test_the_pattern_of_the_manual_finds_the_line_as_it_is_written():
    pattern = re.search(r"failregex = ([^`]+)`", (ROOT / "docs/operations.md").read_text())[1].replace(
        "<HOST>", r"(\S+)"
    )
    form = configured.LOGGING["formatters"]["line"]["format"]
    record = logging.makeLogRecord(
        {"name": "moments.security", "levelno": 30, "levelname": "WARNING", "msg": f"Failed sign-in from {ADDRESS}"}
    )

    found = re.search(pattern, f"      web | {logging.Formatter(form).format(record)}")

    assert found and found[1] == ADDRESS
