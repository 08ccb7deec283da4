"""What the web server tells Django of a request."""

import io
from types import SimpleNamespace

import pytest

from moments.server.environ import among, environ_of, peer_of


def scope(**fields):
    values = {
        "client": "203.0.113.7:50000",
        "server": "[::1]:8000",
        "method": "POST",
        "path": "/café/",
        "query_string": "a=1",
        "http_version": "1.1",
        "scheme": "https",
    }
    return SimpleNamespace(**{**values, **fields})


@pytest.mark.parametrize(
    ("client", "peer"), [("203.0.113.7:50000", "203.0.113.7"), ("[2001:db8::1]:50000", "2001:db8::1")]
)
def test_the_peer_is_an_address_without_its_port(client, peer):
    assert peer_of(scope(client=client)) == peer


def test_a_request_is_told_as_wsgi_wants_it():
    body = io.BytesIO(b"x")

    found = environ_of(scope(), [("content-type", "text/plain"), ("content-length", "1"), ("accept", "*/*")], body)

    assert found["PATH_INFO"].encode("latin-1").decode() == "/café/"
    assert (found["SERVER_NAME"], found["SERVER_PORT"], found["SERVER_PROTOCOL"]) == ("::1", "8000", "HTTP/1.1")
    assert (found["REMOTE_ADDR"], found["wsgi.url_scheme"], found["QUERY_STRING"]) == ("203.0.113.7", "https", "a=1")
    assert (found["CONTENT_TYPE"], found["CONTENT_LENGTH"], found["HTTP_ACCEPT"]) == ("text/plain", "1", "*/*")
    assert found["wsgi.input"] is body


def test_a_header_with_an_underscore_does_not_pass_for_its_twin():
    found = environ_of(scope(), [("x_forwarded_for", "192.0.2.1"), ("x-real", "1")], io.BytesIO())

    assert "HTTP_X_FORWARDED_FOR" not in found and found["HTTP_X_REAL"] == "1"


def test_a_header_that_comes_twice_is_joined_cookies_in_their_own_way():
    headers = [("accept", "a"), ("accept", "b"), ("cookie", "a=1"), ("cookie", "b=2")]

    found = environ_of(scope(), headers, io.BytesIO())

    assert (found["HTTP_ACCEPT"], found["HTTP_COOKIE"]) == ("a,b", "a=1; b=2")


def test_version_one_of_http_is_named_whole():
    assert environ_of(scope(http_version="1"), [], io.BytesIO())["SERVER_PROTOCOL"] == "HTTP/1.0"


def test_an_address_lies_in_a_network_or_not():
    is_proxy = among(["10.0.0.0/8", "no network", "2001:db8::/32"])

    assert is_proxy("10.1.2.3") and is_proxy("2001:db8::7")
    assert not is_proxy("192.0.2.1") and not is_proxy("no address") and not is_proxy("")
