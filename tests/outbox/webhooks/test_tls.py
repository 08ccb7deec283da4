"""Over TLS: a receiver whose certificate cannot be verified gets nothing."""

import datetime as dt
import ipaddress
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from outbox.models import WebhookDelivery
from outbox.webhooks.endpoints import create_endpoint
from tests.harness.webhook_sink import Sink


@pytest.fixture
def certificate(tmp_path):
    """Path of a certificate for 127.0.0.1, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "receiver")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path / "receiver.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *private) + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def receiver(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    started = Sink(tls=context)
    yield started
    started.end()


def test_a_certificate_that_is_trusted_is_accepted(
    organization, receiver, certificate, cause, deliver, now, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    create_endpoint(organization, url=receiver.url, by=None, now=now)
    for number in range(5):
        cause(number)
    deliver()

    assert len(receiver.requests) == 5 and receiver.connections <= 2
    assert set(WebhookDelivery.objects.values_list("status", flat=True)) == {"delivered"}


def test_one_that_is_not_trusted_gets_nothing(organization, receiver, cause, deliver, now):
    create_endpoint(organization, url=receiver.url, by=None, now=now)
    cause()
    deliver()

    assert receiver.requests == [] and receiver.connections == 1
    assert "TLS failed" in WebhookDelivery.objects.get().last_error


def test_a_certificate_of_another_name_gets_nothing(
    organization, receiver, certificate, cause, deliver, now, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    create_endpoint(organization, url=receiver.url.replace("127.0.0.1", "localhost"), by=None, now=now)
    cause()
    deliver()

    assert receiver.requests == []
    assert "TLS failed" in WebhookDelivery.objects.get().last_error
