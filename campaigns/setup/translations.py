"""A campaign's texts in other languages. A text without a translation is shown in the campaign's own language."""

import copy

from django.utils import translation

from campaigns.models import Campaign

TEXTS = ["announcement_message", "redemption_message", "banner_alt", "terms"]


def text_of(campaign: Campaign, name: str, language: str) -> str:
    """One of ``TEXTS``."""
    return campaign.translations.get(language, {}).get(name) or getattr(campaign, name)


def announcement_of(campaign: Campaign, language: str) -> str:
    """What the app shows before the reward. A surprise is not announced, so that its redemption message is used."""
    return text_of(campaign, "announcement_message" if campaign.is_announced else "redemption_message", language)


def in_language(campaign: Campaign) -> Campaign:
    """A copy to be read, never saved, with its texts in the language of the page or mail."""
    found, language = copy.copy(campaign), translation.get_language() or "en"
    for name in TEXTS:
        setattr(found, name, text_of(campaign, name, language))
    return found


def kept(translations: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Without languages and fields that say nothing, so that an empty form is no difference."""
    said = {code: {name: text for name, text in texts.items() if text} for code, texts in translations.items()}
    return {code: texts for code, texts in said.items() if texts}
