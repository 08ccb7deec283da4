"""A live installation is never the demo, and keys that are missing are noticed."""

import contextlib

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from accounts.models import User
from moments.devserver.generated_secrets import chosen_keys, ensure_secrets
from moments.errors import RuleViolation
from moments.installation import demo_mode
from moments.installation.demo_guard import close_demo_accounts, mark_demo, mark_live, why_it_may_not_start
from moments.installation.demo_mode import DatabaseUse, decide
from moments.installation.startup_checks import check_installation, refuse_to_serve
from moments.models import DemoMark, KeyFingerprint
from moments.security.key_fingerprints import key_problems, record_keys, retire_key
from operations.demo import load_demo
from tests import make

HERE = {"MOMENTS_BASE_URL": "http://localhost:8000", "HOST": "localhost"}
FRESH, DEMOS, USED = DatabaseUse(), DatabaseUse(has_demo_mark=True, has_accounts=True), DatabaseUse(has_accounts=True)

LIVE = DatabaseUse(has_live_mark=True)  # before its first account


@pytest.mark.parametrize(
    ("changes", "use", "is_demo"),
    [
        ({}, FRESH, True),
        ({}, DEMOS, True),
        ({}, USED, False),
        ({}, LIVE, False),
        ({"SMTP_URL": "smtp://mail.example.com"}, LIVE, False),
        ({"MOMENTS_DEMO": "1"}, LIVE, True),  # the start refuses it then
        ({"MOMENTS_BASE_URL": "http://127.8.9.1:80"}, FRESH, True),
        ({"MOMENTS_BASE_URL": "http://[::1]:80"}, FRESH, True),
        ({"MOMENTS_BASE_URL": "https://moments.example.com"}, DEMOS, False),
        ({"MOMENTS_BASE_URL": "http://localhost.example.com"}, FRESH, False),
        ({"HOST": "0.0.0.0"}, FRESH, False),
        ({"SMTP_URL": "smtp://mail.example.com"}, FRESH, False),
        ({"SMTP_URL": "smtp://mail.example.com"}, DEMOS, True),
        ({"STRIPE_SECRET_KEY": "sk_live_1"}, DEMOS, False),
        ({"STRIPE_SECRET_KEY": "sk_test_1"}, FRESH, True),
        ({"DATABASE_URL": "postgres://db/moments"}, FRESH, False),
        ({"DATABASE_URL": "postgres://db/moments"}, DEMOS, True),
        ({"MOMENTS_DEMO": "0"}, DEMOS, False),
        ({"MOMENTS_DEMO": "1"}, USED, True),  # the start refuses it then
    ],
)
def test_a_setting_that_is_forgotten_never_makes_a_live_installation_the_demo(changes, use, is_demo):
    decision = decide({**HERE, **changes}, use, has_demo_files=False)

    assert decision.is_demo == is_demo and decision.reason


@pytest.mark.parametrize(
    ("url", "host"), [("https://moments.example.com", "localhost"), ("http://localhost", "0.0.0.0")]
)
def test_the_demo_is_refused_where_others_can_reach_it(url, host):
    assert "this machine" in demo_mode.why_not_demo(url, host)
    assert demo_mode.why_not_demo("http://localhost:8000", "127.0.0.1") == ""


@pytest.fixture
def demo(settings):
    settings.DEMO, settings.BASE_URL = True, "http://localhost:8000"


@pytest.mark.parametrize("changes", [{"DEMO": False}, {"BASE_URL": "https://moments.example.com"}, {"HOST": "0.0.0.0"}])
def test_known_passwords_are_created_nowhere_but_in_the_demo(db, now, demo, settings, tmp_path, changes):
    for name, value in changes.items():
        setattr(settings, name, value)

    with pytest.raises(RuleViolation, match="demo"):
        load_demo(now=now, data_dir=tmp_path)
    with pytest.raises(CommandError):
        call_command("demo")

    assert not User.objects.exists() and not DemoMark.objects.exists()


def test_the_demo_refuses_a_database_that_somebody_else_has_used(demo, now, tmp_path):
    make.customer()

    with pytest.raises(RuleViolation, match="1 account that the demo did not make"):
        load_demo(now=now, data_dir=tmp_path)

    assert User.objects.count() == 1 and not DemoMark.objects.exists()


def test_the_demo_refuses_a_database_that_was_live_before_its_first_account(db, demo, settings, now, tmp_path):
    settings.DEMO = False
    mark_live(now=now)
    mark_live(now=now)
    assert why_it_may_not_start() == ""
    settings.DEMO = True

    with pytest.raises(RuleViolation, match="A live installation has used this database"):
        load_demo(now=now, data_dir=tmp_path)
    with pytest.raises(ImproperlyConfigured, match="A live installation has used this database"):
        refuse_to_serve()

    assert not User.objects.exists() and not DemoMark.objects.exists()


def test_the_demo_takes_up_a_database_that_only_it_has_used(db, demo, now):
    User.objects.create_user("ada@example.com", demo_mode.PASSWORD)

    mark_demo(now=now)
    make.customer()

    assert why_it_may_not_start() == ""


