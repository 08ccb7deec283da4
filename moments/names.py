"""Names that people read: what is in them can be seen, and stays where it is written."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from moments.errors import RuleViolation

# Control characters, line and paragraph separators, halves of characters, and marks that turn the text around
HIDDEN = {"Cc", "Cs", "Zl", "Zp"}
TURNING = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
BLANK = set("\u115f\u1160\u2800\u3164\uffa0")  # letters and symbols that are drawn as nothing


def is_bad(character: str) -> bool:
    return unicodedata.category(character) in HIDDEN or character in TURNING


def is_seen(character: str) -> bool:
    return unicodedata.category(character)[0] not in "CZ" and character not in BLANK


def is_plain(name: str) -> bool:
    """Nothing hidden in it, and something to see. Joiners within Hindi, Persian or emoji are part of their spelling."""
    return not any(map(is_bad, name)) and (not name or any(map(is_seen, name)))


def plain(text: str) -> str:
    """A name from elsewhere without what may not be in it; "" where nothing of it is seen."""
    kept = "".join(" " if character in "\t\n\r" else character for character in text)
    kept = " ".join("".join(character for character in kept if not is_bad(character)).split())
    return kept if any(map(is_seen, kept)) else ""


def _message() -> str:
    return _("Use characters that can be seen, on one line.")


def plain_name(name: Any) -> None:
    """A validator for forms."""
    if isinstance(name, str) and not is_plain(name):
        raise ValidationError(_message(), code="not_plain")


def refuse_not_plain(name: str, *, field: str) -> None:
    if not is_plain(name):
        raise RuleViolation("not_plain", _message(), field=field)


class NameField(models.CharField):
    """A column for a name. Forms, services and updates alike are refused what is not plain."""

    default_validators = [plain_name]  # noqa: RUF012 - as Django has it

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if isinstance(value, str):
            refuse_not_plain(value, field=self.name)
        return super().get_db_prep_save(value, connection)

    def deconstruct(self) -> Any:
        """For migrations it is text like any other."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


def plain_lines(text: Any) -> None:
    """A validator for what may have several lines, as a street may."""
    if isinstance(text, str):
        plain_name(" ".join(text.splitlines()))


class LinesField(NameField):
    """A column for what may have several lines."""

    default_validators = [plain_lines]  # noqa: RUF012 - as Django has it

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if isinstance(value, str):
            refuse_not_plain(" ".join(value.splitlines()), field=self.name)
        return models.CharField.get_db_prep_save(self, value, connection)


class PlainName(forms.CharField):
    """A form's field for a name."""

    default_validators = [plain_name]  # noqa: RUF012 - as Django has it


class PlainLines(forms.CharField):
    default_validators = [plain_lines]  # noqa: RUF012 - as Django has it
