"""Signing in with an account from elsewhere: by OpenID Connect, and with a stand-in that speaks as Amazon does."""

import re
from html import unescape

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.socialaccount.providers.amazon.views import AmazonOAuth2Adapter
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from accounts.models import SignIn, User
from moments.integrations import identity_providers
from outbox.models import Mail
from tests import make
from tests.accounts.sign_in.test_security import aged, set_up_app, sign_in
from tests.accounts.sign_in.test_signing_in import link_in
from tests.harness import amazon as amazon_harness
from tests.stack import free_port

MINE = "/my/rewards/"
ELSEWHERE = "/accounts/elsewhere/"
SIGN_IN_AND_ON = "/accounts/login/?next=%2Fmy%2Frewards%2F"


@pytest.fixture
def amazon(settings, monkeypatch, db):
    settings.SOCIALACCOUNT_PROVIDERS = identity_providers.amazon(amazon_harness.CLIENT_ID, amazon_harness.SECRET)
    with amazon_harness.amazon_server() as server:
        monkeypatch.setattr(AmazonOAuth2Adapter, "authorize_url", f"{server.url}/ap/oa")
        monkeypatch.setattr(AmazonOAuth2Adapter, "access_token_url", f"{server.url}/auth/o2/token")
        monkeypatch.setattr(AmazonOAuth2Adapter, "profile_url", f"{server.url}/user/profile")
        yield server


def leave(client, provider: str, then: str = MINE, wish: str = "", **fields) -> str:
    """The provider's address that one is sent on to."""
    page = client.post(f"/accounts/with/{provider}/{wish}", {"next": then, **fields})
    assert page.status_code == 200, page.headers
    address = unescape(re.search(r'content="0; url=([^"]+)"', page.text).group(1))
    assert "form-action 'self'" in page["Content-Security-Policy"].split("; ")
    return address


def agree(address: str, sub: str = "") -> str:
    """What the browser is sent back to, once somebody has signed in there; a path of ours."""
    how = requests.post if sub else requests.get
    answer = how(address, data={"sub": sub} if sub else None, allow_redirects=False, timeout=5)
    return answer.headers["Location"].removeprefix("http://testserver")


def enter(client, provider: str, sub: str = "", then: str = MINE, **fields):
    return client.get(agree(leave(client, provider, then, **fields), sub))


def is_in(client) -> bool:
    return client.get(MINE).status_code == 200


# OpenID Connect


def test_an_address_that_the_provider_has_confirmed_needs_no_mail(sso, client):
    sso.knows("kim-1", email="Kim@Example.com", email_verified=True, name="Kim Larsen", picture="https://x.example/k")
    for page in ("/accounts/login/", "/accounts/signup/"):
        assert "Continue with Example ID" in client.get(page).text

    assert enter(client, "sso", "kim-1")["Location"] == MINE

    user = User.objects.get()
    assert is_in(client) and not Mail.objects.exists()
    assert (user.email, user.name, user.has_usable_password()) == ("kim@example.com", "Kim Larsen", False)
    assert EmailAddress.objects.get(user=user).verified
    assert SignIn.objects.get(user=user).outcome == "succeeded"
    assert SocialAccount.objects.get().extra_data == {} and not SocialToken.objects.exists()
    again = Client()
    enter(again, "sso", "kim-1")
    assert is_in(again) and User.objects.count() == 1 and SocialAccount.objects.get().extra_data == {}


@pytest.mark.parametrize("claim", [{}, {"email_verified": False}, {"email_verified": "false"}])
def test_an_address_that_it_has_not_is_confirmed_first_and_the_mail_leads_back(sso, client, claim):
    sso.knows("kim-2", email="kim@example.com", name="Kim", **claim)

    answer = enter(client, "sso", "kim-2")

    assert answer["Location"] == reverse("account_email_verification_sent") and not is_in(client)
    elsewhere = Client()
    assert elsewhere.post(link_in(Mail.objects.get()))["Location"] == MINE
    assert EmailAddress.objects.get().verified and is_in(elsewhere) and not is_in(client)
    assert not SocialAccount.objects.exists(), "whoever signed up may have been somebody else"


def test_an_account_is_not_taken_over_by_whoever_has_its_address_elsewhere(sso, client, customer):
    sso.knows("thief", email=customer.email, email_verified=True)

    answer = enter(client, "sso", "thief")

    assert answer["Location"] == reverse("account_email_verification_sent"), "as for a new address"
    assert not is_in(client) and not SocialAccount.objects.exists() and User.objects.count() == 1
    assert Mail.objects.get().subject == "You have an account already"


def come_by_link(client) -> None:
    client.post("/accounts/link/", {"login": "kim@example.com"})
    client.post(link_in(Mail.objects.first()))


def come_by_new_password(client) -> None:
    client.post("/accounts/password/reset/", {"email": "kim@example.com"})
    page = client.get(link_in(Mail.objects.first()), follow=True)
    client.post(page.request["PATH_INFO"], {"password1": "four words far apart", "password2": "four words far apart"})
    client.post(link_in(Mail.objects.get(kind="email_confirmation_signup")))


