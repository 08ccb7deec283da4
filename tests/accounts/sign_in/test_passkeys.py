"""Signing in with passkeys: requests that no browser sends. A real browser is in ``tests/browser/test_passkeys.py``."""

import copy
import json
from base64 import urlsafe_b64encode

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from tests import make

NEXT = "/my/rewards/"


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode()


WHOLE = {
    "id": "AAAA",
    "rawId": "AAAA",
    "type": "public-key",
    "clientExtensionResults": {},
    "response": {
        "clientDataJSON": encoded(b'{"type":"webauthn.get","challenge":"x","origin":"http://testserver"}'),
        "authenticatorData": encoded(bytes(40)),
        "signature": "AAAA",
        "userHandle": "MQ",
    },
}
BROKEN = [("userHandle", each) for each in ("", "////", 5, None, [], encoded(b"9" * 40), encoded(b"\0"))]
BROKEN += [(name, each) for name in ("clientDataJSON", "authenticatorData") for each in ("", 1, "!!", encoded(b"[]"))]


def with_part(name: str, value) -> str:
    credential = copy.deepcopy(WHOLE)
    credential["response"][name] = value
    return json.dumps(credential)


SHAPES = ["", "x", "[]", "1", "null", "{}", '"a"', '{"response": 1}', '{"response": {"userHandle": null}}', "[" * 5000]
SHAPES += [json.dumps(WHOLE), json.dumps(WHOLE)[:50], *(with_part(*each) for each in BROKEN)]


@pytest.fixture(autouse=True)
def unhurried(settings):
    settings.MFA_RATE_LIMITS = False


@pytest.mark.slow
def test_what_is_no_passkey_signs_nobody_in_and_leads_on_to_where_one_was_going(client, customer):
    for shape in SHAPES:
        client.get("/accounts/passkey/", headers={"Accept": "application/json"})
        answer = client.post("/accounts/passkey/", {"credential": shape, "next": NEXT})
        assert answer["Location"] == "/accounts/login/?next=%2Fmy%2Frewards%2F", shape

    assert client.get(NEXT).status_code == 302
    assert "No account here knows this passkey" in client.get("/accounts/login/").text


@pytest.mark.slow
def test_what_is_no_passkey_is_not_added(client, customer):
    client.force_login(customer)

    for shape in SHAPES:
        client.get("/accounts/2fa/webauthn/add/")
        assert client.post("/accounts/2fa/webauthn/add/", {"name": "x", "credential": shape}).status_code == 200, shape

    assert not Authenticator.objects.exists()


def test_asking_for_a_passkey_names_nobody(client, db):
    make.user()

    asked = client.get("/accounts/passkey/", headers={"Accept": "application/json"}).json()

    assert asked["request_options"]["publicKey"].get("allowCredentials", []) == []
    assert asked["request_options"]["publicKey"]["userVerification"] == "required"


@pytest.mark.slow
def test_one_place_tries_sixty_passkeys_a_minute(settings, db):
    settings.MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}
    answers = [Client().post("/accounts/passkey/", {"credential": "{}"}).status_code for _try in range(61)]

    assert answers.count(302) == 60 and answers[-1] == 429
