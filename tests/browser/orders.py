"""What customers do on a reward's page, button by button."""

from playwright.sync_api import Page


def fill_address(page: Page) -> None:
    page.get_by_label("Street address").fill("1 Harbor Street")
    page.get_by_label("City").fill("Portland")
    page.get_by_label("State").select_option("OR")
    page.get_by_label("ZIP code").fill("97205")


def order_pan(page: Page) -> None:
    """With a reward of the demo's, by whoever is signed in."""
    page.get_by_role("button", name="Claim reward").click()
    page.get_by_role("link", name="Choose Omelette pan").click()
    fill_address(page)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Place order").click()
    page.get_by_role("heading", name="We have your order").wait_for()
