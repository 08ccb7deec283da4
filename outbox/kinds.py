"""Which kinds of emails and events can be queued: those that an app has declared, and no other."""

import functools
from pathlib import Path

from django.conf import settings

from moments.registry import emails, events

PLAIN = "plain"
MESSAGE = "_message.txt"
RECURRING = frozenset({"report", "reward_expiring", "operator_digest"})  # each carries one-click unsubscribe (RFC 8058)


def kinds() -> list[str]:
    return [*emails, *account_kinds(), PLAIN]


@functools.cache
def account_kinds() -> tuple[str, ...]:
    """Of the templates that sign-in (django-allauth) and we have for emails about the account."""
    folder = Path(settings.BASE_DIR) / "templates" / "account" / "email"
    return tuple(sorted(path.name.removesuffix(MESSAGE) for path in folder.glob(f"*{MESSAGE}")))


def refuse_unknown_email(kind: str) -> None:
    """Raises ``ValueError``: a misspelled kind would be an empty email, found when it is sent."""
    if kind not in emails and kind != PLAIN and kind not in account_kinds():
        raise ValueError(f"There is no kind of email “{kind}”.")


def refuse_unknown_event(type: str) -> None:
    if type not in events:
        raise ValueError(f"There is no type of event “{type}”.")
