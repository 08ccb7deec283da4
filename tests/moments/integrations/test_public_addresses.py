"""Addresses of this machine and its network, in every spelling: not one byte reaches them."""

import socket
import threading

import pytest
from urllib3.exceptions import HTTPError

from moments.integrations.public_addresses import NotPublic, addresses_of, connection_to, is_public, may_connect

# Literal addresses, as a resolver returns them.
INWARD = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.1.2.3"),
    *("127.255.255.255", "169.254.0.1", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255"),
    *("192.0.0.1", "192.0.0.170", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.0.1"),
    *("192.168.255.255", "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1"),
    *("239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("::ffff:169.254.169.254", "::ffff:8.8.8.8", "::127.0.0.1", "::10.0.0.1", "::ffff:0:127.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::808:808", "64:ff9b:1::1", "64:ff9b:1::7f00:1", "100::1"),
    *("2001::1", "2001:0:7f00:1::", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::1"),
    *("2002:a9fe:a9fe::1", "2002:808:808::1", "2620:4f:8000::1", "3fff::1", "4000::1", "5f00::1", "fc00::1"),
    *("fd00::1", "fd00:ec2::254", "fdff::1", "fe80::1", "fe80::1%1", "febf::1", "fec0::1", "ff01::1", "ff02::1"),
    *("ff05::2", "ff0e::1", "1::1", "1fff::1", "8000::1", "e000::1"),
]
# Hosts of URLs that the system reads as such an address.
SPELLINGS = [
    *("localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.1", "127.0.1", "0", "0.0.0.0", "0x7f.1", "0x7f000001"),
    *("0x7f.0x0.0x0.0x1", "0X7F.0.0.1", "0177.0.0.1", "0177.1", "017700000001", "2130706433", "127.000.000.001"),
    *("127.0.0.01", "00000177.1", "10.1", "0xa.1", "012.0.0.1", "167772161", "0xa9fea9fe", "2852039166"),
    *("0251.0376.0251.0376", "169.254.43518", "0xc0a80001", "3232235521", "192.168.1", "172.1048577", "100.64.1"),
    *("0xe0000001", "4294967295", "0xffffffff", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
    *("[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[::]", "[64:ff9b::127.0.0.1]", "[fe80::1]", "[fd00::1]"),
    *("[::ffff:0x7f000001]", "１２７.0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ"),
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"]
PUBLIC += ["128.0.0.1", "172.15.255.255", "172.32.0.0", "192.0.1.1", "198.17.255.255", "198.20.0.0", "223.255.255.255"]
PUBLIC += ["2001:4860:4860::8888", "2606:4700:4700::1111", "2a00::1", "2003::1", "3ffe::1"]


def test_there_are_more_than_120_of_them():
    assert len(set(INWARD) | set(SPELLINGS)) >= 120


@pytest.mark.parametrize("address", INWARD)
def test_an_inward_address_is_not_public(address):
    assert not is_public(address) and not may_connect(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_public(address):
    assert is_public(address)


def test_what_python_itself_would_let_through():
    """The control: why the ranges are listed."""
    import ipaddress

    missed = [text for text in INWARD if not ipaddress.ip_address(text).is_private]
    missed_too = [text for text in INWARD if ipaddress.ip_address(text).is_global]

    assert "100.64.0.1" in missed and "64:ff9b::7f00:1" in missed and "ff0e::1" in missed_too


@pytest.fixture
def listener():
    """Whether anybody has connected to a port of this machine, by IPv4 or IPv6."""
    listening = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    accepted: list = []

    def accept() -> None:
        while True:
            try:
                accepted.append(listening.accept())
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    yield listening.getsockname()[1], accepted
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()


def reach(host: str, port: int) -> None:
    connection = connection_to("http", host.strip("[]"), port, timeout=2)
    try:
        connection.request("POST", "/", body=b"x")
    finally:
        connection.close()


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_spelling_reaches_a_listener(host, listener, settings):
    settings.WEBHOOK_LOOPBACK = False
    port, accepted = listener
    with pytest.raises((OSError, HTTPError, UnicodeError)):
        reach(host, port)

    assert accepted == []


@pytest.mark.parametrize("host", ["localhost", "127.1", "0x7f000001", "2130706433", "[::1]"])
def test_control_without_the_check_they_reach_it(host, listener, settings):
    settings.WEBHOOK_LOOPBACK = True
    port, accepted = listener
    reach(host, port)

    for _try in range(100):
        if accepted:
            break
        threading.Event().wait(0.01)
    assert len(accepted) == 1


def test_loopback_alone_is_allowed_by_the_setting(settings):
    settings.WEBHOOK_LOOPBACK = True

    assert may_connect("127.0.0.1") and may_connect("::1")
    assert not any(map(may_connect, ("10.0.0.1", "169.254.169.254", "0.0.0.0", "::ffff:127.0.0.1", "fd00::1")))


def test_a_name_with_one_inward_address_is_refused(monkeypatch):
    """Also if the others are public. The name is resolved once: what was checked is what is connected to."""
    answers = [[("93.184.215.14", 443), ("10.0.0.1", 443)]]

    def resolver(*_about, **_more):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in answers.pop()]

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    with pytest.raises(NotPublic):
        addresses_of("example.com", 443)


def test_a_name_that_moves_inward_after_the_check_is_not_followed(listener, settings, monkeypatch):
    """The second resolution, which there is none of, would lead to this machine."""
    settings.WEBHOOK_LOOPBACK = False
    port, accepted = listener
    asked = []

    def resolver(host, *_about, **_more):
        asked.append(host)
        address = "192.0.2.1" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    with pytest.raises(NotPublic):
        reach("rebind.example.com", port)

    assert asked == ["rebind.example.com"] and accepted == []
