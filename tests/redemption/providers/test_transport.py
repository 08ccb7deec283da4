"""Calls to a provider: exact JSON, over TLS that is checked, never inside a transaction."""

import datetime as dt
import ssl
import time
from decimal import Decimal

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction

from moments.integrations.exact_json import read_json, write_json
from moments.integrations.http_json import call_json, is_safe
from moments.integrations.outcomes import OutcomeUnknown
from redemption.providers.dispatch import send_request
from tests.redemption.providers.provider import state


@pytest.fixture
def certificate(tmp_path, now) -> str:
    """Of localhost, signed by nobody but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    day = dt.timedelta(days=1)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - day, now + day)
    signed = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False).sign(
        key, hashes.SHA256()
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "localhost.pem"
    path.write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
    return str(path)


@pytest.fixture
def under_tls(stub, certificate) -> str:
    """The provider's address, by HTTPS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    stub.server.socket = context.wrap_socket(stub.server.socket, server_side=True)
    return f"https://localhost:{stub.server.server_port}/api/v2/orders?external_id=X"


def test_a_server_that_proves_nothing_is_not_told_the_key(stub, under_tls):
    with pytest.raises(OutcomeUnknown, match="SSLCertVerificationError"):
        call_json("GET", under_tls, headers={"Authorization": "Bearer secret"})

    assert stub.calls == []


def test_a_server_that_proves_who_it_is_is_heard(stub, under_tls, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", certificate)

    answer = call_json("GET", under_tls, headers={})

    assert answer.document == {"orders": [], "total_count": 0}


@pytest.mark.slow
def test_the_deadline_holds_under_tls(stub, under_tls, certificate, monkeypatch, settings):
    monkeypatch.setenv("SSL_CERT_FILE", certificate)
    settings.PROVIDER_SECONDS = 0.5
    stub.finding = lambda _order: dripping()

    with pytest.raises(OutcomeUnknown, match="within 0.5 seconds"):
        call_json("GET", under_tls, headers={})


def dripping():
    """Headers without end."""
    yield b"HTTP/1.1 200 OK\r\n"
    for _number in range(100):
        time.sleep(0.05)
        yield b"X: y\r\n"


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://gifts.example", True),
        ("http://127.0.0.1:8000", True),
        ("http://[::1]:8000", True),
        ("http://gifts.example", False),
        ("http://127.0.0.1.gifts.example", False),
        ("https://", False),
        ("https://[", False),
        ("https://gifts.example:port", False),
        ("ftp://localhost", False),
        ("", False),
    ],
)
def test_the_key_and_the_gift_go_over_no_open_line(url, is_one):
    assert is_safe(url) is is_one


def test_the_key_is_not_sent_to_an_address_that_is_none(stub, request_, now, settings):
    settings.TREMENDOUS_BASE_URL = "http://gifts.example"

    send_request(request_.pk, now=now)

    assert state(request_)[0] == "needs_attention" and "https://" in request_.last_error


def test_nobody_is_called_inside_a_transaction(stub, request_, now):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        call_json("GET", stub.url, headers={})
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        send_request(request_.pk, now=now)

    assert stub.calls == [] and state(request_) == ("queued", "placed")


def test_json_keeps_every_digit_and_takes_no_float():
    assert write_json({"a": [Decimal("27.50"), None, True, 3, "é\n"]}) == '{"a": [27.50, null, true, 3, "\\u00e9\\n"]}'
    assert read_json(b'{"a": 0.1}')["a"] == Decimal("0.1")
    with pytest.raises(TypeError):
        write_json(0.1)


@pytest.mark.parametrize(
    "raw", [b"", b"NaN", b"-Infinity", b"1e99999999999999999999", b"\xff", b"{", b"[" * 41 + b"]" * 41, b"[" * 500_000]
)
def test_json_that_is_none_is_one_kind_of_error(raw):
    with pytest.raises(ValueError):
        read_json(raw)
