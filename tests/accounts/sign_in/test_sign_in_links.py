"""A link by mail that signs in: asked for, looked at, used once."""

import datetime as dt
import re

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import SignIn, SignInLink, User
from accounts.sign_in.sign_in_links import forget_old_links
from moments import clock
from moments.security.log_redaction import redact_secrets
from outbox.models import Mail
from tests import make
from tests.accounts.sign_in.test_security import set_up_app, sign_in

ASK = reverse("accounts:ask_link")
MINE = "/my/rewards/"


def ask(client, email: str, **fields):
    return client.post(ASK, {"login": email, **fields})


def newest_link() -> str:
    return re.search(r"http://testserver(/accounts/link/\S+)", Mail.objects.first().text).group(1)


def is_in(client) -> bool:
    return client.get(MINE).status_code == 200


def test_a_link_signs_in_once_in_any_browser_and_leads_back(client, customer):
    answer = ask(client, customer.email.upper(), next=MINE)
    assert answer["Location"].startswith(reverse("accounts:link_sent"))
    link, there, again = newest_link(), Client(), Client()
    assert customer.email in there.get(link).text

    entered = there.post(link)

    assert entered["Location"] == MINE and is_in(there)
    assert again.post(link).status_code == again.get(link).status_code == 410
    assert not is_in(again) and not is_in(client)
    assert SignIn.objects.get(user=customer).outcome == SignIn.Outcome.SUCCEEDED


def test_looking_at_a_link_uses_up_nothing(client, customer):
    ask(client, customer.email)
    link = newest_link()

    for method in ("get", "head", "get"):
        assert getattr(Client(), method)(link).status_code == 200

    assert SignInLink.objects.get().used_at is None
    assert client.post(link).status_code == 302 and is_in(client)


def test_a_link_is_good_for_a_quarter_of_an_hour(client, customer):
    now = clock.now()
    ask(client, customer.email)
    SignInLink.objects.update(expires_at=now)

    assert client.post(newest_link()).status_code == 410
    assert not is_in(client)
    ask(client, customer.email)
    life = SignInLink.objects.latest("pk").expires_at - SignInLink.objects.latest("pk").created_at
    assert life == dt.timedelta(minutes=15)


def test_a_known_and_an_unknown_address_are_answered_alike(customer):
    answers = []
    for email, place in ((customer.email, "203.0.113.5"), ("nobody@example.com", "203.0.113.6")):
        with CaptureQueriesContext(connection) as queries:
            answer = ask(Client(REMOTE_ADDR=place), email, next=MINE)
        verbs = [query["sql"].split()[0] for query in queries]
        answers.append((answer.status_code, answer["Location"], answer.content, verbs))

    assert answers[0] == answers[1]
    assert not User.objects.filter(email="nobody@example.com").exists()


def test_a_link_creates_the_account_of_an_address_that_has_none_in_any_browser_and_leads_back(client, db):
    ask(client, "New@example.com", next=MINE)
    mail, there = Mail.objects.get(), Client(headers={"accept-language": "de"})
    assert mail.subject == "Your link to sign in" and "There is no account with this address yet" in mail.text
    assert not User.objects.exists() and not EmailAddress.objects.exists()

    entered = there.post(newest_link())

    assert entered["Location"] == MINE and is_in(there) and not is_in(client)
    user = User.objects.get()
    assert (user.email, user.language, user.has_usable_password()) == ("new@example.com", "de", False)
    address = EmailAddress.objects.get()
    assert (address.user, address.email, address.verified, address.primary) == (user, user.email, True, True)
    assert SignIn.objects.get(user=user).outcome == SignIn.Outcome.SUCCEEDED
    again = Client()
    assert again.post(newest_link()).status_code == 410 and not is_in(again) and User.objects.count() == 1


def test_looking_at_a_strangers_link_creates_nothing_and_says_what_it_will_do(client, db):
    ask(client, "new@example.com")

    for method in ("head", "get", "get"):
        page = getattr(Client(), method)(newest_link())
        assert page.status_code == 200

    assert "There is no account with" in page.text and "new@example.com" in page.text
    assert not User.objects.exists() and SignInLink.objects.get().used_at is None


