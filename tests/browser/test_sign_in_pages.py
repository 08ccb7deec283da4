"""From a reward's page through a sign-in page and back to the same reward, in the browser that was not the first."""

import re
import uuid

import pytest

pytestmark = pytest.mark.xdist_group("browser")


def reward_url(stack) -> str:
    """Of a new reward of the demo's campaign."""
    demo = stack.demo
    body = {"appId": demo["appId"], "campaignId": demo["campaignId"], "momentId": demo["momentId"]}
    body |= {"rewardGroupId": demo["rewardGroupId"], "deviceType": "iOS"}
    _status, answer, _headers = stack.post("/prod/GetReward", body, **{"x-api-key": demo["apiKey"]})
    return answer["rewardNotificationUrl"]


def mailed_link(page, email: str, subject: str) -> str:
    page.goto(f"/mailbox/?to={email}")
    page.get_by_role("link", name=subject).first.click()
    return page.frame_locator("iframe").get_by_role("link").first.get_attribute("href")


def claim(page) -> None:
    """Only where the reward is there and somebody is signed in."""
    page.wait_for_url(re.compile(r"/reward/"))
    page.get_by_role("button", name="Claim").click()
    page.get_by_text("It is yours.").wait_for()


def test_a_mailed_link_leads_back_to_the_reward_in_another_browser(new_page, stack, complaints):
    email = stack.demo["customer"]["email"]
    phone, elsewhere = new_page(width=320, dark=True, javascript=False), new_page(width=390)
    phone.goto(reward_url(stack))
    phone.get_by_role("link", name="Sign in").click()
    assert not phone.get_by_role("button", name="Use a passkey").is_visible(), "a button that could do nothing"
    phone.get_by_label("Email").fill(email)
    phone.get_by_role("button", name="Mail me a link").click()
    phone.get_by_role("heading", name="Check your email").wait_for()

    elsewhere.goto(mailed_link(elsewhere, email, "Your link to sign in"))
    assert complaints(elsewhere) == []
    elsewhere.get_by_role("button", name="Sign in").click()

    claim(elsewhere)


def test_a_stranger_types_an_email_address_and_claims_in_another_browser(new_page, stack, picture, complaints):
    """Without a password or a name, and on the reward's page without JavaScript."""
    email = f"robin-{uuid.uuid4().hex[:6]}@example.com"
    phone, elsewhere = new_page(width=320, javascript=False), new_page(width=390, dark=True)
    elsewhere.goto(reward_url(stack))
    assert complaints(elsewhere) == []
    phone.goto(reward_url(stack))
    picture(phone, "reward-by-email")
    phone.get_by_label("Email").fill(email)
    phone.get_by_role("button", name="Continue").click()
    phone.get_by_role("heading", name="Check your email").wait_for()

    elsewhere.goto(mailed_link(elsewhere, email, "Your link to sign in"))
    picture(elsewhere, "link-creates-account")
    assert complaints(elsewhere) == []
    elsewhere.get_by_role("button", name="Continue").click()

    claim(elsewhere)


def test_an_account_from_elsewhere_leads_back_to_the_reward(new_page, stack, complaints):
    """With the policy enforced, which lets no form leave this host, and without JavaScript."""
    page = new_page(width=390, javascript=False)
    page.goto(reward_url(stack))
    page.get_by_role("link", name="Create account").click()
    page.get_by_role("button", name="Continue with Example ID").click()
    page.get_by_placeholder("sub").fill("")
    openid = page.url.partition("/oauth2/")[0]
    claims = {"email": "lee@example.org", "email_verified": True, "name": "Lee"}
    assert page.request.put(f"{openid}/users/lee", data=claims).ok
    page.get_by_placeholder("sub").fill("lee")
    page.get_by_role("button", name="Authorize").click()

    claim(page)
    page.goto("/accounts/elsewhere/")
    page.get_by_text("Example ID").first.wait_for()
