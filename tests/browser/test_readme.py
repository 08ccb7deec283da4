"""The README's way to the first reward, done as it is written: its words in italics, in their order, and no others."""

import itertools
import json
import re
import shlex
import subprocess
import sys
import uuid

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.orders import fill_address
from tests.test_docs import README

pytestmark = pytest.mark.xdist_group("browser")

SECTION = README.partition("## Your first reward in five minutes\n")[2].partition("\n## ")[0]
PASSWORD = "moments-demo-2026"


def in_italics(text: str) -> list[str]:
    return re.findall(r"(?<!\*)\*([^*\s][^*]*)\*(?!\*)", text)


def said(text: str) -> str:
    assert text in SECTION, f"the README does not say {text!r}"
    return text


def without_repeats(words: list[str]) -> list[str]:
    """A link that leads to a button of the same name may be named once."""
    return [" ".join(word.split()) for word, _again in itertools.groupby(words)]


class Reader:
    """Someone with the README beside a browser. ``done`` has every word in italics that was followed."""

    def __init__(self, page: Page, done: list[str]) -> None:
        self.page = page
        self.done = done

    def find(self, role, name: str, within: Locator | None = None) -> Locator:
        """By its whole name, or by the first words of it where the rest is for screen readers."""
        self.done.append(name)
        start = rf"^(complete: )?{re.escape(name)}( |\.\.\.|…|$)"
        return (within or self.page.locator("body")).get_by_role(role, name=re.compile(start))

    def follow(self, name: str, within: Locator | None = None) -> None:
        self.find("link", name, within).first.click()

    def press(self, name: str, within: Locator | None = None) -> None:
        self.find("button", name, within).click()

    def field(self, name: str) -> Locator:
        self.done.append(name)
        return self.page.get_by_label(re.compile(rf"^\s*{re.escape(name)}(\W|$)")).first

    def is_at_step(self, name: str) -> None:
        self.find("link", name, self.page.locator(".stepper [aria-current=step]").locator("..")).wait_for()

    def sign_in(self, email: str) -> None:
        self.page.get_by_label("Email").fill(said(email))
        self.page.get_by_label("Password").fill(said(PASSWORD))
        self.page.get_by_role("button", name="Sign in", exact=True).click()


def test_the_first_reward_is_what_the_readme_says(new_page, stack, tmp_path):
    done: list[str] = []
    developer, staff, customer = (Reader(new_page(), done) for _who in range(3))
    name = f"Level 10 {uuid.uuid4().hex[:6]}"

    developer.page.goto("/")
    developer.follow("Sign in")
    developer.sign_in("ada@example.com")
    make_campaign(developer, name, drawn_banner(tmp_path))
    approve(staff, name)
    try_it(developer, name)
    answer = issue(developer, name, stack)
    redeem(customer, answer["rewardNotificationUrl"])
    ship(staff, customer)

    assert without_repeats(done) == without_repeats(in_italics(SECTION))


def test_words_in_italics_are_found_in_their_order():
    text = "*Sign in* with **care**, then *Submit for\n   approval*: 3 * 4 * 5"

    assert without_repeats(in_italics(text)) == ["Sign in", "Submit for approval"]
    assert without_repeats(["Ship", "Ship", "Carrier", "Ship"]) == ["Ship", "Carrier", "Ship"]


def drawn_banner(folder):
    """By the command of the README."""
    command = shlex.split(re.search(r"^ *\.venv/bin/python (-c .*)$", SECTION, re.M)[1])
    subprocess.run([sys.executable, *command], cwd=folder, check=True)
    return folder / said("banner.png")


