"""The installation itself: health, errors, headers, files, settings."""

import os
import pathlib
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from moments import money
from moments.errors import RuleViolation
from moments.i18n.datetimes import display_expiry, display_instant
from moments.security.log_redaction import redact_secrets
from tests import make

ROOT = pathlib.Path(__file__).resolve().parents[3]


def test_healthz_touches_nothing(client):
    """No database mark on this test: a query would fail it."""
    answer = client.get("/healthz")

    assert (answer.status_code, answer.text) == (200, "ok")


def test_readyz_sees_the_database_and_its_migrations(client, db, monkeypatch):
    assert client.get("/readyz").status_code == 200

    monkeypatch.setattr("moments.web.health.missing_migrations", lambda: 2)
    assert client.get("/readyz").status_code == 503


@pytest.mark.slow
def test_every_page_carries_the_headers(client, db):
    answer = client.get("/")

    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy and "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["X-Frame-Options"] == "DENY"


def test_pages_have_no_inline_script_or_style(client, db):
    for path in ("/", "/accounts/login/", "/accounts/signup/"):
        text = client.get(path).text
        assert "style=" not in text and "<style" not in text and "onclick" not in text
        assert "<script>" not in text


@pytest.mark.parametrize(
    "path", ["/nothing", "/console/nothing/", "/r/", "/%00", "/media/../settings.py", "/media/x.svg"]
)
def test_what_is_not_there_is_a_plain_page(client, db, path):
    answer = client.get(path)

    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


def test_a_fault_is_a_plain_page_with_its_reference(db, monkeypatch):
    monkeypatch.setattr("moments.web.site_views.render", lambda *args: 1 / 0)

    answer = Client(raise_request_exception=False).get("/")

    assert answer.status_code == 500
    assert answer["X-Request-Id"] in answer.text
    assert "Traceback" not in answer.text and "ZeroDivision" not in answer.text


def test_a_lost_database_is_503_on_pages_and_api(db, monkeypatch):
    def lost(*args, **kwargs):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("moments.web.site_views.render", lost)
    monkeypatch.setattr("api.compatible.routes.admit", lost)
    client = Client(raise_request_exception=False)

    page = client.get("/")
    call = client.post("/prod/GetReward", "{}", content_type="application/json")

    assert (page.status_code, call.status_code) == (503, 503)
    assert page["Retry-After"] and call["Retry-After"]
    assert "links to rewards stay good" in page.text


def test_a_forged_form_is_refused_kindly(db):
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "x"})

    assert answer.status_code == 403
    assert "This form has expired" in answer.text


def test_pictures_are_served_as_pictures_and_nothing_else(client, db):
    name = default_storage.save("banners/x/3000.png", ContentFile(b"<script>alert(1)</script>"))

    answer = client.get(f"/media/{name}")

    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_no_migration_is_missing(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.slow
def test_django_has_nothing_against_going_live():
    environment = {
        "PATH": os.environ["PATH"],
        "MOMENTS_DATA_DIR": "/nonexistent",
        "MOMENTS_BASE_URL": "https://moments.example.com",
        "MOMENTS_SECRET_KEY": "k" * 20 + "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP",
        "MOMENTS_TOKEN_KEYS": "1:" + "t" * 40,
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "DATABASE_OWNER_URL": os.environ["DATABASE_OWNER_URL"],
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"MOMENTS_SECRET_KEY": ""}, "MOMENTS_SECRET_KEY"),
        ({"MOMENTS_TOKEN_KEYS": ""}, "MOMENTS_TOKEN_KEYS"),
        ({"MOMENTS_TOKEN_KEYS": "1:short"}, "32 characters"),
        ({"MOMENTS_DEMO": "perhaps"}, "takes 1 or 0"),
        ({"MOMENTS_DEMO": "1"}, "runs on this machine only"),
        ({"PORT": "http"}, "whole number"),
        ({"MOMENTS_DEMO": "1", "HOST": "0.0.0.0"}, "runs on this machine only"),
        ({"MOMENTS_DEBUG": "1"}, "leave it off"),
        ({"MOMENTS_WEBHOOK_LOOPBACK": "1"}, "MOMENTS_WEBHOOK_LOOPBACK lets members call servers of this machine"),
        ({"REDIS_URL": "redis://redis.example.com:6379/0"}, "no password"),
        ({"MOMENTS_SECRET_KEY_FALLBACKS": settings.DEVELOPMENT_KEY}, "before going live"),
        ({"MOMENTS_KEEP_UNCONFIRMED_DAYS": "0"}, "MOMENTS_KEEP_UNCONFIRMED_DAYS is 0"),
        ({"MOMENTS_KEEP_ADDRESSES_DAYS": "-1"}, "MOMENTS_KEEP_ADDRESSES_DAYS is -1"),
    ],
)
def test_it_refuses_to_start_with_nonsense(changes, words):
    environment = {
        "PATH": os.environ["PATH"],
        "MOMENTS_DATA_DIR": "/nonexistent",
        "MOMENTS_BASE_URL": "https://moments.example.com",
        "MOMENTS_SECRET_KEY": "k" * 60,
        "MOMENTS_TOKEN_KEYS": "1:" + "t" * 40,
        **changes,
    }

    done = subprocess.run(
        [sys.executable, "-c", "import moments.settings"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0 and words in done.stderr


def test_secrets_are_masked_in_logs():
    come_back = redact_secrets("GET /language/?next=%2Faccounts%2Flink%2FabcDEF123_-%2F&x=1")
    line = redact_secrets("GET /r/abcDEF123_-/ with mk_live_abc and /join/xyz/ and /accounts/confirm-email/key:1/")

    assert line == "GET /r/…/ with mk_live_… and /join/…/ and /accounts/confirm-email/…/"
    assert come_back == "GET /language/?next=%2Faccounts%2Flink%2F…&x=1"


@pytest.mark.parametrize(
    ("text", "currency", "cents"),
    [("27.5", "USD", 2750), ("$1,000", "USD", 100_000), ("1200", "JPY", 1200), ("0", "USD", 0)],
)
def test_amounts_are_read(text, currency, cents):
    assert money.parse(text, currency) == cents


@pytest.mark.parametrize(
    "text", ["", "x", "1.005", "NaN", "Infinity", "1e99", "1.5 JPY", "--1", "27,50", "1e999999", "1_0", "-1", "٣"]
)
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(RuleViolation):
        money.parse(text)


def test_instants_read_the_same_everywhere():
    import datetime as dt

    at = dt.datetime(2026, 11, 30, 23, 0, tzinfo=dt.UTC)

    assert display_instant(at, "Europe/Berlin") == "1 Dec 2026, 00:00 (Berlin)"
    assert display_expiry(at, "Europe/Berlin") == "30 Nov 2026, 23:59 (Berlin)"
    assert display_instant(None) == ""


def test_an_address_that_only_receives_a_form_says_so(console, campaign_of_member):
    answer = console.get(reverse("console:campaigns:duplicate", args=[campaign_of_member.pk]))

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "It only receives a form" in answer.content.decode()
    assert "default-src" in answer["Content-Security-Policy"] and answer["X-Content-Type-Options"] == "nosniff"


@pytest.fixture
def campaign_of_member(member):
    return make.campaign("draft", of=member)
