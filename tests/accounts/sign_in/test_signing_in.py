"""Signing up and in."""

import datetime as dt
import re

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.test import Client

from accounts.models import SignIn, User
from moments.security import encryption
from outbox.models import Mail
from tests import make


def sign_up(client, email="kim@example.com", **fields):
    return client.post("/accounts/signup/", {"name": "Kim", "email": email, "password1": make.PASSWORD, **fields})


def link_in(mail: Mail) -> str:
    return re.search(r"http://testserver(\S+)", mail.text).group(1)


def test_an_address_is_confirmed_before_it_can_be_used(client, db):
    sign_up(client)

    assert not EmailAddress.objects.get(email="kim@example.com").verified
    client.post("/accounts/login/", {"login": "kim@example.com", "password": make.PASSWORD})
    assert client.get("/my/rewards/").status_code == 302

    client.post(link_in(Mail.objects.order_by("pk").first()))
    assert EmailAddress.objects.get(email="kim@example.com").verified
    client.post("/accounts/login/", {"login": "Kim@Example.com", "password": make.PASSWORD})
    assert client.get("/my/rewards/").status_code == 200


def test_looking_at_the_link_confirms_nothing(client, db):
    sign_up(client)

    client.get(link_in(Mail.objects.get()))

    assert not EmailAddress.objects.get(email="kim@example.com").verified


def test_looking_at_the_link_shows_a_masked_address_and_signs_nobody_out(client, db):
    sign_up(client)
    other = Client()
    other.post("/accounts/login/", {"login": make.user().email, "password": make.PASSWORD})

    page = other.get(link_in(Mail.objects.get())).text

    assert "k…@e….com" in page and "kim@example.com" not in page
    assert other.get("/my/rewards/").status_code == 200, "still the one who was signed in"


def test_continue_in_another_browser_signs_in_there_and_drops_the_password_of_who_knows_whom(client, db):
    sign_up(client)
    other, link = Client(), link_in(Mail.objects.get())

    other.post(link)

    kim = User.objects.get(email="kim@example.com")
    assert other.get("/my/rewards/").status_code == 200 and not kim.has_usable_password()
    assert client.get("/my/rewards/").status_code == 302, "never the browser that asked"
    assert Client().post(link).status_code == 404, "it works once"


def test_continue_where_the_account_was_created_keeps_its_password(client, db):
    sign_up(client)

    client.post(link_in(Mail.objects.get()))

    assert client.get("/my/rewards/").status_code == 200
    assert User.objects.get().check_password(make.PASSWORD)


def test_a_second_factor_is_asked_for_after_the_link(client, db):
    sign_up(client)
    link = link_in(Mail.objects.get())
    Authenticator.objects.create(
        user=User.objects.get(), type="totp", data={"secret": encryption.encrypt("A" * 16, purpose="second factor")}
    )
    other = Client()

    answer = other.post(link)

    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert other.get("/my/rewards/").status_code == 302


def test_confirming_a_further_address_signs_nobody_in(db):
    """Whoever mistyped it has not given their account away."""
    owner = Client()
    owner.post("/accounts/login/", {"login": make.user().email, "password": make.PASSWORD})
    owner.post("/accounts/email/", {"action_add": "", "email": "further@example.com"})
    other = Client()

    other.post(link_in(Mail.objects.get(kind="email_confirmation")))

    assert EmailAddress.objects.get(email="further@example.com").verified
    assert other.get("/my/rewards/").status_code == 302


def fail(times: int, email: str, **place) -> None:
    for _try in range(times):
        Client(**place).post("/accounts/login/", {"login": email, "password": "wrong"})


def test_wrong_passwords_from_elsewhere_do_not_lock_the_owner_out(db):
    user = make.user()
    fail(9, user.email, REMOTE_ADDR="203.0.113.5")

    here = Client(REMOTE_ADDR="198.51.100.7")
    here.post("/accounts/login/", {"login": user.email, "password": make.PASSWORD})
    there = Client(REMOTE_ADDR="203.0.113.5")
    there.post("/accounts/login/", {"login": user.email, "password": make.PASSWORD})

    assert here.get("/my/rewards/").status_code == 200
    assert there.get("/my/rewards/").status_code == 302, "the control: from where they came it is locked"