@pytest.mark.slow
@pytest.mark.parametrize("come", [come_by_link, come_by_new_password])
def test_who_signed_up_elsewhere_with_the_address_of_another_is_out_once_its_owner_comes(sso, client, come):
    sso.knows("thief", email="kim@example.com")
    enter(client, "sso", "thief")
    assert SocialAccount.objects.exists() and not is_in(client)
    kim = Client()

    come(kim)
    enter(client, "sso", "thief")

    assert is_in(kim) and not is_in(client)
    assert User.objects.count() == 1 and not SocialAccount.objects.exists()


def test_without_an_address_one_is_asked_for_and_confirmed(sso, client):
    sso.knows("kim-3", name="Kim Larsen")

    answer = enter(client, "sso", "kim-3")

    assert answer["Location"] == reverse("socialaccount_signup")
    page = client.get(answer["Location"]).text
    assert 'value="Kim Larsen"' in page
    wrong = client.post(answer["Location"], {"email": "kim", "name": "Kim"})
    assert wrong.status_code == 200 and 'value="kim"' in wrong.text
    client.post(answer["Location"], {"email": "kim@example.com", "name": "Kim L"})
    assert User.objects.get().name == "Kim L" and not is_in(client)
    assert Client().post(link_in(Mail.objects.get()))["Location"] == MINE


@pytest.mark.slow
def test_whoever_is_signed_in_joins_an_account_and_lets_it_go(sso, customer):
    sso.knows("kim-4", email="other@example.com", email_verified=True)
    client = sign_in(customer)
    assert "Add Example ID" in client.get(ELSEWHERE).text

    assert enter(client, "sso", "kim-4", ELSEWHERE, process="connect")["Location"] == ELSEWHERE

    assert "Example ID" in client.get(ELSEWHERE).text and SocialAccount.objects.get().user == customer
    other = Client()
    enter(other, "sso", "kim-4")
    assert other.session["_auth_user_id"] == str(customer.pk)
    account = SocialAccount.objects.get()
    stranger = sign_in(make.user())
    assert stranger.post(f"{ELSEWHERE}{account.pk}/forget/").status_code == 404
    enter(stranger, "sso", "kim-4", ELSEWHERE, process="connect")
    assert "already connected" in stranger.get(ELSEWHERE).text and SocialAccount.objects.get().user == customer
    client.post(f"{ELSEWHERE}{account.pk}/forget/")
    assert not SocialAccount.objects.exists()


def test_joining_asks_for_the_password_again_after_ten_minutes(sso, customer):
    client = aged(sign_in(customer))

    assert client.get(ELSEWHERE)["Location"].startswith("/accounts/reauthenticate/")


def test_the_second_factor_is_asked_for_after_it_too(sso, member):
    sso.knows("ada", email="ada@elsewhere.example", email_verified=True)
    first = sign_in(member.user)
    enter(first, "sso", "ada", ELSEWHERE, process="connect")
    set_up_app(first)
    client = Client()

    assert enter(client, "sso", "ada")["Location"].startswith("/accounts/2fa/authenticate/")
    assert not is_in(client)


def test_whoever_says_no_there_is_back_at_the_door_and_still_on_the_way(sso, client):
    state = re.search(r"state=(\w+)", leave(client, "sso")).group(1)

    answer = client.get(f"/accounts/oidc/sso/login/callback/?error=access_denied&state={state}")

    assert answer["Location"] == SIGN_IN_AND_ON
    assert "You did not go on." in client.get(SIGN_IN_AND_ON).text


def test_an_answer_that_nobody_here_asked_for_signs_nobody_in(sso, client):
    sso.knows("kim-5", email="kim@example.com", email_verified=True)
    stolen = agree(leave(client, "sso"), "kim-5")
    victim = Client()

    for path in (stolen, "/accounts/oidc/sso/login/callback/", "/accounts/oidc/sso/login/callback/?code=x&state=%00"):
        assert victim.get(path)["Location"].startswith("/accounts/login/")
        assert not is_in(victim)
    client.get(stolen)
    assert is_in(client)
    assert Client().get(stolen)["Location"].startswith("/accounts/login/"), "once"


def test_nobody_asks_the_provider_for_more_through_us(sso, client):
    wish = "?scope=admin&auth_params=redirect_uri%3Dhttps%3A%2F%2Fevil.example&next=https://evil.example"

    address = leave(client, "sso", wish=wish)

    assert "evil.example" not in address and "admin" not in address and "code_challenge" in address


def test_a_provider_that_is_down_leads_back_to_the_door(settings, client, db):
    settings.SOCIALACCOUNT_PROVIDERS = identity_providers.openid_connect(
        f"http://localhost:{free_port()}", "id", "secret", ""
    )

    answer = client.post("/accounts/with/sso/", {"next": MINE})

    assert answer["Location"] == SIGN_IN_AND_ON
    assert "That did not work." in client.get(SIGN_IN_AND_ON).text


