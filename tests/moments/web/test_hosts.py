"""Links come from the base URL alone, and calls are for a host and a port of ours."""

import pytest
from allauth.account.adapter import get_adapter
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from moments.web import hosts
from outbox.kinds import account_kinds
from outbox.models import Mail
from tests import make


@pytest.mark.parametrize(
    ("base", "more", "host", "is_ours"),
    [
        ("https://moments.example", [], "moments.example", True),
        ("https://moments.example", [], "MOMENTS.example:443", True),
        ("https://moments.example", [], "moments.example:8443", False),
        ("https://moments.example", [], "localhost", False),
        ("https://moments.example", [], "localhost:1337", False),
        ("https://moments.example", [], "127.0.0.1", False),
        ("https://moments.example", [], "[::1]:8000", False),
        ("https://moments.example", [], "evil.moments.example", False),
        ("https://moments.example:8443", [], "moments.example", False),
        ("https://moments.example:8443", [], "moments.example:8443", True),
        ("https://moments.example", ["other.example:81"], "other.example:81", True),
        ("https://moments.example", ["other.example:81"], "other.example", False),
        ("http://localhost:8000", [], "localhost:1337", True),
    ],
)
def test_a_host_is_ours_with_its_port_alone(settings, rf, base, more, host, is_ours):
    settings.ANY_PORT_ON_LOOPBACK = hosts.is_loopback(base)
    settings.HOSTS = hosts.exact_hosts(base, more)

    assert hosts.is_ours(rf.get("/", HTTP_HOST=host)) is is_ours


@pytest.mark.parametrize("host", ["*", ".example.com", "https://a.example"])
def test_hosts_are_named_one_by_one(host):
    with pytest.raises(ImproperlyConfigured):
        hosts.exact_hosts("https://moments.example", [host])


@pytest.mark.parametrize("path", ["/accounts/login/", "/prod/GetReward", "/api/v1/rewards", "/"])
def test_a_call_for_another_port_is_refused_on_every_face(db, path):
    assert Client(HTTP_HOST="testserver:1337").post(path).status_code == 400
    assert Client(HTTP_HOST="testserver:1337").get(path).status_code == 400


def test_mails_carry_the_base_url_whatever_host_caused_them(settings, db):
    settings.HOSTS = hosts.exact_hosts("http://testserver", ["alias.example"])
    settings.ALLOWED_HOSTS = ["testserver", "alias.example"]
    client, known = Client(HTTP_HOST="alias.example"), make.user()

    for email in (known.email, "new@example.com"):
        client.post("/accounts/signup/", {"name": "Kim", "email": email, "password1": make.PASSWORD})
        client.post("/accounts/password/reset/", {"email": email})
        client.post("/accounts/link/", {"login": email})
        client.post("/accounts/password/reset/", {"email": f"nobody-{email}"})

    kinds = set(Mail.objects.values_list("kind", flat=True))
    assert {"email_confirmation_signup", "account_already_exists", "password_reset_key", "sign_in_link"} <= kinds
    for mail in Mail.objects.all():
        assert "alias.example" not in mail.text + mail.html, mail.kind
        assert "http://testserver/accounts/" in mail.text, mail.kind


def test_no_link_of_an_account_mail_keeps_the_host_of_a_call(db):
    """Of every kind, whatever the library puts in."""
    links = dict.fromkeys(
        ("activate_url", "password_reset_url", "signup_url", "link_url"), "http://evil.example/a/?b=c"
    )
    for kind in account_kinds():
        mail = get_adapter().render_mail(f"account/email/{kind}", "kim@example.com", {**links, "email": "kim"})
        assert "evil.example" not in str(mail.body), kind
