"""Ways through a reward that are not the straight one: a shelf to search, an equal, too late, not theirs, too far."""

import json

import pytest

from tests.browser.appearances import BIG, apply

pytestmark = pytest.mark.xdist_group("browser")

ADDRESS = {"Street address": "1 Main Street", "City": "Portland", "ZIP code": "97205"}
SOLD_OUT = """
import django; django.setup()
from catalog.models import Product
from catalog.stock import count_units
from moments import clock
count_units(Product.objects.get(pk={product}), 0, now=clock.now())
"""
OVER = """
import django; django.setup()
import datetime as dt
from campaigns.models import Campaign
from moments import clock
Campaign.objects.filter(pk="{campaign}").update(rewards_expire_at=clock.now() - dt.timedelta(days=1))
"""


def run(stack, script: str, **values) -> None:
    done = stack.python("-c", script.format(**values), DJANGO_SETTINGS_MODULE="moments.settings")
    assert done.returncode == 0, done.stderr


def customers(stack, pages: list) -> None:
    """Each page's browser is signed in as somebody new."""
    done = stack.python("-m", "tests.harness.people", str(len(pages)))
    assert done.returncode == 0, done.stderr
    for page, session in zip(pages, json.loads(done.stdout), strict=True):
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": stack.url}])


def reward_of(stack, made: dict) -> str:
    body = {name: made[name] for name in ("appId", "campaignId", "momentId", "rewardGroupId")} | {"deviceType": "iOS"}
    _status, answer, _headers = stack.post("/prod/GetReward", body, **{"x-api-key": made["apiKey"]})
    return answer["rewardNotificationUrl"]


def claim(page, url: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="Claim reward").click()
    page.get_by_text("It is yours.").wait_for()


def send_address(page) -> None:
    for label, text in ADDRESS.items():
        page.get_by_label(label).fill(text)
    page.get_by_label("State").select_option(label="Oregon")
    page.get_by_role("button", name="Continue").last.click()


def order(page) -> None:
    """From the address to the order."""
    send_address(page)
    page.get_by_role("button", name="Place order").click()
    page.wait_for_url("**/orders/**")


def test_a_shelf_is_searched_and_narrowed_with_the_text_twice_as_large(new_page, stack, complaints):
    page, made = new_page(**BIG), stack.make_campaign("--category", "home", "--cpa", "27.50")
    customers(stack, [page])
    claim(page, reward_of(stack, made))
    assert apply(page, BIG, None) + complaints(page) == []

    page.get_by_role("searchbox", name="Search").fill("candle")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**q=candle**")
    found = page.locator(".tile h2").all_inner_texts()
    assert found and all("candle" in title.lower() for title in found)
    page.locator(".tile h2 a").first.click()
    page.get_by_role("heading", name=found[0]).wait_for()
    assert complaints(page) == []
    page.get_by_role("link", name="Choose this").click()
    order(page)

    page.get_by_role("heading", name=found[0]).or_(page.get_by_text(found[0])).first.wait_for()
    page.goto("/my/rewards/")
    page.get_by_text(found[0]).wait_for()


def test_what_is_sold_out_is_replaced_by_an_equal_that_costs_nothing(new_page, stack, complaints):
    page, made = new_page(width=390, javascript=False), stack.make_campaign("--stock", "5")
    customers(stack, [page])
    claim(page, reward_of(stack, made))
    product = int(page.locator("a[href*='/items/']").first.get_attribute("href").split("/items/")[1].split("/")[0])
    equals = stack.python("-m", "tests.harness.make_substitutes", str(product), "5")
    assert equals.returncode == 0, equals.stderr
    run(stack, SOLD_OUT, product=product)

    page.reload()
    page.locator(f"a[href*='/items/{json.loads(equals.stdout)['dearer']}/']").first.click()
    page.get_by_text("is sold out. You can have this instead").wait_for()
    page.get_by_text("$0.00").last.wait_for()
    page.get_by_role("link", name="Accept this instead").click()
    order(page)

    assert page.locator("table.sums tr").last.inner_text().split()[-1] == "$0.00"


def test_too_late_not_theirs_and_too_far_are_said_in_words(new_page, stack, complaints):
    first, second = new_page(width=320), new_page(width=320, dark=True)
    made = stack.make_campaign()
    customers(stack, [first, second])
    url, later = reward_of(stack, made), reward_of(stack, made)
    claim(first, url)

    second.goto(url)
    second.get_by_role("button", name="Claim reward").click()
    second.get_by_text("This reward is not available.").wait_for()
    assert complaints(second) == []

    first.get_by_role("link", name="Choose").first.click()
    first.evaluate("document.querySelector('[name=country]').options[0].value = 'KP'")
    first.get_by_label("Country").select_option("KP")
    send_address(first)
    first.locator(".error-summary, [role=alert]").first.wait_for()
    assert "United States" in first.locator("main").inner_text(), "where it does deliver"
    assert first.get_by_label("Street address").input_value() == ADDRESS["Street address"]
    assert complaints(first) == []

    run(stack, OVER, campaign=made["campaignId"])
    second.goto(later)
    second.get_by_text("This reward expired on").wait_for()
    assert not second.get_by_role("button", name="Claim reward").is_visible()
    assert complaints(second) == []
