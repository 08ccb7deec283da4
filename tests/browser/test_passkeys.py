"""A passkey of a device that the browser pretends to have: set up, asked for after the password, and in its place."""

import pytest

from tests.browser.test_sign_in_pages import claim, reward_url

pytestmark = pytest.mark.xdist_group("browser")
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_passkey_is_added_signs_in_and_is_removed(new_page, stack, complaints):
    page = new_page()
    who = {"email": "sam@example.net", "password": "a long enough password"}
    made = stack.manage("shell", "-c", MAKE % (who["email"], who["password"]))
    assert made.returncode == 0, made.stderr
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    authenticator = device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})

    def enter():
        page.goto("/accounts/login/")
        page.get_by_label("Email").fill(who["email"])
        page.get_by_label("Password").fill(who["password"])
        page.get_by_role("button", name="Sign in").click()

    enter()
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()

    page.context.clear_cookies()
    enter()
    page.get_by_role("heading", name="Second factor").wait_for()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/my/")

    page.context.clear_cookies()
    page.goto(reward_url(stack))
    page.get_by_role("link", name="Sign in").click()
    assert complaints(page) == []
    page.get_by_role("button", name="Use a passkey").click()
    claim(page)

    page.goto("/accounts/2fa/webauthn/")
    page.get_by_text("Laptop").wait_for()
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove it").click()
    page.get_by_text("None yet.").wait_for()

    page.context.clear_cookies()
    page.goto("/accounts/login/?next=/my/rewards/")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("No account here knows this passkey.").wait_for()
    assert page.url.endswith("?next=%2Fmy%2Frewards%2F")
    device.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": authenticator["authenticatorId"]})
    device.send("WebAuthn.addVirtualAuthenticator", {"options": {**DEVICE, "isUserVerified": False}})
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("The passkey did not work.").wait_for()


MAKE = """
from accounts.models import User
from allauth.account.models import EmailAddress
user = User.objects.create_user("%s", "%s", name="Sam")
EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
"""
