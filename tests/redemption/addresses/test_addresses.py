"""Addresses as each country writes them, and those that customers keep."""

import dataclasses
import datetime as dt
import re

import pytest
from django.utils import translation

from catalog.models import Marketplace
from moments.errors import RuleViolation
from redemption.addresses.address import Address, address_of, check_address, correct_address
from redemption.addresses.formats import fields_of
from redemption.addresses.saved import MOST, deliverable, forget_address, save_address
from redemption.models import Order, SavedAddress
from rewards.claims.service import claim_reward
from tests import make
from tests.redemption.claim.test_pages import open_page

TORONTO = Address("Kim Larsen", "290 Bremner Blvd", "Toronto", "ON", "M5V 3L9", "CA")
PORTLAND_FORM = {
    "recipient": "Kim Larsen",
    "country": "US",
    "street": "1 Harbor Street",
    "city": "Portland",
    "region": "OR",
    "postal_code": "97205",
}


@pytest.mark.parametrize(
    ("country", "labels", "with_a_list"),
    [
        ("US", "Street address, City, State, ZIP code", True),
        ("CA", "Street address, City, Province, Postal code", True),
        ("GB", "Street address, Town or city, Postcode", False),
        ("JP", "Street address, Prefecture, Postal code", True),
        ("IN", "Street address, City, PIN code, State", True),
        ("AU", "Street address, Suburb or town, State, Postcode", True),
        ("BR", "Street address, Neighborhood, City, State, Postal code", True),
        ("MX", "Street address, Neighborhood, Postal code, City, State", True),
        ("IT", "Street address, Postal code, City, Province", True),
        ("CN", "Street address, District, City, Province, Postal code", True),
        ("DE", "Street address, Postal code, City", False),
    ],
)
def test_an_address_has_the_parts_and_names_of_its_country(country, labels, with_a_list):
    fields = fields_of(country)

    assert ", ".join(field.label for field in fields) == labels
    assert any(field.choices for field in fields) == with_a_list


def test_regions_are_named_as_the_reader_reads_them():
    def names(country):
        return [name for field in fields_of(country) for _code, name in field.choices]

    assert "Hokkaido" in names("JP") and "Québec" not in names("CA")
    with translation.override("fr"):
        assert "Québec" in names("CA")
    with translation.override("ja"):
        assert "北海道" in names("JP")
        assert [field.name for field in fields_of("JP")] == ["postal_code", "region", "street"]


@pytest.mark.parametrize(
    ("changes", "field", "shown"),
    [
        ({"postal_code": "1234"}, "postal_code", "“1234” is not a postal code of Ontario, Canada.*K1A 0B1"),
        ({"region": "Bavaria"}, "region", "“Bavaria” is not a region of Canada. It has: Alberta, .*…"),
        ({"city": ""}, "city", "City: an address in Canada needs it."),
    ],
)
def test_what_a_country_does_not_know_is_refused_with_what_it_knows(changes, field, shown):
    with pytest.raises(RuleViolation, match=shown) as caught:
        correct_address(dataclasses.replace(TORONTO, **changes))

    assert caught.value.field == field


def test_a_city_that_is_not_in_the_countrys_list_is_refused():
    sao_paulo = Address("Ana", "Rua Augusta 1", "Gotham", "SP", "01305-000", "BR", city_area="Consolação")

    with pytest.raises(RuleViolation, match=r"“Gotham” is not known there. There are: Adamantina") as caught:
        correct_address(sao_paulo)

    assert caught.value.field == "city"
    corrected = correct_address(dataclasses.replace(sao_paulo, city="são paulo"))
    assert (corrected.city, corrected.city_area) == ("São Paulo", "Consolação")


def test_a_digital_item_needs_a_state_only_where_it_decides_the_tax(db):
    store = Marketplace.objects.get(code="US")
    nowhere = Address("Kim", "", "", "", "", "DE")

    assert check_address(nowhere, store, is_digital=True) == nowhere
    with pytest.raises(RuleViolation) as caught:
        check_address(dataclasses.replace(nowhere, country="US"), store, is_digital=True)
    assert caught.value.field == "region"


# Kept


def test_an_address_is_kept_once_and_the_newest_stands_first(customer, now):
    save_address(customer, make.PORTLAND, now=now)
    save_address(customer, TORONTO, now=now + dt.timedelta(minutes=1))
    save_address(customer, make.PORTLAND, now=now + dt.timedelta(minutes=2))

    assert [address_of(kept) for kept in customer.saved_addresses.all()] == [make.PORTLAND, TORONTO]
    assert deliverable(customer, Marketplace.objects.get(code="CA")).count() == 2
    assert deliverable(customer, Marketplace.objects.get(code="JP")).count() == 0