@pytest.mark.slow
def test_guessing_one_account_from_many_addresses_is_stopped_and_its_owner_comes_in_by_mail(db):
    user = make.user()
    for number in range(31):
        fail(1, user.email, REMOTE_ADDR=f"203.0.113.{number}")
    assert user.sign_ins.filter(outcome="failed").count() == 10, "passwords that were tried"
    owner = Client(REMOTE_ADDR="198.51.100.7")

    answer = owner.post("/accounts/login/", {"login": user.email, "password": make.PASSWORD})
    assert owner.get("/my/rewards/").status_code == 302
    assert "Too many failed login attempts" in answer.text and 'formaction="/accounts/link/"' in answer.text
    owner.post("/accounts/link/", {"login": user.email})
    text = Mail.objects.get(kind="sign_in_link").text
    owner.post(re.search(r"http://testserver(/accounts/link/\S+)", text).group(1))

    assert owner.get("/my/rewards/").status_code == 200


def guesses_that_count(email: str, now: dt.datetime, *, every: dt.timedelta, lasting: dt.timedelta, **place) -> int:
    """How many passwords somebody tests who tries so often, for so long."""
    for number in range(lasting // every):
        with time_machine.travel(now + number * every, tick=False):
            fail(1, email, **place)
    return SignIn.objects.filter(user__email=email, outcome="failed").count()


@pytest.mark.slow
def test_the_wait_after_wrong_passwords_grows_from_a_minute_to_an_hour(db, now):
    user, place = make.user(), {"REMOTE_ADDR": "203.0.113.5"}
    with time_machine.travel(now, tick=False):
        fail(5, user.email, **place)

    at = now
    for number, minutes in enumerate([1, 2, 4, 8, 16, 32, 60, 60, 60]):
        for seconds, tested in ((-1, 5 + number), (0, 6 + number)):
            with time_machine.travel(at + dt.timedelta(minutes=minutes, seconds=seconds), tick=False):
                fail(1, user.email, **place)
            assert user.sign_ins.filter(outcome="failed").count() == tested, minutes
        at += dt.timedelta(minutes=minutes)


@pytest.mark.slow
def test_attempts_during_the_wait_do_not_prolong_it_and_the_page_says_how_long_it_is(db, now):
    user, place = make.user(), {"REMOTE_ADDR": "203.0.113.5"}
    right = {"login": user.email, "password": make.PASSWORD}
    with time_machine.travel(now, tick=False) as clock:
        fail(6, user.email, **place)
        clock.shift(dt.timedelta(seconds=61))
        fail(1, user.email, **place)
        clock.shift(dt.timedelta(seconds=30))
        fail(9, user.email, **place)
        early = Client(**place)
        assert "Wait 2 min, or" in early.post("/accounts/login/", right).text
        assert early.get("/my/rewards/").status_code == 302
        clock.shift(dt.timedelta(seconds=90))
        late = Client(**place)
        late.post("/accounts/login/", right)
        assert late.get("/my/rewards/").status_code == 200
        fail(2, user.email, **place)
        again = Client(**place)
        again.post("/accounts/login/", right)
        assert again.get("/my/rewards/").status_code == 200, "a sign-in clears what was before"


def test_the_owner_comes_in_by_mail_from_the_address_that_is_locked(db):
    user, place = make.user(), {"REMOTE_ADDR": "203.0.113.5"}
    fail(9, user.email, **place)
    owner = Client(**place)
    page = owner.post("/accounts/login/?next=/my/orders/", {"login": user.email, "password": make.PASSWORD})
    assert page.status_code == 429 and owner.get("/my/rewards/").status_code == 302
    sent = dict(re.findall(r'<input type="hidden" name="(login|next)" value="([^"]*)">', page.text))
    assert sent == {"login": user.email, "next": "/my/orders/"} and 'action="/accounts/link/"' in page.text

    owner.post("/accounts/link/", sent)
    answer = owner.post(link_in(Mail.objects.get(kind="sign_in_link")))

    assert answer["Location"] == "/my/orders/" and owner.get("/my/rewards/").status_code == 200


@pytest.mark.slow
def test_one_address_alone_never_uses_up_the_guesses_of_an_account(db, now):
    """So that a neighbor cannot keep the owner from signing in with the password elsewhere."""
    user = make.user()
    every, lasting = dt.timedelta(seconds=30), dt.timedelta(minutes=20)

    tested = guesses_that_count(user.email, now, every=every, lasting=lasting, REMOTE_ADDR="203.0.113.5")

    assert tested == 9
    with time_machine.travel(now + lasting, tick=False):
        owner = Client(REMOTE_ADDR="198.51.100.7")
        owner.post("/accounts/login/", {"login": user.email, "password": make.PASSWORD})
        assert owner.get("/my/rewards/").status_code == 200


@pytest.mark.slow
def test_guesses_of_one_account_are_bounded_for_a_day_too(db, now):
    user = make.user()
    for round_of_ten in range(8):
        with time_machine.travel(now + round_of_ten * dt.timedelta(minutes=16), tick=False):
            for number in range(12):
                fail(1, user.email, REMOTE_ADDR=f"203.0.{round_of_ten}.{number}")

    assert user.sign_ins.filter(outcome="failed").count() == 50


def test_three_reset_mails_an_hour_reach_one_address(db):
    user = make.user()
    for number in range(6):
        Client(REMOTE_ADDR=f"203.0.113.{number}").post("/accounts/password/reset/", {"email": user.email})

    assert Mail.objects.filter(kind="password_reset_key").count() == 3


def test_known_and_unknown_addresses_are_answered_alike(client, db):
    known = make.user("known@example.com")

    answers = [sign_up(client, email) for email in (known.email, "unknown@example.com")]

    assert answers[0].status_code == answers[1].status_code == 302
    assert answers[0]["Location"] == answers[1]["Location"]
    assert User.objects.filter(email="known@example.com").count() == 1


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "at least 12 characters"),
        ("740185296314", "entirely numeric"),
        ("kim@example.com", "too similar"),
        *((each, "Many people have this password") for each in ("password1234", "Password2026!", "qwertyqwerty1")),
        *((each, "Many people have this password") for each in ("p@ssw0rdp@ssw0rd", "!!!DragonDragon99")),
    ],
)
def test_weak_passwords_are_refused_with_a_reason_and_the_rest_is_kept(client, db, password, why):
    answer = sign_up(client, password1=password)

    assert answer.status_code == 200 and why in answer.text
    assert 'value="kim@example.com"' in answer.text and 'value="Kim"' in answer.text
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    "password", ["correct horse battery staple", "Tr0ub4dor&3xkcd", "山田太郎の長い秘密の言葉", "x9$kQ2!vLm0p"]
)
def test_good_passwords_are_taken(client, db, password):
    sign_up(client, password1=password)

    assert User.objects.get().check_password(password)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "\t//evil.example",
    ],
)
def test_signing_in_never_leads_to_another_host(client, db, target):
    user = make.user()

    answer = client.post("/accounts/login/", {"login": user.email, "password": make.PASSWORD, "next": target})

    assert answer.status_code == 302
    assert answer["Location"].startswith("/") and not answer["Location"].startswith(("//", "/\\"))


