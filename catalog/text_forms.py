"""A product's texts in other languages, as operators write them."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from moments.web.forms import UnstaleForm

OTHERS = [(code, name) for code, name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
LABELS = {"title": _("Title, %s"), "description": _("Description, %s")}


def text_fields() -> dict[str, forms.Field]:
    """``title_ja``, ``description_ja`` and so on."""
    found: dict[str, forms.Field] = {}
    for code, name in OTHERS:
        for column, label in LABELS.items():
            widget = forms.TextInput({"lang": code}) if column == "title" else forms.Textarea({"lang": code, "rows": 2})
            most = 160 if column == "title" else 2000
            found[f"{column}_{code}"] = forms.CharField(
                label=label % name, max_length=most, required=False, widget=widget
            )
    return found


class WrittenTexts(UnstaleForm):
    """What is typed becomes ``Product.translations``; empty fields fall back to the product's own texts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, texts in self.instance.translations.items():
            for column, text in texts.items():
                self.initial[f"{column}_{code}"] = text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        found: dict[str, dict[str, str]] = {}
        for code, _name in OTHERS:
            said = {
                column: text for column in LABELS if (text := (cleaned or self.cleaned_data).get(f"{column}_{code}"))
            }
            found |= {code: said} if said else {}
        self.instance.translations = found
        return cleaned


TextsForm = type("TextsForm", (WrittenTexts,), text_fields())
