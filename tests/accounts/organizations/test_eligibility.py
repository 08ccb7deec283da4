"""Where organizations may come from."""

import pytest

from accounts.models import IneligibleCountry
from accounts.organizations.eligibility import country_choices, country_name, ineligible_names, refuse_ineligible
from moments.errors import RuleViolation


def test_a_country_is_named_as_people_call_it():
    assert country_name("TW") == "Taiwan"
    assert country_name("DE") == "Germany"
    assert country_name("XX") == "XX"


def test_choices_are_sorted_by_name_and_cover_every_country():
    names = [name for _code, name in country_choices()]

    assert names == sorted(names) and len(names) > 240
    assert country_choices(["US", "DE"]) == [("DE", "Germany"), ("US", "United States")]


def test_the_list_of_ineligible_countries_is_shown_by_name(db):
    IneligibleCountry.objects.all().delete()
    IneligibleCountry.objects.create(code="SY")
    IneligibleCountry.objects.create(code="CU")

    assert ineligible_names() == ["Cuba", "Syria"]


@pytest.mark.parametrize(
    ("country", "code", "words"),
    [
        ("XX", "unknown_country", "“XX” is not a country."),
        ("", "unknown_country", "is not a country"),
        ("CU", "country_not_eligible", "Organizations in Cuba cannot take part"),
    ],
)
def test_a_country_is_refused_with_the_reason_at_its_field(db, country, code, words):
    with pytest.raises(RuleViolation) as caught:
        refuse_ineligible(country)

    assert (caught.value.code, caught.value.field) == (code, "country")
    assert words in caught.value.message


def test_every_other_country_passes(db):
    refuse_ineligible("DE")
