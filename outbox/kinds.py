"""Registered kinds of emails and events. Others cannot be queued."""

import functools
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from moments.registry import emails, events

events.add("test.ping")(_("A member sent a test event to this endpoint."))

PLAIN = "plain"
PING = "test.ping"
OPT_IN_EVENTS = frozenset({"points.credited"})  # sent only to endpoints that chose them, and else not recorded
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


def endpoint_event_types() -> list[str]:
    """Return the types that an endpoint can choose, sorted. The test event is sent to every endpoint."""
    return sorted(set(events) - {PING})


def refuse_unknown_event(type: str) -> None:
    if type not in events:
        raise ValueError(f"There is no type of event “{type}”.")
