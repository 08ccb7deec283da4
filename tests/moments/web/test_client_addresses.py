"""Addresses as proxies write them: one way of reading them for limits, allowlists, sign-in and claims."""

import pytest
from allauth.account.adapter import get_adapter
from axes.helpers import get_client_ip_address
from axes.models import AccessAttempt
from django.test import Client

from moments.web.client_addresses import UNKNOWN, client_address
from redemption.session.abuse_signals import network_of
from tests import make

PROXY = "127.0.0.1"


@pytest.fixture
def proxied(settings, rf):
    settings.TRUSTED_PROXIES = [PROXY, "10.0.0.0/8"]
    return lambda forwarded, peer=PROXY: rf.get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:51413", "203.0.113.7"),
        (" 203.0.113.7 : ", "203.0.113.7"),
        ('"203.0.113.7:1"', "203.0.113.7"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%25eth0]:80", "fe80::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("unknown", UNKNOWN),
        ("_hidden", UNKNOWN),
        ("nonsense:51413", UNKNOWN),
        ("203.0.113.7.9", UNKNOWN),
        ("203.0.113.7, 10.0.0.4:80", "203.0.113.7"),
        ("1.1.1.1, 203.0.113.7:5", "203.0.113.7"),
        ("1.1.1.1, garbage", UNKNOWN),
        ("1.1.1.1, garbage, 10.0.0.4", UNKNOWN),
        ("", PROXY),
        (" , ,", PROXY),
    ],
)
def test_what_a_proxy_writes_is_one_address_or_one_stranger(proxied, written, address):
    assert client_address(proxied(written)) == address


def test_what_anybody_else_writes_does_not_count(proxied):
    assert client_address(proxied("203.0.113.7", peer="198.51.100.1")) == "198.51.100.1"
    assert client_address(proxied("203.0.113.7", peer="")) == ""


def test_every_reader_sees_the_same_address(proxied):
    request = proxied("203.0.113.7:51413")

    assert get_adapter(request).get_client_ip(request) == "203.0.113.7" == get_client_ip_address(request)
    assert network_of(client_address(request)) == "203.0.113.7"


def test_strangers_without_an_address_share_one_network(proxied):
    seen = {network_of(client_address(proxied(text))) for text in ("unknown", "_a", "_b", "x:1", "x:2")}

    assert seen == {UNKNOWN}
    assert {get_client_ip_address(proxied(text)) for text in ("unknown", "_b")} == {"0.0.0.0"}


@pytest.mark.slow
def test_ports_of_one_address_do_not_count_apart(settings, db):
    """Ten failed sign-ins a minute of one address, of however many accounts."""
    settings.TRUSTED_PROXIES = [PROXY]
    people = [make.user() for _number in range(13)]

    answers = [
        Client().post(
            "/accounts/login/", {"login": user.email, "password": "wrong"}, HTTP_X_FORWARDED_FOR=f"203.0.113.7:{port}"
        )
        for port, user in enumerate(people, start=50_000)
    ]

    assert "Too many failed" in answers[-1].text
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"203.0.113.7"}


@pytest.mark.parametrize(("peer", "is_secure"), [(PROXY, True), ("198.51.100.1", False)])
def test_only_a_proxy_of_ours_says_that_a_call_was_encrypted(settings, db, peer, is_secure):
    settings.TRUSTED_PROXIES = [PROXY]
    settings.IS_HTTPS = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    answer = Client(REMOTE_ADDR=peer).post("/prod/GetReward", HTTP_X_FORWARDED_PROTO="https")

    assert ("over HTTPS only" not in answer.text) is is_secure
