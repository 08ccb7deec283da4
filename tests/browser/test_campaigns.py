"""Campaigns in the console, by hand: tested, looked for, split, compared, previewed."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.xdist_group("browser")


def test_a_campaign_is_tested_from_its_page_and_the_python_call_runs_as_it_stands(
    new_page, sign_in, stack, complaints, picture
):
    page = new_page()
    sign_in(page, "console")
    page.goto(f"/console/campaigns/{stack.demo['campaignId']}/")

    page.get_by_role("link", name="Test this campaign").click()
    page.get_by_label("userId").fill("moments-test-user_limit_reached")
    page.get_by_role("button", name="Make the call").click()
    page.get_by_role("heading", name="409 Conflict").wait_for()
    assert complaints(page) == []
    page.get_by_label("userId").fill("player-9")
    page.get_by_role("button", name="Make the call").click()
    page.get_by_role("heading", name="200 OK").wait_for()
    picture(page, "test", full=True)
    page.get_by_role("link", name="Python").click()
    text = page.locator("#snippet-GetReward").inner_text()

    environment = {"MOMENTS_KEY": stack.demo["testApiKey"]}
    done = subprocess.run([sys.executable, "-c", text], env=environment, capture_output=True, check=True)
    answer = json.loads(done.stdout)
    assert answer["testMode"] is True
    page.goto(answer["rewardNotificationUrl"])
    page.get_by_text("This is a preview.").wait_for()
