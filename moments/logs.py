"""Logs without secrets."""

import logging
import re

logger = logging.getLogger("moments")

SECRET = re.compile(r"(/r/|mk_(?:live|test)_|confirm-email/|/accounts/link/|/join/|password/reset/key/)[^\s\"'/?]+")


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