def test_guessing_is_stopped_by_the_tenth_try(client, db, settings):
    user = make.user()

    for _try in range(10):
        client.post("/accounts/login/", {"login": user.email, "password": "wrong"})
    client.post("/accounts/login/", {"login": user.email, "password": make.PASSWORD})

    assert client.get("/my/rewards/").status_code == 302


def test_an_address_that_is_too_long_is_refused(client, db):
    long = f"x@{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 40}.com"

    assert sign_up(client, long).status_code == 200
    assert User.objects.count() == 0


@pytest.mark.slow
def test_signing_in_needs_no_redis(client, db, settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock?db=0"
    user = make.user()

    for _try in range(10):
        client.post("/accounts/login/", {"login": user.email, "password": "wrong"})
    locked = client.post("/accounts/login/", {"login": user.email, "password": make.PASSWORD})
    elsewhere = {"REMOTE_ADDR": "203.0.113.5"}
    fine = client.post("/accounts/login/", {"login": make.user().email, "password": make.PASSWORD}, **elsewhere)

    assert (locked.status_code, fine.status_code) == (429, 302)


def test_attempts_are_counted_under_one_address_however_it_is_written(client, db):
    make.user("kim@example.com")

    for typed in ("kim@example.com", "Kim@Example.com", " KIM@EXAMPLE.COM"):
        client.post("/accounts/login/", {"login": typed, "password": "wrong"})

    attempt = AccessAttempt.objects.get()
    assert (attempt.username, attempt.failures_since_start) == ("kim@example.com", 3)
