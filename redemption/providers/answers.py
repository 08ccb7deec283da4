"""Validation of providers' responses. Missing or mistyped values raise ``InvalidProviderResponse``."""

import re
from decimal import Decimal
from typing import Any

from moments.integrations.outcomes import InvalidProviderResponse

NUMBER = (int, Decimal)
REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,100}")
SECRETS = re.compile(r"https?://\S+|[\w-]{20,}")


def member(of: object, name: str, kind: type | tuple[type, ...]) -> Any:
    """Return ``of[name]``. Raises ``InvalidProviderResponse`` if it is missing or not of type ``kind``; booleans are
    refused.
    """
    found = of.get(name) if isinstance(of, dict) else None
    if not isinstance(found, kind) or isinstance(found, bool):
        raise InvalidProviderResponse(f"“{name}” is missing in the answer, or of another kind.")
    return found


def matching(pattern: re.Pattern[str], of: object, name: str) -> str:
    text = member(of, name, str)
    if not pattern.fullmatch(text):
        raise InvalidProviderResponse(f"“{name}” in the answer is nothing that can be kept.")
    return text


def sanitized(said: object) -> str:
    """Return an error text for operators: one line, at most 200 characters, without any link, code or key."""
    if not isinstance(said, str):
        return ""
    plain = "".join(letter for letter in said if letter.isprintable())
    return SECRETS.sub("…", plain)[:200]
