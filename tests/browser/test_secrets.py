"""A whole redemption in a real browser: which hosts it asks, and where the token of the link is left behind."""

from urllib.parse import urlsplit

import pytest

from rewards.issuing.tokens import token_digest
from tests.browser.orders import order_pan
from tests.harness.http import call

pytestmark = pytest.mark.xdist_group("browser")


def issue(stack) -> str:
    """The link of a new reward, mailed to nobody."""
    demo = stack.demo
    body = {name: demo[name] for name in ("appId", "campaignId", "momentId", "rewardGroupId")}
    status, answer, _headers = stack.post(
        "/prod/GetReward", {**body, "deviceType": "Web"}, **{"x-api-key": demo["apiKey"]}
    )
    assert status == 200
    return answer["rewardNotificationUrl"]


def redeem(page, url: str, sign_in) -> None:
    page.goto(url)
    page.get_by_role("link", name="Sign in").first.click()
    sign_in(page)
    order_pan(page)


def break_it(stack, path: str) -> None:
    """What makes servers write the address into a log."""
    for method, spoiled in (("POST", path), ("GET", f"{path}x/"), ("GET", path[:-1] + "%00/"), ("PUT", path)):
        assert call(stack.port, method, spoiled).status in {303, 403, 404, 405}, (method, spoiled)
    assert call(stack.port, "GET", f"{path}?{'x' * 9000}").status < 500


def logs_of(stack) -> str:
    files = [stack.log, *stack.data_dir.rglob("*.log")]
    return "".join(file.read_text(errors="replace") for file in files)


def test_a_redemption_asks_no_other_host_and_leaves_its_token_nowhere(new_page, stack):
    url, page, asked = issue(stack), new_page(), []
    token = urlsplit(url).path.split("/")[2]
    page.on("request", lambda request: asked.append(request))

    def sign_in(there):
        there.get_by_label("Email").fill(stack.demo["customer"]["email"])
        there.get_by_label("Password").fill(stack.demo["customer"]["password"])
        there.get_by_role("button", name="Sign in").click()

    redeem(page, url, sign_in)
    break_it(stack, urlsplit(url).path)

    hosts = {urlsplit(request.url).netloc for request in asked if not request.url.startswith("data:")}
    referrers = {request.all_headers().get("referer", "") for request in asked}
    rows = stack.manage("dumpdata").stdout
    assert len(asked) > 20 and hosts == {urlsplit(stack.url).netloc}
    assert any(referrers) and not [each for each in referrers if token in each]
    assert token_digest(token) in rows and token not in rows  # of mails, events and sessions too
    assert "Not Found: /r/" in logs_of(stack) and token not in logs_of(stack)


def test_whoever_is_refused_can_ask_a_person(new_page, sign_in, stack, complaints):
    """On a phone, in the dark: somebody else was quicker."""
    url, first, phone = issue(stack), new_page(), new_page(width=320, dark=True)
    sign_in(first, "console")
    first.goto(url)
    first.get_by_role("button", name="Claim reward").click()
    first.get_by_text("It is yours.").wait_for()
    sign_in(phone, "customer")

    phone.goto(url)
    phone.get_by_role("button", name="Claim reward").click()
    phone.get_by_text("This reward is not available.").wait_for()
    phone.get_by_role("link", name="Ask us", exact=True).click()
    assert complaints(phone) == []
    phone.get_by_label("What should we know?").fill("I finished level 10 and this is my link.")
    phone.get_by_role("button", name="Send").click()

    phone.get_by_text("we are looking at it").wait_for()
    assert complaints(phone) == []