def test_a_strangers_link_that_is_too_old_creates_nothing(client, db):
    ask(client, "new@example.com")
    SignInLink.objects.update(expires_at=clock.now())

    assert client.post(newest_link()).status_code == 410
    assert not User.objects.exists() and not is_in(client)


def test_whoever_came_by_link_adds_a_password_afterwards(client, db):
    ask(client, "new@example.com")
    client.post(newest_link())
    password = "another battery horse"

    client.post("/accounts/password/set/", {"password1": password, "password2": password})

    assert User.objects.get().check_password(password)


def test_an_account_that_its_owner_created_meanwhile_is_the_one_signed_in_to(client, db):
    ask(client, "kim@example.com")
    kim = make.user("kim@example.com")
    assert "You sign in as" in client.get(newest_link()).text

    client.post(newest_link())

    assert client.session["_auth_user_id"] == str(kim.pk) and User.objects.count() == 1
    assert User.objects.get().check_password(make.PASSWORD)


def test_an_account_that_a_stranger_created_meanwhile_is_confirmed_and_their_password_dropped(client, db):
    ask(client, "kim@example.com", next=MINE)
    thief = User.objects.create_user("kim@example.com", make.PASSWORD)
    EmailAddress.objects.create(user=thief, email="kim@example.com", primary=True)

    client.post(newest_link())

    assert is_in(client) and EmailAddress.objects.get().verified
    other = Client()
    other.post("/accounts/login/", {"login": "kim@example.com", "password": make.PASSWORD})
    assert not is_in(other) and User.objects.count() == 1


def test_a_link_asked_for_while_its_account_was_erased_is_good_for_nothing(client, db):
    ask(client, "new@example.com")
    SignInLink.objects.update(email="")

    assert client.get(newest_link()).status_code == client.post(newest_link()).status_code == 410
    assert not User.objects.exists()


def test_what_is_typed_wrong_is_kept_and_told(client, db):
    for typed in ("kim", "", "kim@exam\u200bple.com", "kim@example.com\x00", "x" * 300 + "@example.com"):
        answer = ask(client, typed)
        assert answer.status_code == 200 and "errors" in answer.text
    assert 'value="kim"' in ask(client, "kim").text
    assert not Mail.objects.exists() and not SignInLink.objects.exists()


@pytest.mark.parametrize("is_known", [True, False])
def test_an_address_is_mailed_three_links_an_hour_and_then_answered_alike(customer, is_known):
    email = customer.email if is_known else "new@example.com"
    answers = [ask(Client(), email) for _try in range(5)]

    assert {answer["Location"] for answer in answers} == {reverse("accounts:link_sent")}
    assert Mail.objects.count() == SignInLink.objects.count() == 3
    an_hour = dt.timedelta(minutes=61)
    Mail.objects.update(created_at=F("created_at") - an_hour)  # counted there by the database's clock
    later = clock.now() + an_hour
    with time_machine.travel(later, tick=False):
        ask(Client(), email)
    assert Mail.objects.count() == 4


@pytest.mark.slow
def test_one_place_asks_for_thirty_links_a_minute(db):
    answers = [ask(Client(), f"kim{number}@example.com").status_code for number in range(31)]

    assert answers.count(302) == 30 and answers[-1] == 429
    assert Mail.objects.count() == 30


def test_the_second_factor_is_asked_for_all_the_same(member):
    set_up_app(sign_in(member.user))
    client = Client()
    ask(client, member.user.email, next=MINE)

    answer = client.post(newest_link())

    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert not is_in(client)


@pytest.mark.slow
def test_whoever_is_locked_out_by_guesses_of_another_gets_in(customer):
    for _try in range(10):
        Client().post("/accounts/login/", {"login": customer.email, "password": "wrong"})
    client = Client()
    client.post("/accounts/login/", {"login": customer.email, "password": make.PASSWORD})
    assert not is_in(client)

    ask(client, customer.email)
    client.post(newest_link())

    assert is_in(client)


