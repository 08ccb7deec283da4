"""Sixty addresses that lead elsewhere, given to every page that takes ``next``: the user stays on this site."""

from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.socialaccount.internal import statekit
from django.test import Client, RequestFactory

from accounts.models import SignInLink
from accounts.sign_in.adapter import and_back, is_local_path
from moments.integrations import identity_providers
from outbox.models import Mail
from tests import make
from tests.accounts.sign_in.test_security import sign_in
from tests.accounts.sign_in.test_sign_in_links import newest_link
from tests.accounts.sign_in.test_signing_in import link_in, sign_up

EVIL = "evil.example"
PAYLOADS = [
    *(
        "https://evil.example",
        "http://evil.example/",
        "HTTPS://EVIL.EXAMPLE",
        "ftp://evil.example",
        "ws://evil.example",
    ),
    *("//evil.example", "///evil.example", "////evil.example", "/////evil.example", "//evil.example/%2e%2e"),
    *("/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\\/evil.example", "/\\\\evil.example"),
    *("/\t/evil.example", "\t//evil.example", "/\n/evil.example", "/\r/evil.example", " //evil.example"),
    *("\x0b//evil.example", "\x00//evil.example", "/\x00/evil.example", "\x01https://evil.example", "\\evil.example"),
    *("\u00a0//evil.example", "\u2028//evil.example", "/\x00//evil.example", "/\t\\evil.example", "/ /evil.example"),
    *(
        "https:evil.example",
        "http:evil.example",
        "https:/evil.example",
        "http:///evil.example",
        "https:\\\\evil.example",
    ),
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "javascript://evil.example/%0aalert(1)"),
    *("data:text/html,<script>alert(1)</script>", "vbscript:msgbox(1)", "file:///etc/passwd", "about:blank", "blob:x"),
    *("//testserver@evil.example", "https://testserver@evil.example", "//testserver:80@evil.example"),
    *("//evil.example#@testserver", "https://testserver.evil.example", "//testserver%2eevil.example"),
    *("https://evil.example?testserver", "//evil.example\\@testserver", "//2130706433", "https://[::1]"),
    *("//evil%E3%80%82example", "//evil。example", "//ⓔvil.example", "//[evil.example"),
    *("/x\r\nLocation: https://evil.example", "evil.example", ".evil.example", "@evil.example"),
]


def is_here(location: str) -> bool:
    """As a browser reads it: tabs and line ends are nothing, a backslash is a slash."""
    text = "".join(each for each in location if each not in "\t\r\n").strip("".join(map(chr, range(33))))
    try:
        parts = urlsplit(urljoin("http://testserver/accounts/", text.replace("\\", "/")))
    except ValueError:
        return False
    return parts.scheme == "http" and parts.hostname == "testserver" and parts.username is None


@pytest.fixture(autouse=True)
def unhurried(settings):
    settings.ACCOUNT_RATE_LIMITS = settings.MFA_RATE_LIMITS = False


def leads_here(answer) -> bool:
    return answer.status_code in {302, 303} and is_here(answer["Location"])


def test_they_are_sixty_and_a_browser_would_follow_them():
    assert len(PAYLOADS) == len(set(PAYLOADS)) >= 60
    assert sum(not is_here(payload) for payload in PAYLOADS) >= 45
    assert [payload for payload in PAYLOADS if is_local_path(payload) and not is_here(payload)] == []


def test_the_mails_that_confirm_and_reset():
    for payload in PAYLOADS:
        link = and_back("/link/", RequestFactory().post("/", {"next": payload}))
        assert is_here(parse_qs(urlsplit(link).query).get("next", ["/"])[0]), payload


@pytest.mark.slow
def test_the_sign_in_page(customer):
    signed_in = sign_in(customer)

    for payload in PAYLOADS:
        for path in ("/accounts/login/", "/accounts/link/"):
            assert leads_here(signed_in.get(path, {"next": payload})), (path, payload)
    for payload in PAYLOADS[::5]:  # a password takes its time
        fields = {"login": customer.email, "password": make.PASSWORD, "next": payload}
        assert leads_here(Client().post("/accounts/login/", fields)), payload


@pytest.mark.slow
def test_signing_up_and_the_mail_that_confirms(db):
    for number, payload in enumerate(PAYLOADS[::5]):
        Mail.objects.all().delete()
        client = Client()
        assert leads_here(sign_up(client, f"kim{number}@example.com", next=payload)), payload
        then = parse_qs(urlsplit(link_in(Mail.objects.get())).query).get("next", ["/"])[0]
        assert is_here(then), payload


@pytest.mark.slow
def test_the_link_that_confirms(customer):
    address = EmailAddress.objects.get(user=customer)

    for payload in PAYLOADS:
        EmailAddress.objects.update(verified=False)
        key = EmailConfirmationHMAC(address).key
        answer = Client().post(f"/accounts/confirm-email/{key}/", query_params={"next": payload})
        assert answer.status_code == 200 or leads_here(answer), payload


@pytest.mark.slow
def test_the_mailed_link(customer):
    for payload in PAYLOADS:
        answer = Client().post("/accounts/link/", {"login": customer.email, "next": payload})
        assert leads_here(answer), payload
        assert is_here(SignInLink.objects.latest("pk").then or "/"), payload

    assert leads_here(Client().post(newest_link()))


def test_the_passkey(customer):
    for payload in PAYLOADS:
        answer = Client().post("/accounts/passkey/", {"credential": "{}", "next": payload})
        assert leads_here(answer) and EVIL not in answer["Location"], payload


@pytest.mark.slow
def test_an_account_from_elsewhere(settings, db):
    settings.SOCIALACCOUNT_PROVIDERS = identity_providers.amazon("id", "secret")
    for payload in PAYLOADS:
        client = Client()
        client.post("/accounts/with/amazon/", {"next": payload})
        request = RequestFactory().get("/")
        request.session = client.session
        (state, *_rest) = statekit.get_states(request).popitem()[1]
        assert is_here(state.get("next") or "/"), payload
        back = client.get("/accounts/amazon/login/callback/", {"next": payload, "error": "x"})
        assert leads_here(back) and EVIL not in back["Location"], payload


@pytest.mark.slow
def test_signing_out(customer):
    client = sign_in(customer)
    for payload in PAYLOADS:
        assert leads_here(client.post("/accounts/logout/", {"next": payload})), payload
        assert leads_here(client.get("/accounts/logout/", {"next": payload})), payload


@pytest.mark.slow
def test_the_question_whether_it_is_you(customer):
    client = sign_in(customer)
    for payload in PAYLOADS:
        answer = client.post("/accounts/reauthenticate/", {"password": make.PASSWORD, "next": payload})
        assert leads_here(answer), payload
