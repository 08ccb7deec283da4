"""What `check --deploy` refuses, what a first command says, and what HTTPS promises."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import uuid

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import Client

from moments.devserver.embedded import leave_link
from moments.installation.setting_checks import setting_problems
from tests.stack import ROOT, free_port

PAIR = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_PUBLISHABLE_KEY": "pk_test_1"}


@pytest.fixture
def sound(settings, monkeypatch):
    """Settings that nothing is wrong with; whatever the environment of the tests has."""
    names = ["SMTP_URL", "STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY", "AMAZON_PARTNER_ID", "AMAZON_ACCESS_KEY"]
    for name in [*names, "AMAZON_SECRET_KEY"]:
        setattr(settings, name, "")
    return settings


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"SMTP_URL": "foo://x"}, "its scheme is 'foo'"),
        ({"SMTP_URL": "mail.example.com:587"}, "its scheme is 'mail.example.com'"),
        ({"SMTP_URL": "smtp://"}, "it names no host"),
        ({"SMTP_URL": "smtp://mail.example.com:port"}, "this is no URL"),
        ({"TRUSTED_PROXIES": ["10.0.0.7", "nginx"]}, "TRUSTED_PROXIES has 'nginx'"),
        ({"TRUSTED_PROXIES": ["10.0.0.0/40"]}, "TRUSTED_PROXIES has '10.0.0.0/40'"),
        ({"STRIPE_SECRET_KEY": "sk_test_1"}, "STRIPE_SECRET_KEY is set without STRIPE_PUBLISHABLE_KEY"),
        ({"STRIPE_PUBLISHABLE_KEY": "pk_test_1"}, "STRIPE_PUBLISHABLE_KEY is set without STRIPE_SECRET_KEY"),
        ({**PAIR, "STRIPE_SECRET_KEY": "sk_live_1"}, "one is live, the other a test key"),
        ({**PAIR, "STRIPE_SECRET_KEY": "rk_live_1"}, "one is live, the other a test key"),
        ({"AMAZON_PARTNER_ID": "Moments"}, "is set without AMAZON_ACCESS_KEY and AMAZON_SECRET_KEY"),
        ({"STRIPE_API_BASE": "http://stripe.example.com"}, "STRIPE_API_BASE is 'http://stripe.example.com'"),
        ({"OPERATOR_EMAIL": "operators"}, "MOMENTS_OPERATOR_EMAIL is 'operators'"),
    ],
)
def test_the_check_before_a_deployment_refuses_settings_that_cannot_work(sound, db, changes, shown):
    for name, value in changes.items():
        setattr(sound, name, value)

    assert [shown in problem for problem in setting_problems()] == [True]
    with pytest.raises(SystemCheckError, match="moments.E002"):
        call_command("check", deploy=True)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"SMTP_URL": "smtp://user:password@mail.example.com:587?tls=1"},
        {"SMTP_URL": "smtps://mail.example.com:465"},
        {"TRUSTED_PROXIES": ["10.0.0.7", "10.0.0.0/8", "10.0.0.1/8", "2001:db8::/32", "::1"]},
        PAIR,
        {"STRIPE_SECRET_KEY": "rk_live_1", "STRIPE_PUBLISHABLE_KEY": "pk_live_1"},
        {"STRIPE_API_BASE": "http://127.0.0.1:12111"},
    ],
)
def test_settings_that_can_work_are_not_refused(sound, changes):
    for name, value in changes.items():
        setattr(sound, name, value)

    assert setting_problems() == []


def test_half_of_a_provider_to_sign_in_with_is_refused(sound, monkeypatch):
    monkeypatch.setenv("MOMENTS_OIDC_ISSUER", "https://login.example.com")

    (problem,) = setting_problems()

    assert "MOMENTS_OIDC_ISSUER is set without MOMENTS_OIDC_CLIENT_ID and MOMENTS_OIDC_SECRET" in problem


# HTTPS


def settings_with(**environment: str) -> dict:
    """What the settings come to in a process of their own."""
    names = ["SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD", "SECURE_SSL_HOST"]
    code = f"import json, moments.settings as s; print(json.dumps([getattr(s, name) for name in {names}]))"
    keys = {"MOMENTS_SECRET_KEY": "s" * 50, "MOMENTS_TOKEN_KEYS": "1:" + "t" * 50, "MOMENTS_ENV_FILE": os.devnull}
    given = {"PATH": os.environ["PATH"], "MOMENTS_BASE_URL": "https://moments.example:8443", **keys, **environment}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=given, capture_output=True, text=True, check=True)
    return dict(zip(names, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize(
    ("given", "subdomains", "preload"),
    [
        ({}, True, True),
        ({"MOMENTS_HSTS_PRELOAD": "0"}, True, False),
        ({"MOMENTS_HSTS_SUBDOMAINS": "0"}, False, False),
    ],
)
def test_what_browsers_are_told_of_https_can_be_switched(given, subdomains, preload):
    found = settings_with(**given)

    assert found["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is subdomains and found["SECURE_HSTS_PRELOAD"] is preload
    assert found["SECURE_SSL_HOST"] == "moments.example:8443"


@pytest.mark.parametrize("subdomains", [True, False])
def test_pages_and_the_api_say_the_same_of_https(db, settings, subdomains):
    settings.IS_HTTPS, settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_PRELOAD = True, 31_536_000, False
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = subdomains

    said = {Client().get(path, secure=True)["Strict-Transport-Security"] for path in ("/accounts/login/", "/healthz")}

    assert said == {"max-age=31536000; includeSubDomains" if subdomains else "max-age=31536000"}


def test_the_redirect_to_https_does_not_keep_the_port_of_the_plain_request(settings):
    settings.ALLOWED_HOSTS, settings.HOSTS = ["moments.example"], frozenset({("moments.example", "81")})
    settings.SECURE_SSL_REDIRECT, settings.SECURE_SSL_HOST = True, "moments.example"

    answer = Client().get("/accounts/login/?next=/my/", HTTP_HOST="moments.example:81")

    assert (answer.status_code, answer["Location"]) == (301, "https://moments.example/accounts/login/?next=/my/")


# Before the first start


@pytest.fixture
def empty_database():
    """Nobody has migrated it."""
    owner = os.environ["DATABASE_OWNER_URL"]
    name = f"empty_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(owner, autocommit=True) as database:
        database.execute(f"CREATE DATABASE {name}")
    yield owner.rpartition("/")[0] + f"/{name}"
    with psycopg.connect(owner, autocommit=True) as database:
        database.execute(f"DROP DATABASE {name}")


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return run("manage.py", *arguments, **environment)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    given = {"PATH": os.environ["PATH"], "MOMENTS_ENV_FILE": os.devnull, **environment}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False, timeout=60)


def place(folder: pathlib.Path) -> dict[str, str]:
    return {"MOMENTS_DATA_DIR": str(folder), "PORT": str(free_port()), "MOMENTS_DEMO": "0"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [["createsuperuser", "--email", "a@example.com", "--noinput"], ["make_campaign"], ["sweep_outbox"]]
)
def test_a_command_before_the_first_migration_ends_with_a_sentence(empty_database, tmp_path, command):
    done = manage(*command, DATABASE_URL=empty_database, MOMENTS_DATA_DIR=str(tmp_path))

    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1] == (
        "The database has not been migrated. Start `make run`, or run `manage.py migrate`."
    )


@pytest.fixture
def earlier_database(empty_database):
    """As an earlier version left it, as far as Django's record of migrations."""
    with psycopg.connect(empty_database) as database:
        database.execute("CREATE TABLE django_migrations (id serial, app text, name text, applied timestamptz)")
        for app, name in [("accounts", "0001_initial"), ("accounts", "0003_cache"), ("rewards", "0002_issue")]:
            database.execute("INSERT INTO django_migrations VALUES (DEFAULT, %s, %s, now())", [app, name])
    return empty_database