def test_so_many_addresses_are_kept_and_no_more(customer, now):
    for number in range(MOST + 2):
        address = dataclasses.replace(make.PORTLAND, street=f"{number} Harbor Street")
        save_address(customer, address, now=now + dt.timedelta(minutes=number))

    kept = [saved.street for saved in customer.saved_addresses.all()]
    assert (len(kept), kept[0], kept[-1]) == (10, "11 Harbor Street", "2 Harbor Street")


def test_an_address_is_forgotten_by_its_own_customer_alone(customer, now):
    saved = save_address(customer, make.PORTLAND, now=now)

    assert not forget_address(make.customer(), saved.pk)
    assert SavedAddress.objects.count() == 1
    assert forget_address(customer, saved.pk) and not forget_address(customer, saved.pk)


# On the page


@pytest.fixture
def checkout(client, reward, customer, now):
    """The path of the address's page of what the customer has claimed."""
    client.force_login(customer)
    claim_reward(reward, customer=customer, now=now)
    return f"{open_page(client, reward)}items/{reward.group.choices.get().product_id}/address/"


def test_changing_the_country_changes_the_fields_and_keeps_what_was_typed(client, checkout):
    page = client.post(checkout, {**PORTLAND_FORM, "country": "CA", "change": "1"})

    assert "Province" in page.text and "ZIP code" not in page.text
    assert "1 Harbor Street" in page.text and "Fix these problems:" not in page.text
    assert not Order.objects.exists()


def test_a_country_that_is_not_served_is_refused_with_the_list(client, checkout):
    page = client.post(checkout, {**PORTLAND_FORM, "country": "KP"})

    assert "We do not deliver to North Korea. We deliver to: " in page.text
    assert "1 Harbor Street" in page.text


@pytest.mark.parametrize("country", ["", "XX", "US\x00", "x" * 5000, "🎁"])
def test_nonsense_for_a_country_is_answered_with_the_page(client, checkout, country):
    for more in ({}, {"change": "1"}):
        page = client.post(checkout, {**PORTLAND_FORM, "country": country, **more})

        assert page.status_code == 200


@pytest.mark.slow
def test_an_address_is_kept_where_it_is_wanted_and_offered_the_next_time(client, checkout, customer):
    client.post(checkout, PORTLAND_FORM)
    assert not customer.saved_addresses.exists()

    client.post(checkout, {**PORTLAND_FORM, "keep": "on"})
    page = client.get(checkout)
    assert "Deliver here" in page.text
    answer = client.post(checkout, {"saved": customer.saved_addresses.get().pk})

    assert answer.status_code == 302 and answer["Location"].endswith("/review/")


def test_somebody_elses_address_is_not_found(client, checkout, now):
    theirs = save_address(make.customer(), make.PORTLAND, now=now)

    for pk in (theirs.pk, "0", "x", "９", "-1", "9" * 40):
        assert client.post(checkout, {"saved": pk}).status_code == 404


@pytest.mark.slow
def test_a_digital_item_asks_for_the_country_alone(client, customer, now):
    film = make.product(1200, kind="digital")
    reward = make.reward(make.campaign(products=[film], cpa_cents=1320), claimed_by=customer)
    client.force_login(customer)
    page = f"{open_page(client, reward)}items/{film.pk}/"

    german = client.post(f"{page}address/", {"country": "DE", "change": "1"})
    assert list(german.context["form"].fields) == ["country"]
    assert list(client.get(f"{page}address/").context["form"].fields) == ["country", "region"]
    client.post(f"{page}address/", {"country": "DE"})
    client.post(f"{page}review/")

    assert (Order.objects.get().country, Order.objects.get().recipient) == ("DE", customer.name)


def test_continue_with_another_country_shows_its_fields_and_keeps_what_was_typed(client, checkout):
    """Without JavaScript, and without the button that is there for it."""
    typed = {**PORTLAND_FORM, "country": "DE", "fields_of": "US"}

    page = client.post(checkout, typed)

    form = page.context["form"]
    assert page.status_code == 200 and not form.errors
    assert "region" not in form.fields and form["city"].value() == "Portland" and form["street"].value()
    assert 'name="fields_of" value="DE"' in page.text
    german = {**typed, "fields_of": "DE", "postal_code": "10115", "city": "Berlin"}
    assert client.post(checkout, german)["Location"].endswith("/review/")


def test_the_browser_stops_nobody_who_has_changed_the_country(client, checkout):
    page = client.get(checkout).text
    form = next(part for part in page.split("<form") if 'name="fields_of"' in part).partition("</form>")[0]

    buttons = re.findall(r"<button[^>]*>", form)

    assert len(buttons) == 3 and all("formnovalidate" in button for button in buttons)


@pytest.mark.slow
@pytest.mark.parametrize("typed", ["%", "%s", "%(value)s", "100 %", "%%"])
def test_what_was_typed_is_never_a_format(client, checkout, typed):
    page = client.post(checkout, {**PORTLAND_FORM, "country": typed})

    assert page.status_code == 200
    assert f"We do not deliver to {typed}." in page.context["form"].errors["country"][0]
