"""A card, typed into the provider's own field in our page."""

import pytest

pytestmark = pytest.mark.xdist_group("browser")


def test_an_owner_sets_up_a_card_and_takes_it_away_again(new_page, sign_in, complaints):
    page = new_page()
    problems = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    sign_in(page, "console")
    page.goto("/console/billing/")
    page.get_by_role("link", name="Set up a card").click()
    card = {"number": "4242424242424242", "exp_month": "4", "exp_year": "31", "cvc": "123", "postal_code": "97205"}
    for name, value in card.items():
        page.get_by_placeholder(name, exact=True).fill(value)
    page.get_by_role("button", name="Keep this card").click()

    page.get_by_text("Statements are charged to Visa •••• 4242 from now on.").wait_for()
    assert not [text for text in problems if "Content Security Policy" in text]

    page.get_by_role("link", name="Remove it").click()
    page.get_by_text("is not charged any more").wait_for()
    assert not complaints(page, None)
    page.goto("/console/billing/owner/")
    page.get_by_text("owns it now").wait_for()
    assert not complaints(page, None)
    page.go_back()
    page.get_by_role("button", name="Remove the card").click()
    page.get_by_text("The card is removed.").wait_for()


def test_a_card_that_is_declined_is_said_beside_the_field(new_page, sign_in):
    page = new_page(width=320)
    sign_in(page, "console")
    page.goto("/console/billing/card/")
    for name, value in {"number": "4000000000000002", "exp_month": "4", "exp_year": "31", "cvc": "123"}.items():
        page.get_by_placeholder(name, exact=True).fill(value)
    page.get_by_role("button", name="Keep this card").click()

    page.get_by_role("alert").get_by_text("Your card was declined.").wait_for()
    page.get_by_role("button", name="Keep this card").wait_for()