def make_campaign(reader: Reader, name: str, banner) -> None:
    page = reader.page
    reader.follow("Create campaign")
    reader.field("Name").fill(name)
    reader.field("App").select_option(label=said("Lantern"))
    reader.press("Create campaign")
    reader.is_at_step("Details")
    reader.field("Support contact").fill("help@example.com")
    reader.press("Save and continue")
    reader.is_at_step("Moments")
    reader.press("Save and continue")
    reader.is_at_step("Rewards")
    reader.field("Search").fill(said("bear"))
    reader.press("Search")
    reader.press("Add", page.get_by_role("listitem").filter(has_text=said("Bear, medium")))
    page.get_by_text("Suggested cost per action: " + said("$27.50")).wait_for()
    reader.follow("Continue")
    reader.is_at_step("Message and banner")
    reader.field("Announcement message").fill("Reach level 10 and get a bear.")
    reader.field("Redemption message").fill("Level 10! This is for you.")
    reader.field("Banner").set_input_files(banner)
    reader.field("Banner's alternative text").fill("A purple field")
    reader.press("Save and continue")
    reader.is_at_step("Budget")
    reader.field("Total budget").fill(said("500"))
    assert reader.field("Cost per action").input_value() == "27.50"
    reader.press("Save and continue")
    reader.is_at_step("Review")
    reader.press("Submit for approval")
    page.get_by_text("is pending approval.").wait_for()


def approve(reader: Reader, name: str) -> None:
    reader.page.goto(said("/admin/"))
    reader.sign_in("staff@example.com")
    reader.find("heading", "Waiting for you").wait_for()
    reader.page.get_by_role("link", name=re.compile("waits? for approval")).click()
    reader.follow("Review", reader.page.get_by_role("row", name=name))
    reader.press("Approve")
    reader.page.locator(".messagelist", has_text=f"{name}: approved").wait_for()


def open_campaign(reader: Reader, name: str) -> None:
    reader.follow("Campaigns")
    reader.page.get_by_role("link", name=name).click()


def try_it(reader: Reader, name: str) -> None:
    open_campaign(reader, name)
    reader.follow("Test this campaign")
    reader.press("Make the call")
    reader.page.locator("#answer", has_text=said('"testMode": true')).wait_for()


def issue(reader: Reader, name: str, stack) -> dict:
    """What the call of the campaign's page answers, made by the line and the call that the pages show."""
    reader.follow("Apps and keys")
    reader.page.get_by_role("link", name=said("Lantern")).click()
    reader.follow("Create API key")
    reader.field("Live").check()
    reader.press("Create API key")
    shown = reader.page.locator("#export").inner_text()
    assert shown.startswith(said("export MOMENTS_KEY="))
    open_campaign(reader, name)
    reader.follow("Go live")
    reader.press("Go live")
    reader.page.get_by_text("is live.").wait_for()
    call = reader.page.locator("#snippet").inner_text()
    status, answer = make_call(stack, call, key=shown.partition("=")[2])
    assert (status, answer["testMode"]) == (200, False)
    return answer


def make_call(stack, call: str, *, key: str) -> tuple[int, dict]:
    """A curl command that a page shows, made without curl."""
    command, url, *rest = shlex.split(call.replace("\\\n", " ").replace("$MOMENTS_KEY", key))
    options = list(zip(rest[::2], rest[1::2], strict=True))
    headers = dict(value.split(": ") for option, value in options if option == "-H")
    (body,) = (json.loads(value) for option, value in options if option == "-d")
    assert command == "curl" and url.startswith(stack.url)
    status, answer, _headers = stack.post(url.removeprefix(stack.url), body, **headers)
    return status, answer


def redeem(reader: Reader, url: str) -> None:
    reader.page.goto(url)
    reader.follow("Sign in")
    reader.sign_in("kim@example.com")
    reader.press("Claim reward")
    reader.follow("Choose")
    fill_address(reader.page)
    reader.press("Continue")
    reader.press("Place order")
    reader.page.get_by_role("heading", name="We have your order").wait_for()


def ship(staff: Reader, customer: Reader) -> None:
    number = re.search(r"/orders/([0-9A-Z-]+)/", customer.page.url)[1]
    staff.page.goto("/admin/")
    staff.follow("Orders")
    staff.page.get_by_role("link", name=number).click()
    staff.field("Why do you need to see it?").fill("To pack and send it")
    staff.press("Show it")
    staff.follow("Ship")
    staff.field("Carrier").fill("Parcel Post")
    staff.field("Tracking number").fill("PP123")
    staff.press("Ship")
    staff.page.locator(".messagelist", has_text=f"{number}: shipped").wait_for()
    customer.page.reload()
    customer.page.get_by_role("heading", name="It is on its way").wait_for()
    customer.page.goto("/mailbox/?to=kim@example.com")
    customer.page.get_by_role("link", name="On its way: " + said("Bear, medium")).first.wait_for()
