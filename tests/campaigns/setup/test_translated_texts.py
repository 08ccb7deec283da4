"""What a campaign says in other languages, and what stands where it says nothing."""

import pytest
from django.utils import translation

from campaigns.models import Campaign
from campaigns.setup.translations import TEXTS, announcement_of, in_language, kept, text_of

GERMAN = {"announcement_message": "Mach mit.", "redemption_message": "Geschafft.", "terms": ""}


@pytest.fixture
def campaign():
    return Campaign(
        kind=Campaign.Kind.CHALLENGE,
        announcement_message="Join in.",
        redemption_message="You did it.",
        banner_alt="A present",
        terms="One each.",
        translations={"de": GERMAN},
    )


def test_a_text_is_its_translation_or_the_campaigns_own_words(campaign):
    assert text_of(campaign, "redemption_message", "de") == "Geschafft."
    assert text_of(campaign, "redemption_message", "fr") == "You did it."
    assert text_of(campaign, "terms", "de") == "One each."  # an empty translation says nothing
    assert text_of(campaign, "banner_alt", "de") == "A present"


def test_a_surprise_is_announced_by_its_redemption_message(campaign):
    assert announcement_of(campaign, "de") == "Mach mit."

    campaign.kind = Campaign.Kind.SURPRISE
    assert announcement_of(campaign, "de") == "Geschafft."


def test_a_copy_is_in_the_language_of_the_page_and_the_original_stays_as_it_was(campaign):
    with translation.override("de"):
        found = in_language(campaign)

    assert [getattr(found, name) for name in TEXTS] == ["Mach mit.", "Geschafft.", "A present", "One each."]
    assert campaign.redemption_message == "You did it." and found is not campaign


def test_without_a_language_it_is_the_campaigns_own(campaign):
    with translation.override(None):
        assert in_language(campaign).redemption_message == "You did it."


def test_languages_and_fields_that_say_nothing_are_left_out():
    assert kept({"de": GERMAN, "fr": {"terms": ""}, "es": {}}) == {
        "de": {"announcement_message": "Mach mit.", "redemption_message": "Geschafft."}
    }
