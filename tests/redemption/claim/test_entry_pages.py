"""Every way in ends on the reward that one came from, and it is still there to be claimed."""

import html
import re

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from moments import clock
from moments.integrations import identity_providers
from outbox.models import Mail
from rewards.issuing.tokens import token_for
from rewards.models import Reward
from tests import make
from tests.accounts.sign_in.conftest import server  # noqa: F401 - a fixture
from tests.accounts.sign_in.test_providers import agree, leave
from tests.accounts.sign_in.test_security import code_of, set_up_app, sign_in
from tests.accounts.sign_in.test_sign_in_links import newest_link
from tests.accounts.sign_in.test_signing_in import link_in, sign_up
from tests.harness import openid
from tests.harness.markup import without_blanks


def landed(client: Client, path: str):
    """The page at the end of all redirects."""
    answer = client.get(path)
    return landed(client, answer["Location"]) if "Location" in answer else answer


def open_reward(client: Client, reward: Reward, button: str = "Sign in") -> str:
    """From the link to the reward's page and through its button: the ``next`` of the sign-in page."""
    token = token_for(reward.pk, reward.token_key_version)
    page = landed(client, reverse("redemption:open", args=[token]))
    address = html.unescape(re.search(rf'href="([^"]+)">{button}<', page.text).group(1))
    return re.search(r'name="next" value="([^"]+)"', client.get(address).text).group(1)


def claims(client: Client, reward: Reward, then: str) -> bool:
    """Whether whoever is signed in gets the reward at the end of the way."""
    page = landed(client, then)
    action = re.search(r'action="(/reward/[^"]+/claim/)"', page.text)
    if action:
        client.post(action[1])
    reward.refresh_from_db()
    return reward.customer_id is not None and str(reward.customer_id) == client.session.get("_auth_user_id")


def test_with_a_password(client, reward, customer):
    then = open_reward(client, reward)

    fields = {"login": customer.email, "password": make.PASSWORD, "next": then}
    answer = client.post("/accounts/login/", fields)

    assert claims(client, reward, answer["Location"])


def test_after_a_wrong_password_too(client, reward, customer):
    then = open_reward(client, reward)
    page = client.post("/accounts/login/", {"login": customer.email, "password": "wrong", "next": then}).text

    assert f'name="next" value="{then}"' in page and f'value="{customer.email}"' in page


def test_with_a_new_password_set_in_another_browser(client, reward, customer):
    then = open_reward(client, reward)
    page = client.get("/accounts/login/", {"next": then}).text
    forgotten = html.unescape(re.search(r'href="([^"]+)">Forgot your password', page).group(1))
    kept = re.search(r'name="next" value="([^"]+)"', client.get(forgotten).text).group(1)
    client.post("/accounts/password/reset/", {"email": customer.email, "next": kept})
    other = Client()

    form = landed(other, link_in(Mail.objects.get(to_email=customer.email)))
    fields = dict.fromkeys(("password1", "password2"), "another battery horse")
    kept = re.search(r'name="next" value="([^"]+)"', form.text).group(1)
    answer = other.post(form.request["PATH_INFO"], {**fields, "next": kept})

    assert claims(other, reward, answer["Location"])


@pytest.mark.slow
def test_with_a_second_factor(client, reward, customer):
    secret = set_up_app(sign_in(customer))
    then = open_reward(client, reward)
    client.post("/accounts/login/", {"login": customer.email, "password": make.PASSWORD, "next": then})

    with time_machine.travel(clock.now(), tick=False):  # a code is good until its half minute ends
        answer = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})

    assert claims(client, reward, answer["Location"])


def test_signing_up_and_confirming_in_the_same_browser(client, reward):
    then = open_reward(client, reward, "Create account")
    sign_up(client, next=then)

    answer = client.post(link_in(Mail.objects.get(to_email="kim@example.com")))

    assert claims(client, reward, answer["Location"])


def test_signing_up_and_confirming_in_another_browser(client, reward):
    then = open_reward(client, reward, "Create account")
    sign_up(client, next=then)
    other = Client()

    answer = other.post(link_in(Mail.objects.get(to_email="kim@example.com")))

    assert reward.campaign.redemption_message in landed(other, answer["Location"]).text
    assert claims(other, reward, answer["Location"])