def content_of(database: str) -> tuple[list, list]:
    with psycopg.connect(database) as connected:
        tables = connected.execute("SELECT relname FROM pg_stat_user_tables").fetchall()
        return tables, connected.execute("SELECT * FROM django_migrations ORDER BY id").fetchall()


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [["manage.py", "prepare"], ["manage.py", "migrate"], ["-m", "moments.devserver.launcher"]]
)
def test_a_database_of_an_earlier_version_is_refused_and_left_alone(earlier_database, tmp_path, command):
    before = content_of(earlier_database)

    done = run(*command, DATABASE_URL=earlier_database, REDIS_URL=os.environ["REDIS_URL"], **place(tmp_path))

    said = done.stdout + done.stderr
    assert done.returncode == 1 and "Traceback" not in said, said
    assert "An earlier version of Moments made this database" in said and "`make reset`" in said
    assert content_of(earlier_database) == before


@pytest.mark.slow
def test_a_command_without_servers_ends_with_a_sentence(tmp_path):
    done = manage("createsuperuser", DATABASE_URL="postgres://127.0.0.1:1/moments", MOMENTS_DATA_DIR=str(tmp_path))

    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stderr.startswith("No PostgreSQL answers")


def test_a_command_with_a_setting_that_cannot_be_read_ends_with_a_sentence(tmp_path):
    done = manage("createsuperuser", MOMENTS_DEBUG="maybe", MOMENTS_DATA_DIR=str(tmp_path))

    assert (done.returncode, done.stderr) == (1, "MOMENTS_DEBUG is 'maybe'; it takes 1 or 0.\n")


# make reset


def reset(folder, answer: str = "", *arguments: str) -> subprocess.CompletedProcess:
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "var").mkdir(exist_ok=True)
    (folder / "var" / "secrets.json").write_text("{}")
    command = ["make", "--no-print-directory", "reset", *arguments]
    return subprocess.run(command, cwd=folder, input=answer, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("answer", "arguments", "is_kept"),
    [("", (), True), ("no\n", (), True), ("y\n", (), True), ("yes\n", (), False), ("", ("YES=1",), False)],
)
def test_make_reset_asks_before_it_deletes(tmp_path, answer, arguments, is_kept):
    done = reset(tmp_path, answer, *arguments)

    assert (tmp_path / "var" / "secrets.json").exists() is is_kept
    assert (done.returncode != 0) is is_kept
    assert f"This deletes {tmp_path}/var for good: the database, uploaded pictures, and the keys" in done.stdout
    assert ("Nothing was deleted." in done.stdout) is is_kept


def test_make_reset_deletes_a_database_that_lies_elsewhere(tmp_path):
    """Run by root, PostgreSQL's own user may not reach the checkout."""
    elsewhere, checkout = tmp_path / "elsewhere", tmp_path / "checkout"
    for folder in (elsewhere, checkout / "var"):
        folder.mkdir(parents=True)
    leave_link(checkout / "var" / "postgres", to=elsewhere)

    assert reset(checkout, "no\n").returncode != 0 and elsewhere.exists()
    assert reset(checkout, "yes\n").returncode == 0 and not elsewhere.exists()


def test_make_reset_says_that_there_is_nothing_to_delete(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)

    done = subprocess.run(["make", "reset"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0 and "There is nothing to delete" in done.stdout
