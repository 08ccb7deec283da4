"""Signed links to a user's points page: no account, for a time.

A link names the program, the app, the user, and the ledger; whoever has it sees that user's points until it expires.
Nothing is stored. The page exchanges it for a session and a path without the token.
"""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.core import signing
from django.utils.translation import gettext as _

from accounts.models import App
from moments.errors import RuleViolation
from moments.registry import absolute_url
from rewards.models import PointsProgram
from rewards.points.lookups import ledger_of, program_of, refuse_blank

SALT = "rewards.points.hosted_page"
DEFAULT = dt.timedelta(minutes=15)
SHORTEST, LONGEST = dt.timedelta(minutes=1), dt.timedelta(days=1)
PATH = "/my-points/{token}/"  # the route that opens a link; logs mask what follows


@dataclass(frozen=True)
class PageLink:
    """``url`` is for the user alone; it is not stored and must not be logged."""

    url: str
    expires_at: dt.datetime


@dataclass(frozen=True)
class PageVisit:
    """Whose points a link shows, in whose colors, until when. ``is_live`` is False for a test key's link."""

    program: PointsProgram
    app: App
    app_user_id: str
    is_live: bool
    expires_at: dt.datetime


def create_page_link(
    app: App, app_user_id: str, *, lifetime: dt.timedelta = DEFAULT, is_live: bool = True, now: dt.datetime
) -> PageLink:
    """A link that works for ``lifetime``, a minute to a day."""
    refuse_blank(user_id=app_user_id)
    if not SHORTEST <= lifetime <= LONGEST:
        message = _("ttl_seconds is %(given)d; it is %(least)d to %(most)d.")
        values = {"given": lifetime.total_seconds(), "least": SHORTEST.total_seconds(), "most": LONGEST.total_seconds()}
        raise RuleViolation("invalid_request", message % values, field="ttl_seconds")
    program = program_of(app)
    expires_at = (now + lifetime).replace(microsecond=0)
    token = sign(PageVisit(program, app, app_user_id, is_live, expires_at))
    return PageLink(absolute_url(PATH.format(token=token)), expires_at)


def sign(visit: PageVisit) -> str:
    """The token of a link. A link to a test ledger names its number, so that clearing the ledger ends it."""
    ledger = ledger_of(visit.program, is_live=visit.is_live)
    named = [visit.program.pk.hex, visit.app.pk.hex, visit.app_user_id, ledger, int(visit.expires_at.timestamp())]
    return signing.dumps(named, salt=SALT, compress=True)


def open_page_link(token: str, *, now: dt.datetime) -> PageVisit:
    """Whom a link is for. Raises ``RuleViolation``: ``unknown_link`` for a token that was not made here, or whose app
    has left the program; ``link_expired`` for one whose time is over."""
    try:
        program_hex, app_hex, user, ledger, expires = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise _unknown() from None
    expires_at = dt.datetime.fromtimestamp(expires, dt.UTC)
    if expires_at <= now:
        raise RuleViolation("link_expired", _("This link has expired; open your points from the app again."))
    program = PointsProgram.objects.select_related("organization").filter(pk=uuid.UUID(hex=program_hex)).first()
    app = program and program.current_apps.filter(pk=uuid.UUID(hex=app_hex)).first()
    if not program or not app or ledger not in (0, program.test_ledger):
        raise _unknown()
    return PageVisit(program, app, user, ledger == 0, expires_at)


def _unknown() -> RuleViolation:
    return RuleViolation("unknown_link", _("This link does not work; open your points from the app again."))