def test_by_mail_in_another_browser(client, reward, customer):
    then = open_reward(client, reward)
    client.post("/accounts/link/", {"login": customer.email, "next": then})
    other = Client()

    answer = other.post(newest_link())

    assert claims(other, reward, answer["Location"])


def test_by_mail_to_an_address_that_has_no_account(client, reward):
    then = open_reward(client, reward)
    client.post("/accounts/link/", {"login": "kim@example.com", "next": then})
    other = Client()

    answer = other.post(newest_link())

    assert claims(other, reward, answer["Location"])


@pytest.mark.parametrize("is_known", [True, False])
def test_with_an_email_address_typed_on_the_rewards_page(client, reward, customer, is_known):
    email = customer.email if is_known else "kim@example.com"
    token = token_for(reward.pk, reward.token_key_version)
    page = landed(client, reverse("redemption:open", args=[token])).text
    form = re.search(r'<form class="by-email".*?</form>', page, re.S).group(0)
    assert '<label for="id_login">' in form and 'autocomplete="email"' in form
    action = re.search(r'action="([^"]+)"', form).group(1)
    then = re.search(r'name="next" value="([^"]+)"', form).group(1)
    assert "Check your email" in client.post(action, {"login": email, "next": then}, follow=True).text
    other = Client()

    answer = other.post(newest_link())

    assert reward.campaign.redemption_message in landed(other, answer["Location"]).text
    assert claims(other, reward, answer["Location"])
    assert User.objects.get(email=email).pk == reward.customer_id


def test_a_mistyped_address_is_shown_again_with_the_way_back(client, reward):
    then = open_reward(client, reward)

    page = client.post("/accounts/link/", {"login": "kim", "next": then}).text

    assert 'value="kim"' in page and f'name="next" value="{then}"' in page
    assert not Mail.objects.filter(kind__startswith="sign_in_link").exists()


@pytest.mark.parametrize("is_verified", [True, False])
def test_with_an_account_from_elsewhere(client, reward, settings, server, is_verified):  # noqa: F811
    settings.SOCIALACCOUNT_PROVIDERS = identity_providers.openid_connect(
        server.url, openid.CLIENT_ID, openid.SECRET, ""
    )
    server.knows("kim-9", email="kim@example.com", email_verified=is_verified)
    then = open_reward(client, reward)

    answer = client.get(agree(leave(client, "sso", then), "kim-9"))
    if not is_verified:
        answer = client.post(link_in(Mail.objects.get(to_email="kim@example.com")))

    assert claims(client, reward, answer["Location"])
    assert User.objects.get(email="kim@example.com").pk == reward.customer_id


# Without anything to come back to


def test_whoever_has_no_reward_comes_to_their_account_which_leads_on_to_the_console_too(client, customer):
    fields = {"login": customer.email, "password": make.PASSWORD}
    page = landed(client, client.post("/accounts/login/", fields)["Location"])

    assert page.request["PATH_INFO"] == reverse("redemption:my") and "No rewards yet" in page.text
    register = reverse("console:organization:new")
    assert (
        f'href="{register}"' in page.text and f'href="{reverse("redemption:my_rewards")}"' in client.get(register).text
    )


def test_whoever_creates_an_account_where_developers_are_told_of_moments_registers_an_organization(client, db):
    address = re.search(r'href="([^"]+)">Create account<', without_blanks(client.get("/").text)).group(1)
    kept = re.search(r'name="next" value="([^"]+)"', client.get(address).text).group(1)
    sign_up(client, next=kept)

    page = landed(client, client.post(link_in(Mail.objects.get(to_email="kim@example.com")))["Location"])

    assert "Register your organization" in page.text


def test_members_and_operators_come_to_their_own_pages_and_are_not_asked_to_register(client, member):
    for user, page in {member.user: "console:home", make.operator(): "admin:index"}.items():
        client.force_login(user)
        assert client.get(reverse("accounts:after_sign_in"))["Location"] == reverse(page)
        assert reverse("console:organization:new") not in client.get(reverse("redemption:my")).text
