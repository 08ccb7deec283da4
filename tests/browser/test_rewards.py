"""Rewards in the console, by hand: looked for, voided, sent to many."""

import csv
import uuid

import pytest

pytestmark = pytest.mark.xdist_group("browser")


def choose_file(page, *lines: str) -> None:
    content = "\r\n".join(["\ufeffuser_id;email", *lines]).encode()
    page.set_input_files("input[type=file]", {"name": "winners.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Check the file").click()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_file_is_mended_issued_and_fetched(new_page, sign_in, stack, complaints, picture, javascript):
    page, users = new_page(javascript=javascript), [f"player-{uuid.uuid4()}" for _number in range(3)]
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    sign_in(page, "console")
    page.goto(f"/console/rewards/campaigns/{stack.demo['campaignId']}/uploads/")

    choose_file(page, f"{users[0]};kim@", f"{users[1]};")
    page.get_by_role("row", name="2 email kim@").wait_for()
    assert not javascript or complaints(page) == []
    page.get_by_role("link", name="Upload corrected file").click()
    choose_file(page, *(f"{user};" for user in users))
    picture(page, "upload")
    assert not javascript or complaints(page) == []
    page.get_by_role("button", name="Issue 3 rewards, $82.50").click()

    fetch = page.get_by_role("link", name="Download the result")
    for _try in range(40 if not javascript else 0):  # with JavaScript the page looks for itself
        if fetch.is_visible():
            break
        page.wait_for_timeout(250)
        page.get_by_role("link", name="Refresh").or_(fetch).first.click(no_wait_after=True)
    fetch.wait_for()
    assert not javascript or complaints(page) == []
    with page.expect_download() as download:
        fetch.click()
    rows = list(csv.DictReader(download.value.path().read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["user_id"], row["status"]) for row in rows] == [(user, "issued") for user in users]
    assert page.goto(rows[0]["reward_url"]).ok
    assert refused == []


def test_a_reward_is_found_by_its_user_and_voided_with_the_keyboard(new_page, sign_in):
    page = new_page(width=320, dark=True)
    sign_in(page, "console")
    page.goto("/console/rewards/")

    page.get_by_label("Reward or user id").fill("player-1007")
    page.keyboard.press("Enter")
    page.locator("th.id a").first.press("Enter")
    page.get_by_role("link", name="Void").press("Enter")
    page.get_by_text("Nothing is refunded").wait_for()
    page.get_by_role("button", name="Void the reward").press("Enter")

    page.get_by_text("Its charge stays").wait_for()
    assert page.get_by_role("link", name="Void").count() == 0
