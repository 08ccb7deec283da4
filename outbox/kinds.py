"""Registered kinds of emails and events. Others cannot be queued."""

import functools
from pathlib import Path

from django.conf import settings

from moments.registry import emails, events

PLAIN = "plain"
MESSAGE = "_message.txt"
RECURRING = frozenset({"report", "reward_expiring", "operator_digest"})  # these have one-click unsubscribe (RFC 8058)


def kinds() -> list[str]:
    return [*emails, *account_kinds(), PLAIN]


@functools.cache
def account_kinds() -> tuple[str, ...]:
    """Return the kinds for which there are account email templates (django-allauth's and ours)."""
    folder = Path(settings.BASE_DIR) / "templates" / "account" / "email"
    return tuple(sorted(path.name.removesuffix(MESSAGE) for path in folder.glob(f"*{MESSAGE}")))


def refuse_unknown_email(kind: str) -> None:
    """Raise ``ValueError`` for an unknown kind, which would otherwise fail only when it is sent."""
    if kind not in emails and kind != PLAIN and kind not in account_kinds():
        raise ValueError(f"There is no kind of email “{kind}”.")


def refuse_unknown_event(type: str) -> None:
    if type not in events:
        raise ValueError(f"There is no type of event “{type}”.")
