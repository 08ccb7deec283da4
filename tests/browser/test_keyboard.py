"""No mouse: the main job on both sides, and every kind of page walked through with the Tab key."""

import re
import uuid

import pytest

from catalog.demo import draw_banner
from tests.browser.keyboard import go_to, press, trouble, type_into

pytestmark = pytest.mark.xdist_group("browser")


def sign_in_by_keys(page, login):
    page.goto("/accounts/login/")
    type_into(page, "Email", login["email"])
    type_into(page, "Password", login["password"])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


def test_a_developer_makes_and_submits_a_campaign_with_the_keyboard_alone(new_page, stack):
    page, name = new_page(), f"Keys {uuid.uuid4().hex[:6]}"
    sign_in_by_keys(page, stack.demo["console"])

    press(page, "Campaigns")
    press(page, "Create campaign")
    type_into(page, "Name", name)
    press(page, "Create campaign")
    for label, keys in (("Starts", "010120261200AM"), ("Ends", "123120991159PM")):
        go_to(page, label)
        page.keyboard.type(keys)  # of four digits a year goes on to the hour by itself
    type_into(page, "Support contact", "help@example.com")
    page.keyboard.press("Enter")
    page.wait_for_url("**/moments/")
    type_into(page, "What the user does", "Reaches level 10")
    page.keyboard.press("Enter")
    page.wait_for_url("**/rewards/")
    type_into(page, "Search", "bear")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=bear**")
    press(page, "Add Bear, medium")
    press(page, "Continue")
    type_into(page, "Announcement message", "Reach level 10 and get a bear.")
    type_into(page, "Redemption message", "Level 10! This is for you.")
    go_to(page, "Banner")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    banner = {"name": "banner.png", "mimeType": "image/png", "buffer": draw_banner("Level 10!", name[:8])}
    chooser.value.set_files(banner)
    type_into(page, "Banner's alternative text", "A purple field")
    page.keyboard.press("Enter")
    page.wait_for_url("**/budget/")
    type_into(page, "Total budget", "500")
    type_into(page, "Monthly limit", "500")
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/")
    press(page, "Submit for approval")

    page.get_by_text("is pending approval.").wait_for()


def test_a_customer_gets_a_present_with_the_keyboard_alone(new_page, stack):
    demo = stack.demo
    body = {name: demo[name] for name in ("appId", "campaignId", "momentId", "rewardGroupId")} | {"deviceType": "Web"}
    _status, answer, _headers = stack.post("/prod/GetReward", body, **{"x-api-key": demo["apiKey"]})
    page = new_page(width=360)
    page.goto(answer["rewardNotificationUrl"])
    assert trouble(page) == []

    press(page, "Sign in")
    type_into(page, "Email", demo["customer"]["email"])
    type_into(page, "Password", demo["customer"]["password"])
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Claim reward").wait_for()
    press(page, "Claim reward")
    assert trouble(page) == []
    press(page, "Choose Omelette pan")
    for label, text in (
        *(("Street address", "1 Harbor Street"), ("City", "Portland"), ("State", "Oregon")),
        ("ZIP code", "97205"),
    ):
        type_into(page, label, text)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Place order").wait_for()
    press(page, "Place order")

    page.get_by_role("heading", name="We have your order").wait_for()
    assert re.search(r"/orders/[0-9A-Z-]+/", page.url)
    assert trouble(page) == []


def test_the_tab_key_comes_to_everything_in_its_order_and_is_seen(new_page, sign_in, stack):
    page, campaign_id = new_page(), stack.demo["campaignId"]
    campaign = f"/console/campaigns/{campaign_id}/"
    assert trouble(page_at(page, "/accounts/signup/")) == []
    sign_in(page, "console")
    wrong = {
        path: found
        for path in (
            *(
                "/console/",
                "/console/campaigns/",
                campaign,
                f"/console/developers/test/{campaign_id}/",
                f"/console/rewards/campaigns/{campaign_id}/send/",
            ),
            *(
                "/console/rewards/",
                "/console/catalog/",
                "/console/reports/",
                "/console/team/",
                "/console/developers/api/",
            ),
        )
        if (found := trouble(page_at(page, path)))
    }

    assert not wrong, wrong


def test_a_button_without_a_mark_and_one_out_of_reach_are_noticed(new_page):
    """The check itself: it finds what it is there to find."""
    page = page_at(new_page(), "/accounts/login/")
    page.evaluate("""() => {
      const button = document.querySelector('main button')
      button.style.setProperty('outline', 'none', 'important')
      const trap = document.createElement('button')
      trap.textContent = 'First in order, last in the page'
      trap.tabIndex = 1
      document.querySelector('main').append(trap)
    }""")

    found = " ".join(trouble(page))

    assert "one does not see that it has the focus" in found
    assert "comes before what the Tab key came from" in found


def page_at(page, path):
    page.goto(path)
    return page
