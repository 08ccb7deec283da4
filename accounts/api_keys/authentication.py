"""Whose call is this? Keys, the addresses they may come from, and through which proxies."""

import datetime as dt
import uuid
from dataclasses import dataclass
from functools import cached_property

from django.db import connection

from accounts.models import ApiKey, App
from accounts.organizations.service import secret_digest
from moments.web.client_addresses import is_within

USE_IS_NOTED_EVERY = dt.timedelta(minutes=1)

# One statement for every call of the API; the ORM takes five times as long for it.
FIND = """
SELECT k.id, k.mode, k.last_used_at, asked.at, a.id, a.ip_allowlist, a.rate_per_second, a.legacy_missing_reward
FROM (SELECT coalesce(%s, clock_timestamp()) AS at) asked, accounts_apikey k JOIN accounts_app a ON a.id = k.app_id
WHERE k.digest = %s AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > asked.at)
"""


@dataclass(frozen=True)
class Caller:
    """Whose key it is, and what its app allows. ``at`` is when it was asked for."""

    key_id: int | str
    mode: str
    last_used_at: dt.datetime | None
    at: dt.datetime
    app_id: uuid.UUID
    ip_allowlist: list[str]
    rate_per_second: int | None
    legacy_missing_reward: bool

    @property
    def is_live(self) -> bool:
        return self.mode == ApiKey.Mode.LIVE

    @cached_property
    def app(self) -> App:
        return App.objects.select_related("organization").get(pk=self.app_id)


def find_caller(secret: str, *, now: dt.datetime | None = None) -> Caller | None:
    """Who has this secret; None for unknown, revoked and rolled-out keys alike. Without ``now`` the database's."""
    if not secret.startswith("mk_") or len(secret) > 80:
        return None
    with connection.cursor() as cursor:
        cursor.execute(FIND, [now, secret_digest(secret)])
        row = cursor.fetchone()
    return Caller(*row) if row else None


def note_use(caller: Caller) -> None:
    """Keeps ``last_used_at`` good to a minute, so that not every call writes."""
    if caller.last_used_at is None or caller.at - caller.last_used_at >= USE_IS_NOTED_EVERY:
        ApiKey.objects.filter(pk=caller.key_id).update(last_used_at=caller.at)


def may_call_from(caller: Caller, address: str) -> bool:
    return not caller.ip_allowlist or is_within(address, caller.ip_allowlist)
