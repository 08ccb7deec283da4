"""The main job, as people do it: a campaign made, approved, called, redeemed, shipped."""

import re
import uuid

import pytest

from catalog.demo import draw_banner
from tests import make
from tests.browser.orders import fill_address, order_pan

pytestmark = pytest.mark.xdist_group("browser")


def fill_details(page):
    page.get_by_label("Starts").fill("2026-01-01T00:00")
    page.get_by_label("Ends").fill("2099-12-31T00:00")
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    page.get_by_label("Support contact").fill("help@example.com")
    page.get_by_role("button", name="Save and continue").click()


def make_campaign(page, name, picture, complaints):
    page.goto("/console/campaigns/")
    page.get_by_role("link", name="Create campaign").click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Create campaign").click()
    fill_details(page)
    page.get_by_label("What the user does").fill("Reaches level 10")
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_label("Search").fill("bear")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name="Add Bear, medium").click()
    page.get_by_text("Suggested cost per action: $27.50").wait_for()
    picture(page, "rewards")
    assert complaints(page) == []
    page.get_by_role("link", name="Continue").click()
    page.get_by_role("textbox", name="Announcement message").fill("Reach level 10 and get a bear.")
    page.get_by_role("textbox", name="Redemption message").fill("Level 10! This is for you.")
    page.get_by_label(re.compile(r"^Banner\s")).set_input_files(
        {"name": "banner.png", "mimeType": "image/png", "buffer": draw_banner("Level 10! This is for you.", name[:8])}
    )
    page.get_by_role("textbox", name="Banner's alternative text").fill("A purple field")
    page.get_by_role("button", name="Save and continue").click()
    assert page.get_by_label("Cost per action").input_value() == "27.50"
    page.get_by_label("Total budget").fill("500")
    page.get_by_label("Monthly limit").fill("500")
    page.get_by_role("button", name="Save and continue").click()
    assert complaints(page) == []
    page.get_by_role("button", name="Submit for approval").click()
    page.get_by_text("is pending approval.").wait_for()


def approve(page, name):
    page.goto("/admin/campaigns/campaign/?status__exact=pending")
    page.get_by_role("row", name=name).get_by_role("link", name="Review").click()
    page.get_by_role("button", name="Approve").click()
    page.locator(".messagelist", has_text=f"{name}: approved").wait_for()


def curl_of(page):
    """Body and path of the line that the console shows."""
    text = page.locator("pre code").first.inner_text()
    ids = dict(re.findall(r'"(\w+)": "([^"]+)"', text))
    return ids


