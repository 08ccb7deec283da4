"""Removal of secrets from logs."""

import logging
import re

logger = logging.getLogger("moments")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "no_secrets": {"()": "moments.security.log_redaction.RedactSecrets"},
        "broker_changes": {"()": "moments.security.log_redaction.BrokerChanges"},
    },
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no_secrets"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "celery.worker.consumer.consumer": {"filters": ["broker_changes"]},
        "celery.worker.request": {"filters": ["broker_changes"]},
        "celery.worker.consumer.connection": {"filters": ["broker_changes"], "level": "INFO"},
        "py.warnings": {"filters": ["broker_changes"]},
    },
}

BEFORE = "/r/", "/my-points/", "/accounts/link/", "/join/", "confirm-email/", "password/reset/key/"
SLASH = "(?:/|%2F)"  # the second form occurs in a URL inside another URL
PLACES = "|".join(place.replace("/", SLASH) for place in BEFORE)
SECRET = re.compile(rf"({PLACES}|mk_(?:live|test)_)[^\s\"'/?&]+", re.IGNORECASE)


def redact_secrets(text: str) -> str:
    """Mask reward tokens, links to points pages, API keys, and secrets of emailed links."""
    return SECRET.sub(r"\1…", text)


class RedactSecrets(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact_secrets(record.getMessage()), ()
        if record.exc_info and record.exc_info[1]:
            record.exc_text = redact_secrets(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        return True


class BrokerChanges(logging.Filter):
    """Log filter that reduces a worker's messages about its broker to one when it goes down and one when it is back.

    Celery logs each connection attempt, a paragraph of advice and a traceback for each unacknowledged message, which
    another worker processes again.
    """

    LOST = ("consumer: Connection to broker lost", "consumer: Cannot connect", "Couldn't ack", "Couldn't reject")
    ADVICE = "worker_cancel_long_running_tasks_on_connection_loss"
    is_gone = False

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if self.ADVICE in text:
            return False
        if text.startswith(self.LOST):
            was_gone, type(self).is_gone = self.is_gone, True
            record.msg, record.args = "The broker (Redis) does not answer: %s", (" ".join(text.split()),)
            record.exc_info = None  # traceback of an unacknowledged message
            return not was_gone
        if text.startswith("Connected to "):
            was_gone, type(self).is_gone = self.is_gone, False
            record.msg, record.args = "The broker (Redis) answers again.", ()
            return was_gone
        return True