def test_without_settings_there_is_no_button_and_nothing_behind_it(client, customer):
    assert "Continue with" not in client.get("/accounts/login/").text + client.get("/accounts/signup/").text
    for path in ("/accounts/amazon/login/callback/?code=1&state=1", "/accounts/oidc/sso/login/callback/?code=1"):
        assert client.get(path).status_code == 404
    for provider in ("sso", "amazon", "google", "x" * 300):
        assert client.post(f"/accounts/with/{provider}/").status_code == 404
    assert client.get("/accounts/with/sso/").status_code == 405


@pytest.mark.parametrize("issuer", ["http://login.example.com", "login.example.com", "ftp://x"])
def test_a_provider_is_asked_over_https_alone(issuer):
    with pytest.raises(ImproperlyConfigured, match="https://"):
        identity_providers.openid_connect(issuer, "id", "secret", "")


def test_half_a_setting_is_refused():
    with pytest.raises(ImproperlyConfigured, match="MOMENTS_OIDC_SECRET"):
        identity_providers.openid_connect("https://login.example.com", "id", "", "")
    with pytest.raises(ImproperlyConfigured, match="MOMENTS_AMAZON_SECRET"):
        identity_providers.amazon("id", "")


# Login with Amazon


def test_with_amazon_the_address_is_confirmed_once(amazon, client):
    assert "Continue with Amazon" in client.get("/accounts/login/").text

    answer = enter(client, "amazon")

    assert answer["Location"] == reverse("account_email_verification_sent") and not is_in(client)
    assert client.post(link_in(Mail.objects.get()))["Location"] == MINE
    user = User.objects.get()
    assert (user.email, user.name) == (amazon_harness.CUSTOMER["email"], amazon_harness.CUSTOMER["name"])
    phone = Client()
    enter(phone, "amazon")
    assert is_in(phone) and Mail.objects.count() == 1


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/auth/o2/token", (500, "text/html", b"<h1>Oops</h1>")),
        ("/auth/o2/token", (200, "application/json", b"[]")),
        ("/auth/o2/token", (200, "application/json", b"{")),
        ("/auth/o2/token", (200, "application/json", b'{"access_token": "x", "expires_in": "soon"}')),
        ("/auth/o2/token", (200, "application/json", b'"access_token"')),
        ("/user/profile", (503, "application/json", b"{}")),
        ("/user/profile", (200, "application/json", b"{}")),
        ("/user/profile", (200, "application/json", b"[1]")),
        ("/user/profile", (200, "text/html", b"<html>")),
        ("/user/profile", (200, "application/json", b'{"Profile": 1}')),
        ("/user/profile", (200, "application/json", b'{"user_id": "\\u0000", "email": "a@example.com"}')),
        ("/user/profile", (200, "application/json", b'{"user_id": "%s"}' % (b"x" * 256))),
        ("/user/profile", (200, "application/json", b'{"user_id": ""}')),
        ("/user/profile", (200, "application/json", b'{"user_id": "1", "name": 7, "email": ["a@example.com"]}')),
    ],
)
def test_nonsense_from_amazon_leads_back_to_the_door(amazon, client, path, answer, caplog):
    amazon.answers[path] = answer

    assert enter(client, "amazon")["Location"] == SIGN_IN_AND_ON
    assert not is_in(client) and not User.objects.exists()
    assert "Atza" not in caplog.text


def test_names_of_any_kind_are_kept_as_far_as_they_go(amazon, client):
    amazon.profile |= {"name": "Łukasz\x00 " + "山" * 300, "email": "not an address"}

    assert enter(client, "amazon")["Location"] == reverse("socialaccount_signup")
    page = client.get(reverse("socialaccount_signup")).text

    assert "Łukasz 山" in page and "山" * 121 not in page


@pytest.mark.parametrize("length", [191, 192, 255])
def test_the_longest_id_of_a_person_signs_in_and_again(sso, client, length):
    sub = sso.knows("k" * length, email="kim@example.com", email_verified=True, name="Kim")

    for browser in (client, Client()):
        enter(browser, "sso", sub)
        assert is_in(browser)

    assert User.objects.count() == SocialAccount.objects.count() == 1


def test_an_address_that_cannot_be_typed_makes_no_account(sso, client):
    sso.knows("kim-9", email="kim@exam\u200bple.com", email_verified=True, name="Kim")

    answer = enter(client, "sso", "kim-9")

    assert not User.objects.exists() and not is_in(client)
    assert answer["Location"].startswith("/accounts/with/") or "signup" in answer["Location"]


@pytest.mark.parametrize("page", ["account_change_password", "account_reauthenticate"])
def test_password_managers_are_told_whose_password_it_is(client, customer, page):
    client.force_login(customer)

    text = client.get(reverse(page)).text

    assert f'autocomplete="username" value="{customer.email}"' in text
