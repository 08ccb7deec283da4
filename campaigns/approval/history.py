"""A campaign's history: who, when, what, why."""

import datetime as dt
from typing import Any

from accounts.models import User
from campaigns.models import Campaign, CampaignChange
from moments.lifecycle import advance
from outbox.service import record_event


def record_change(
    campaign: Campaign,
    what: str,
    *,
    by: User | None,
    why: str = "",
    before: str = "",
    after: str = "",
    now: dt.datetime,
) -> None:
    CampaignChange.objects.create(
        campaign=campaign,
        occurred_at=now,
        actor=by,
        event=what,
        from_status=before,
        to_status=after,
        reason=why,
    )


def move(
    campaign: Campaign, to: str, what: str, *, by: User | None, why: str = "", now: dt.datetime, **columns: Any
) -> None:
    """Advance the status, with its line in the history and its event. Call it inside a transaction."""
    before = campaign.status
    advance(campaign, to, **columns)
    record_change(campaign, what, by=by, why=why, before=before, after=to, now=now)
    payload = {"campaign": str(campaign.pk), "status": to}
    record_event(campaign.organization, f"campaign.{to}", payload, now=now)
