"""Validation of names: only visible characters, and no control over the text around them."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from moments.errors import RuleViolation

# Control characters, line and paragraph separators, surrogates; and characters that change the text direction
HIDDEN = {"Cc", "Cs", "Zl", "Zp"}
TURNING = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
BLANK = set("\u115f\u1160\u2800\u3164\uffa0")  # letters and symbols without a visible shape


def is_bad(character: str) -> bool:
    return unicodedata.category(character) in HIDDEN or character in TURNING


def is_seen(character: str) -> bool:
    return unicodedata.category(character)[0] not in "CZ" and character not in BLANK


def is_plain(name: str) -> bool:
    """Return whether the name has no hidden characters and something visible. Joiners in Hindi, Persian or emoji are
    allowed.
    """
    return not any(map(is_bad, name)) and (not name or any(map(is_seen, name)))


def plain(text: str) -> str:
    """Return an external name without disallowed characters; empty if nothing visible remains."""
    kept = "".join(" " if character in "\t\n\r" else character for character in text)
    kept = " ".join("".join(character for character in kept if not is_bad(character)).split())
    return kept if any(map(is_seen, kept)) else ""


def _message() -> str:
    return _("Use characters that can be seen, on one line.")


def plain_name(name: Any) -> None:
    """Form validator for names."""
    if isinstance(name, str) and not is_plain(name):
        raise ValidationError(_message(), code="not_plain")


def refuse_not_plain(name: str, *, field: str) -> None:
    if not is_plain(name):
        raise RuleViolation("not_plain", _message(), field=field)


class NameField(models.CharField):
    """A model field for names. Every save raises ``RuleViolation`` for a name that is not plain."""

    default_validators = [plain_name]  # noqa: RUF012 - as in Django

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if isinstance(value, str):
            refuse_not_plain(value, field=self.name)
        return super().get_db_prep_save(value, connection)

    def deconstruct(self) -> Any:
        """Return an ordinary ``CharField`` for migrations."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


def plain_lines(text: Any) -> None:
    """Form validator for text with several lines, such as a street address."""
    if isinstance(text, str):
        plain_name(" ".join(text.splitlines()))


class LinesField(NameField):
    """A model field for text with several lines."""

    default_validators = [plain_lines]  # noqa: RUF012 - as in Django

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if isinstance(value, str):
            refuse_not_plain(" ".join(value.splitlines()), field=self.name)
        return models.CharField.get_db_prep_save(self, value, connection)


class PlainName(forms.CharField):
    """A form field for names."""

    default_validators = [plain_name]  # noqa: RUF012 - as in Django


class PlainLines(forms.CharField):
    default_validators = [plain_lines]  # noqa: RUF012 - as in Django
