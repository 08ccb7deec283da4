"""A passkey in software: what a browser sends for a device that it asked."""

import hashlib
import os
from base64 import urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

ORIGIN, HOST = "https://testserver", "testserver"
PRESENT, VERIFIED, WITH_CREDENTIAL = 0x01, 0x04, 0x40
NO_DEVICE = bytes(16)


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def registration(challenge: str) -> dict:
    """The answer of a new passkey to ``challenge``, as ``navigator.credentials.create`` returns it."""
    key, credential_id = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
    credential = AttestedCredentialData.create(NO_DEVICE, credential_id, ES256.from_cryptography_key(key.public_key()))
    host = hashlib.sha256(HOST.encode()).digest()
    data = AuthenticatorData.create(host, PRESENT | VERIFIED | WITH_CREDENTIAL, 0, bytes(credential))
    client = CollectedClientData.create("webauthn.create", challenge, ORIGIN)
    return {
        "id": encoded(credential_id),
        "rawId": encoded(credential_id),
        "type": "public-key",
        "clientExtensionResults": {"credProps": {"rk": True}},
        "response": {
            "clientDataJSON": encoded(bytes(client)),
            "attestationObject": encoded(bytes(AttestationObject.create("none", data, {}))),
        },
    }
