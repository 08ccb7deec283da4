"""A points program as a member sets it up and runs it."""

import re

import pytest

pytestmark = pytest.mark.xdist_group("browser")

EVENTS = """event_id,user_id,action,category,quantity,amount,currency
order-1,mia,order,shoes,1,40.00,USD
order-2,mia,order,shoes,1,30.00,USD
order-3,noah,order,,1,10.00,USD
order-4,noah,fly,,,,
"""


def heading(page, name: str) -> None:
    page.get_by_role("heading", name=name, exact=True).wait_for()


def press(page, name: str, *, row: str = "") -> None:
    """A button or link, on the page or in the row of a table that has ``row``."""
    place = page.get_by_role("row").filter(has_text=row) if row else page.locator("main")
    place.get_by_role("button", name=name).or_(place.get_by_role("link", name=name)).first.click()


def tab(page, name: str) -> None:
    page.get_by_role("navigation", name="Points program").get_by_role("link", name=name, exact=True).click()


def card(page, name: str) -> str:
    return page.locator("dl.stat").filter(has_text=re.compile(f"^\\s*{name}")).locator("dd").first.inner_text()


def set_up(page) -> None:
    """An app, a program over it, and a rule for a category that is new."""
    page.goto("/console/developers/apps/new/")
    page.get_by_label("Name").fill("Zephyr")
    page.locator("main form button").last.click()
    page.goto("/console/points/")
    press(page, "Create program")
    page.get_by_label("Name").fill("Zephyr club")
    page.get_by_label("Zephyr").check()
    press(page, "Create program")
    heading(page, "Zephyr club")
    press(page, "Add rule")
    page.get_by_label("Action", exact=True).fill("order")
    page.get_by_label("Product category").fill("shoes")
    page.get_by_label("Points per event").fill("5")
    page.get_by_label("Points per unit of money").fill("1")
    press(page, "Add rule")
    page.get_by_text("The rule for “order (shoes)” is added.").wait_for()


def test_a_member_sets_up_a_program_and_runs_it(new_page, sign_in, complaints):
    page = new_page()
    sign_in(page, "console")
    set_up(page)

    press(page, "Edit", row="shoes")
    page.get_by_label("Points per event").fill("10")
    page.get_by_label("Currency").fill("QQQ")
    press(page, "Save rule")
    page.locator(".error-summary").wait_for()
    assert page.get_by_label("Points per event").input_value() == "10"
    page.get_by_label("Currency").fill("USD")
    press(page, "Save rule")
    page.get_by_text("10 per event").wait_for()
    press(page, "Pause", row="shoes")
    page.get_by_role("row").filter(has_text="paused").wait_for()
    press(page, "Resume", row="shoes")
    page.get_by_role("row").filter(has_text="active").wait_for()
    press(page, "Add rule")
    page.get_by_label("Action", exact=True).fill("order")
    page.get_by_label("Points per event").fill("1")
    press(page, "Add rule")

    tab(page, "Tiers")
    press(page, "Add status")
    page.get_by_label("Name").fill("Gold")
    page.get_by_label("Points to earn").fill("100")
    press(page, "Add status")
    tab(page, "Rules")
    press(page, "Add multiplier")
    page.get_by_label("Name").fill("Gold members")
    page.get_by_label("Status").select_option("Gold")
    press(page, "Add multiplier")
    page.get_by_role("row").filter(has_text="Gold members").wait_for()

    tab(page, "Tiers")
    for points, reward, is_automatic in ((40, "Finish chapter one (US)", False), (60, "Invite a friend (US)", True)):
        press(page, "Add tier")
        page.get_by_label("Points", exact=True).fill(str(points))
        page.get_by_label("Reward").select_option(reward)
        page.get_by_label("Exchange automatically").set_checked(is_automatic)
        press(page, "Check cost")
        heading(page, "Cost of this tier today")
        assert is_automatic or complaints(page) == []
        press(page, "Save tier")
        page.get_by_text(f"The tier at {points} points is saved.").wait_for()

    tab(page, "Simulator")
    page.get_by_label("Events").fill("order,1,40,shoes\norder,1,40,shoes\nfly")
    press(page, "Simulate")
    heading(page, "100 points in total")
    page.get_by_text("Known actions: order.").wait_for()

    tab(page, "Users")
    page.get_by_text("No users yet").wait_for()
    for counted in ("3", "0"):
        if counted == "3":
            press(page, "Upload events")
        page.get_by_label("CSV file").set_input_files(
            {"name": "events.csv", "mimeType": "text/csv", "buffer": EVENTS.encode()}
        )
        press(page, "Upload events")
        heading(page, "Results")
        assert card(page, "Counted") == counted
    assert (card(page, "Already counted"), card(page, "Refused")) == ("3", "1")
    assert complaints(page) == []
    with page.expect_download() as download:
        press(page, "Download results as CSV")
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[1].startswith("2,order-1,replayed,50,") and "unknown_action" in lines[4]

    tab(page, "Users")
    page.get_by_label("User id begins with").fill("mi")
    press(page, "Search")
    heading(page, "mia")
    assert card(page, "Available") == "90"
    press(page, "Adjust points")
    page.get_by_label("Points", exact=True).fill("-1000")
    page.get_by_label("Reason").fill("Sorry for the outage")
    press(page, "Adjust points")
    page.locator(".error-summary").wait_for()
    page.get_by_label("Points", exact=True).fill("10")
    press(page, "Adjust points")
    page.get_by_role("row").filter(has_text="Sorry for the outage").wait_for()
    assert card(page, "Available") == "100"
    press(page, "Reverse", row="order-2")
    page.get_by_label("Amount").fill("15.00")
    press(page, "Reverse event")
    page.get_by_text("20 points were reversed.").wait_for()
    assert card(page, "Available") == "80"
    press(page, "Exchange", row="40")
    heading(page, "Points exchanged")
    assert "/r/" in page.locator("#reward-url").inner_text()

    press(page, "Back to points")
    tab(page, "Overview")
    heading(page, "Stuck exchanges")
    page.get_by_role("row").filter(has_text="mia").wait_for()
    assert (card(page, "Users"), card(page, "Points outstanding")) == ("2", "41")
    assert complaints(page) == []
    press(page, "Dismiss", row="mia")
    page.get_by_text("The exchange is dismissed.").wait_for()
