"""The reward page as a phone loads it."""

import re

import pytest

from tests.browser.test_sign_in_pages import reward_url

pytestmark = pytest.mark.xdist_group("browser")
KB = 1024


def test_a_phone_loads_little_and_nothing_of_others(new_page, stack):
    page = new_page(width=390)
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    kinds, sizes, hosts = {}, {}, set()
    wire.on("Network.requestWillBeSent", lambda sent: hosts.add(sent["request"]["url"].split("/")[2]))
    wire.on("Network.responseReceived", lambda got: kinds.update({got["requestId"]: got["type"]}))
    wire.on("Network.loadingFinished", lambda done: sizes.update({done["requestId"]: done["encodedDataLength"]}))

    page.goto(reward_url(stack), wait_until="networkidle")

    heavy = {request: size for request, size in sizes.items() if kinds.get(request) != "Image"}
    assert 5 * KB < sum(heavy.values()) < 60 * KB, heavy
    assert hosts == {stack.url.split("/")[2]}
    assert page.locator("[target], script").count() == 0
    assert re.search(r"/750\.", page.locator(".reward-banner").evaluate("image => image.currentSrc"))
    assert all(
        "/240." in source for source in page.locator(".tile img").evaluate_all("all => all.map(i => i.currentSrc)")
    )