def test_a_live_start_refuses_the_demos_database_and_its_accounts(db, demo, settings, now):
    mark_demo(now=now)
    settings.DEMO = False

    assert "known passwords" in why_it_may_not_start()
    with pytest.raises(ImproperlyConfigured, match="known passwords"):
        refuse_to_serve()
    assert [problem.id for problem in check_installation(None)] == ["moments.E001"]


def test_a_live_start_refuses_an_account_with_the_demos_password_until_it_is_closed(db):
    staff = User.objects.create_superuser("staff@example.com", demo_mode.PASSWORD)
    other = User.objects.create_user("kim@example.com", make.PASSWORD)
    assert "staff@example.com" in why_it_may_not_start() and "kim@example.com" not in why_it_may_not_start()

    assert close_demo_accounts() == ["staff@example.com"]

    staff.refresh_from_db()
    other.refresh_from_db()
    assert (staff.is_staff, staff.is_active, staff.has_usable_password()) == (False, False, False)
    assert other.is_active and why_it_may_not_start() == ""


@pytest.mark.parametrize("missing", ["DEMO", "BASE_URL", "mark"])
def test_the_mailbox_is_there_only_where_all_of_the_demos_conditions_hold(client, db, demo, settings, now, missing):
    mark_demo(now=now)
    assert client.get("/mailbox/").status_code == 200

    if missing == "mark":
        DemoMark.objects.all().delete()
    else:
        setattr(settings, missing, {"DEMO": False, "BASE_URL": "https://moments.example.com"}[missing])

    assert client.get("/mailbox/").status_code == 404


# Keys


OLD, NEW = "o" * 60, "n" * 60


@pytest.fixture
def written(db, settings, now):
    """With one key of each kind."""
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS, settings.TOKEN_KEYS = OLD, [], {1: OLD}
    record_keys(now=now)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SECRET_KEY": NEW}, "MOMENTS_SECRET_KEY_FALLBACKS"),
        ({"TOKEN_KEYS": {1: NEW}}, "Version 1 of MOMENTS_TOKEN_KEYS differs"),
        ({"TOKEN_KEYS": {2: NEW}}, "Version 1 of MOMENTS_TOKEN_KEYS is missing"),
    ],
)
def test_a_start_whose_keys_are_not_those_of_the_database_says_which_is_missing(written, settings, now, changes, words):
    for name, value in changes.items():
        setattr(settings, name, value)

    with pytest.raises(RuleViolation, match=words) as refused:
        record_keys(now=now)
    with pytest.raises(ImproperlyConfigured, match=words):
        refuse_to_serve()

    assert words in check_installation(None)[0].msg and OLD not in refused.value.message
    assert KeyFingerprint.objects.count() == 2
    with pytest.raises(CommandError, match=words):
        call_command("reconcile")


def test_a_new_key_with_the_old_one_beside_it_is_accepted_and_kept(written, settings, now):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS, settings.TOKEN_KEYS = NEW, [OLD], {1: OLD, 2: NEW}

    record_keys(now=now)
    record_keys(now=now)

    assert KeyFingerprint.objects.count() == 4 and key_problems() == []
    settings.SECRET_KEY_FALLBACKS = []
    assert len(key_problems()) == 1


def test_a_key_that_is_retired_is_no_longer_asked_for(written, settings, now):
    digest = KeyFingerprint.objects.get(name="MOMENTS_SECRET_KEY").digest
    with pytest.raises(RuleViolation, match="Remove it there first"):
        retire_key(digest[:8], now=now)
    settings.SECRET_KEY = NEW

    retire_key(digest[:8], now=now)

    assert key_problems() == []


def test_monitors_hear_of_missing_keys(written, client, settings):
    settings.SECRET_KEY = NEW

    assert "keys_differ" in client.get("/statusz").json()["alarms"]


def test_keys_of_the_environment_and_of_the_file_are_never_mixed(tmp_path):
    ensure_secrets(tmp_path)
    given = {"MOMENTS_SECRET_KEY": OLD, "MOMENTS_TOKEN_KEYS": f"1:{OLD}"}

    assert chosen_keys(tmp_path, given) == given
    assert set(chosen_keys(tmp_path, {})) == set(given) and OLD not in chosen_keys(tmp_path, {}).values()
    for name in given:
        with pytest.raises(ImproperlyConfigured, match="Set both, or neither"):
            chosen_keys(tmp_path, {name: given[name]})


def test_no_new_keys_are_made_for_a_database_that_was_written_with_others(tmp_path):
    with pytest.raises(ImproperlyConfigured, match="Restore that file"):
        ensure_secrets(tmp_path, may_make=False)

    with contextlib.suppress(FileNotFoundError):
        raise AssertionError((tmp_path / "secrets.json").read_text())


def test_a_second_factor_whose_key_is_missing_says_so_and_is_no_500(client, db, settings):
    from allauth.account.models import EmailAddress
    from allauth.mfa.totp.internal.auth import TOTP

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    user = make.customer()
    EmailAddress.objects.update_or_create(user=user, defaults={"email": user.email, "verified": True, "primary": True})
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    settings.SECRET_KEY = NEW
    client.raise_request_exception = False
    client.post("/accounts/login/", {"login": user.email, "password": make.PASSWORD})

    answer = client.post("/accounts/2fa/authenticate/", {"code": "123456"})

    assert answer.status_code == 503