def test_an_address_that_was_not_confirmed_is_confirmed_and_the_strangers_password_dropped(client, db):
    """Somebody may have signed up with the address of another and wait until they come."""
    thief = User.objects.create_user("kim@example.com", make.PASSWORD)
    EmailAddress.objects.create(user=thief, email="kim@example.com", primary=True)
    ask(client, "kim@example.com", next=MINE)

    client.post(newest_link())

    assert "no longer good" in client.get(MINE).text
    assert EmailAddress.objects.get().verified
    other = Client()
    other.post("/accounts/login/", {"login": "kim@example.com", "password": make.PASSWORD})
    assert not is_in(other)


def test_a_login_that_staff_changed_is_confirmed_by_its_link_and_keeps_its_password(client, customer):
    before = customer.email
    User.objects.filter(pk=customer.pk).update(email="new@example.com")
    ask(client, "new@example.com", next=MINE)

    assert client.post(newest_link())["Location"] == MINE

    assert is_in(client)
    addresses = EmailAddress.objects.filter(user=customer).values_list("email", "verified", "primary")
    assert sorted(addresses) == sorted([("new@example.com", True, True), (before, True, False)])
    assert User.objects.get(pk=customer.pk).check_password(make.PASSWORD)


def test_an_address_that_somebody_only_claims_is_not_theirs(client, customer):
    EmailAddress.objects.create(user=customer, email="victim@example.com")

    ask(client, "victim@example.com")

    assert SignInLink.objects.get().user is None
    client.post(newest_link())
    owner = User.objects.get(email="victim@example.com")
    assert owner != customer and client.session["_auth_user_id"] == str(owner.pk)
    assert not EmailAddress.objects.get(user=customer, email="victim@example.com").verified


def test_a_further_address_that_is_confirmed_signs_in_too(client, customer):
    EmailAddress.objects.create(user=customer, email="kim@work.example", verified=True)

    ask(client, "kim@work.example")
    client.post(newest_link())

    assert is_in(client)


def test_a_link_of_another_signs_the_first_one_out(client, customer):
    client.force_login(make.user())
    ask(Client(), customer.email)
    before = client.session.session_key

    client.post(newest_link())

    assert client.session["_auth_user_id"] == str(customer.pk)
    assert client.session.session_key != before


def test_the_session_is_a_new_one(client, customer):
    client.get("/accounts/login/")
    session = client.session
    session["mark"] = "kept"
    session.save()
    client.cookies["sessionid"] = session.session_key
    ask(client, customer.email)

    client.post(newest_link())

    assert client.session.session_key != session.session_key and client.session["mark"] == "kept"


def test_a_closed_account_stays_closed(client, customer):
    User.objects.filter(pk=customer.pk).update(is_active=False)
    ask(client, customer.email)

    client.post(newest_link())

    assert not is_in(client)


@pytest.mark.parametrize("secret", ["sent-by-nobody", "x" * 2000, "%00", "..%2f"])
def test_a_link_that_is_none_is_gone(client, db, secret):
    for answer in (client.get(f"/accounts/link/{secret}/"), client.post(f"/accounts/link/{secret}/")):
        assert answer.status_code in {404, 410}


def test_a_link_is_stored_as_a_digest_and_masked_in_logs(client, customer):
    ask(client, customer.email)
    link = newest_link()

    assert link.split("/")[3] not in str(list(SignInLink.objects.values()))
    assert redact_secrets(f"GET {link}") == "GET /accounts/link/…/"


def test_old_links_are_forgotten(client, customer):
    ask(client, customer.email)
    assert forget_old_links(now=clock.now() + dt.timedelta(days=1)) == 0

    assert forget_old_links(now=clock.now() + dt.timedelta(days=1, minutes=15)) == 1


def test_whoever_comes_too_late_does_not_lose_the_way(client, customer):
    ask(client, customer.email, next=MINE)
    SignInLink.objects.update(expires_at=clock.now())

    page = client.get(newest_link()).text

    assert 'href="/accounts/link/?next=%2Fmy%2Frewards%2F"' in page
    assert 'href="/accounts/login/?next=%2Fmy%2Frewards%2F"' in page
