"""What the credit does not cover, paid in the provider's own field in our page."""

import re

import pytest

pytestmark = pytest.mark.xdist_group("browser")
TORONTO = {"Street address": "290 Bremner Blvd", "City": "Toronto", "Postal code": "M5V 3L9"}


def type_card(page, number):
    card = {"number": number, "exp_month": "4", "exp_year": "31", "cvc": "123", "postal_code": "97205"}
    for name, value in card.items():
        page.get_by_placeholder(name, exact=True).fill(value)
    page.get_by_role("button", name="Pay and place order").click()


def test_a_customer_pays_what_the_credit_does_not_cover(new_page, sign_in, stack, complaints):
    demo, page, problems = stack.demo, new_page(width=390), []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    body = {"appId": demo["appId"], "campaignId": demo["categoryCampaignId"], "momentId": "subscribed"}
    body |= {"rewardGroupId": "US", "deviceType": "iOS"}
    _status, answer, _headers = stack.post("/prod/GetReward", body, **{"x-api-key": demo["apiKey"]})
    sign_in(page, "customer")
    page.goto(answer["rewardNotificationUrl"])
    page.get_by_role("button", name="Claim reward").click()
    page.get_by_role("link", name="Choose Pour-over starter set").click()

    # Another country asks for what it has
    page.get_by_label("Street address").fill(TORONTO["Street address"])
    page.get_by_label("Country").select_option("Canada")
    page.get_by_role("button", name="Change country").click()
    page.get_by_label("Province").select_option("Ontario")
    assert page.get_by_label("Street address").input_value() == TORONTO["Street address"]
    page.get_by_label("Postal code").fill("97205")
    page.get_by_label("City").fill(TORONTO["City"])
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("alert").get_by_text("“97205” is not a postal code of Ontario, Canada.").wait_for()
    assert complaints(page) == []
    page.get_by_label("Postal code").fill(TORONTO["Postal code"])
    page.get_by_role("button", name="Continue").click()

    # 10 % of tax are more than the credit
    page.get_by_text("Reserved for you for").wait_for()
    page.get_by_role("row", name="You pay").get_by_text("$0.80").wait_for()
    assert complaints(page) == []
    page.get_by_role("button", name="Go on to payment").click()
    page.get_by_role("heading", name="Pay $0.80").wait_for()
    page.get_by_placeholder("number", exact=True).wait_for()
    assert complaints(page) == []
    type_card(page, "4000000000000341")
    page.get_by_role("alert").get_by_text("Your card was declined.").wait_for()
    problems.clear()  # the browser tells of the 402
    type_card(page, "4242424242424242")

    page.get_by_role("heading", name="We have your order").wait_for()
    assert re.search(r"/orders/[0-9A-Z-]+/", page.url)
    page.get_by_role("row", name="You pay").get_by_text("$0.80").wait_for()
    assert complaints(page) == [] and not problems