def test_from_an_empty_campaign_to_a_shipped_present(new_page, sign_in, stack, picture, complaints):
    name = f"Level 10 {uuid.uuid4().hex[:6]}"
    developer, operator, phone = new_page(), new_page(), new_page(width=360)
    sign_in(developer, "console")
    picture(developer, "home")

    make_campaign(developer, name, picture, complaints)
    sign_in(operator, "staff")
    approve(operator, name)

    # A key for it, shown once
    demo = stack.demo
    developer.goto(f"/console/developers/apps/{demo['appId']}/")
    developer.get_by_role("link", name="Create API key").click()
    developer.get_by_label("Live: issues real rewards").check()
    developer.get_by_role("button", name="Create API key").click()
    key = developer.locator("#secret").inner_text()
    assert key.startswith("mk_live_")

    # Approved: a preview for every call. Live: a reward.
    developer.goto("/console/campaigns/")
    developer.get_by_role("link", name=name).click()
    body = curl_of(developer)
    status, preview, _headers = stack.post("/prod/GetReward", body, **{"x-api-key": key})
    assert (status, preview["testMode"]) == (200, True)
    developer.get_by_role("link", name="Go live").click()
    developer.get_by_text("costs $27.50").wait_for()
    assert complaints(developer) == []
    developer.get_by_role("button", name="Go live").click()
    developer.get_by_text("is live.").wait_for()
    picture(developer, "campaign")
    assert complaints(developer) == []
    status, answer, _headers = stack.post("/prod/GetReward", body, **{"x-api-key": key})
    assert (status, answer["testMode"], answer["retailValue"]) == (200, False, "25.00")
    assert answer["remainingRewardCount"] == 17

    # The user opens it, signs up, confirms in another browser, and is back on the page
    phone.goto(answer["rewardNotificationUrl"])
    assert answer["rewardNotificationUrl"].rstrip("/").rpartition("/")[2] not in phone.url
    phone.get_by_role("heading", name="Level 10! This is for you.").wait_for()
    picture(phone, "reward")
    assert complaints(phone) == []
    email = f"kim-{uuid.uuid4().hex[:8]}@example.com"
    phone.get_by_role("link", name="Create account").click()
    phone.get_by_label("Your name").fill("Kim Larsen")
    phone.get_by_label("Email").fill(email)
    phone.get_by_label("Password").fill(make.PASSWORD)
    assert complaints(phone) == []
    phone.get_by_role("button", name="Create account").click()
    phone.get_by_role("heading", name="Check your email").wait_for()
    elsewhere = new_page(width=360)
    elsewhere.goto(confirmation_link(elsewhere, email))
    elsewhere.get_by_role("button", name="Continue").click()
    elsewhere.get_by_role("heading", name="Level 10! This is for you.").wait_for()
    assert elsewhere.get_by_role("link", name="Sign in").count() == 0, "who confirmed is signed in"
    redeem(elsewhere, picture, complaints)
    number = re.search(r"/orders/([0-9A-Z-]+)/", elsewhere.url).group(1)

    # Staff ship it, the mail arrives
    operator.goto(f"/admin/redemption/order/?q={number}")
    operator.get_by_role("link", name=number).click()
    operator.get_by_label("Why do you need to see it?").fill("To pack and send it")
    operator.get_by_role("button", name="Show it").click()
    operator.get_by_role("link", name="Ship", exact=True).click()
    operator.get_by_label("Carrier").fill("Parcel Post")
    operator.get_by_label("Tracking number").fill("PP123")
    operator.get_by_role("button", name="Ship", exact=True).click()
    operator.locator(".messagelist", has_text=f"{number}: shipped").wait_for()
    elsewhere.reload()
    elsewhere.get_by_role("heading", name="It is on its way").wait_for()
    assert subjects_of(elsewhere, email) == [
        "On its way: Bear, medium",
        f"Your order {number}: Bear, medium",
        "Confirm your address",
    ]
    assert stack.manage("reconcile").stdout == "The books agree.\n"


def redeem(page, picture, complaints):
    """Four interactions after signing in."""
    page.get_by_role("button", name="Claim reward").click()
    page.get_by_text("$27.50 promo credit").wait_for()
    picture(page, "choose")
    assert complaints(page) == []
    page.get_by_role("link", name="Choose").click()
    fill_address(page)
    assert complaints(page) == []
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("row", name="You pay").get_by_text("$0.00").wait_for()
    assert complaints(page) == []
    page.get_by_role("button", name="Place order").click()
    page.get_by_role("heading", name="We have your order").wait_for()
    picture(page, "order")
    assert complaints(page) == []


def subjects_of(page, email):
    """Of the mails in the demo's mailbox, newest first; the reader's own page stays where it is."""
    page.goto(f"/mailbox/?to={email}")
    return page.locator(".rows strong").all_inner_texts()


def confirmation_link(page, email):
    page.goto(f"/mailbox/?to={email}")
    page.get_by_role("link", name="Confirm your address").click()
    text = page.frame_locator("iframe").get_by_role("link").first.get_attribute("href")
    return text


def test_redemption_works_without_javascript_at_320_pixels_in_the_dark(new_page, sign_in, stack):
    demo = stack.demo
    body = {"appId": demo["appId"], "campaignId": demo["campaignId"], "momentId": demo["momentId"]}
    body |= {"rewardGroupId": demo["rewardGroupId"], "deviceType": "iOS"}
    _status, answer, _headers = stack.post("/prod/GetReward", body, **{"x-api-key": demo["apiKey"]})
    page = new_page(width=320, dark=True, javascript=False)
    sign_in(page, "customer")

    page.goto(answer["rewardNotificationUrl"])
    order_pan(page)
