"""What is asked of every call before it is read: a key, an address, a rate."""

import pytest
from django.test import RequestFactory

from accounts.models import ApiKey
from accounts.organizations.service import revoke_api_key
from api.gateway import admit
from api.limits import BURST
from tests import make


def call(secret: str, address: str = "203.0.113.7"):
    return admit(RequestFactory().post("/api/v1/rewards", REMOTE_ADDR=address), secret)


@pytest.fixture
def app(member):
    return make.app(member)


def last_used(app):
    return ApiKey.objects.get(app=app).last_used_at


def test_a_call_with_a_key_enters_and_its_use_is_noted(app):
    secret = make.api_key(app)
    assert last_used(app) is None

    entry = call(secret)

    assert entry.refused == "" and entry.caller.app == app and entry.allowance.allowed
    assert last_used(app) is not None


@pytest.mark.parametrize("secret", ["", "mk_live_unknown", "Bearer", "mk_" + "x" * 100])
def test_a_call_without_a_key_that_is_known_is_refused(app, secret):
    make.api_key(app)

    entry = call(secret)

    assert (entry.caller, entry.refused, entry.allowance) == (None, "no_key", None)
    assert last_used(app) is None


def test_a_key_that_was_revoked_is_as_good_as_none(app, member, now):
    secret = make.api_key(app)
    revoke_api_key(app.api_keys.get(), by=member.user, now=now)

    assert call(secret).refused == "no_key" and last_used(app) is None


def test_a_call_from_another_address_is_refused_and_counts_for_nothing(app):
    secret = make.api_key(app)
    type(app).objects.update(ip_allowlist=["192.0.2.0/24"])

    entry = call(secret)

    assert (entry.caller, entry.refused, entry.allowance) == (None, "ip_not_allowed", None)
    assert last_used(app) is None
    assert call(secret, "192.0.2.9").refused == ""


def test_calls_beyond_the_rate_are_refused_and_told_when_to_come_again(app):
    secret = make.api_key(app)
    type(app).objects.update(rate_per_second=1)

    entries = [call(secret) for _time in range(BURST + 1)]

    assert [entry.refused for entry in entries] == [*[""] * BURST, "rate_limited"]
    assert entries[-1].caller is None and int(entries[-1].allowance.headers["Retry-After"]) >= 1
