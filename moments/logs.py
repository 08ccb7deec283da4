"""Logs without secrets."""

import logging
import re

logger = logging.getLogger("moments")

BEFORE = "/r/", "/accounts/link/", "/join/", "confirm-email/", "password/reset/key/"
SLASH = "(?:/|%2F)"  # the other where one address stands within another, as the page to come back to
PLACES = "|".join(place.replace("/", SLASH) for place in BEFORE)
SECRET = re.compile(rf"({PLACES}|mk_(?:live|test)_)[^\s\"'/?&]+", re.IGNORECASE)


def without_secrets(text: str) -> str:
    """Reward tokens, API keys and the secrets of mailed links, masked."""
    return SECRET.sub(r"\1…", text)


class NoSecrets(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = without_secrets(record.getMessage()), ()
        if record.exc_info and record.exc_info[1]:
            record.exc_text = without_secrets(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        return True
