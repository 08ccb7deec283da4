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


def draft_of(page) -> str:
    page.goto("/console/campaigns/?status=draft")
    return page.get_by_role("link", name="Level 10", exact=True).get_attribute("href")


def test_the_preview_follows_what_is_typed_and_back_leaves_the_page(new_page, sign_in, complaints, picture):
    page, refused = new_page(), []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    sign_in(page, "console")
    draft = draft_of(page)
    page.goto(f"{draft}message/")

    page.get_by_role("textbox", name="Redemption message").fill("You found the lighthouse")
    frame = page.locator(".live-box iframe").last.content_frame
    frame.get_by_role("heading", name="You found the lighthouse").wait_for()
    page.get_by_label("Desktop").check()
    page.get_by_label("Mail", exact=True).check()
    frame.get_by_role("link", name="Open your reward").wait_for()
    frame.get_by_role("heading", name="You found the lighthouse").wait_for()
    picture(page, "preview")
    assert complaints(page) == []

    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.go_back()
    page.wait_for_url("**/console/campaigns/?status=draft")
    assert asked == ["beforeunload"]  # what was typed is not lost without a question
    page.goto(f"{draft}message/")
    assert page.get_by_role("textbox", name="Redemption message").input_value() == ""
    assert refused == []


def test_the_preview_has_a_button_without_javascript(new_page, sign_in):
    page = new_page(javascript=False, width=320, dark=True)
    sign_in(page, "console")
    page.goto(f"{draft_of(page)}message/")

    page.get_by_role("textbox", name="Redemption message").fill("You found the lighthouse")
    page.get_by_role("button", name="Preview").click()

    page.locator(".live-box iframe").last.content_frame.get_by_role(
        "heading", name="You found the lighthouse"
    ).wait_for()
    assert page.get_by_role("textbox", name="Redemption message").input_value() == "You found the lighthouse"


@pytest.mark.parametrize("javascript", [True, False])
def test_a_step_saves_when_another_one_is_opened(new_page, sign_in, complaints, javascript):
    page, asked = new_page(javascript=javascript), []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    sign_in(page, "console")
    draft = draft_of(page)
    page.goto(f"{draft}details/")

    page.get_by_label("Support contact").fill(f"help-{javascript}@example.com".lower())
    page.get_by_role("button", name="Message and banner").click()
    page.wait_for_url("**/message/")
    page.get_by_role("button", name="Details").click()

    page.wait_for_url("**/message/")  # the messages are still missing
    page.get_by_text("This page was not saved because of the problems below.").wait_for()
    assert not javascript or complaints(page) == []
    page.get_by_role("link", name="Leave without saving").click()
    assert page.get_by_label("Support contact").input_value() == f"help-{javascript}@example.com".lower()
    assert asked == []
