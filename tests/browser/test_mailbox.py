"""The demo's mailbox: a newcomer clicks the link in every email."""

import re
import uuid

import pytest

from tests import make

pytestmark = pytest.mark.xdist_group("browser")


def open_email(page, to: str, subject: str):
    page.goto(f"/mailbox/?to={to}")
    page.get_by_role("link", name=subject).first.click()
    return page.frame_locator("iframe.mail-frame")


def click_in(page, to: str, subject: str, label: str) -> None:
    """As a person does: in the frame, and what opens is a page of its own, not within the frame."""
    refused = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    open_email(page, to, subject).get_by_role("link", name=label, exact=True).click()
    page.wait_for_url(lambda url: "/mailbox/" not in url)
    assert page.locator("h1").first.is_visible()
    assert refused == []


def sign_up(page, email: str) -> None:
    page.goto("/accounts/signup/")
    page.get_by_label("Your name").fill("Kim Larsen")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url("**/confirm-email/")


def test_the_link_to_confirm_an_address_opens_from_the_mailbox(new_page):
    page, email = new_page(), f"kim-{uuid.uuid4().hex[:8]}@example.com"
    sign_up(page, email)

    click_in(page, email, "Confirm your address", "Confirm it")

    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(lambda url: "/confirm-email/" not in url)


def test_the_link_to_reset_a_password_opens_from_the_mailbox(new_page, stack):
    page, email = new_page(), stack.demo["customer"]["email"]
    page.goto("/accounts/password/reset/")
    page.get_by_label("Email").fill(email)
    page.get_by_role("main").get_by_role("button").first.click()

    click_in(page, email, "Set a new password", "Set a new password")

    page.get_by_role("heading", name="Choose a new password").wait_for()


def test_the_link_of_an_invitation_opens_from_the_mailbox(new_page, sign_in):
    page, email = new_page(), f"new-{uuid.uuid4().hex[:8]}@example.com"
    sign_in(page, "console")
    page.goto("/console/team/invite/")
    page.get_by_label("Email").fill(email)
    page.get_by_role("main").get_by_role("button", name=re.compile("Invite|Send")).click()
    page.wait_for_url("**/console/team/")

    click_in(new_page(), email, "Join", "Accept the invitation")


def test_the_link_of_a_reward_opens_from_the_mailbox(new_page, sign_in, stack):
    page, email = new_page(), f"winner-{uuid.uuid4().hex[:8]}@example.com"
    sign_in(page, "console")
    page.goto(f"/console/rewards/campaigns/{stack.demo['campaignId']}/send/")
    page.get_by_label("Email").fill(email)
    page.get_by_role("main").get_by_role("button", name=re.compile("Send")).first.click()
    page.wait_for_url("**/console/rewards/**")

    click_in(new_page(), email, "a reward for you", "Open your reward")


def test_the_link_of_an_order_opens_from_the_mailbox(new_page, sign_in, stack):
    page = new_page()
    sign_in(page, "customer")

    click_in(page, stack.demo["customer"]["email"], "Your order", "Follow your order")
