"""Campaigns that wait for a person: held, they issue nothing (``held_for_review``) until somebody releases them."""

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.approval.history import record_change
from campaigns.budget.limits import refuse_no_reason
from campaigns.emails import mail_held, mail_released
from campaigns.models import Campaign
from moments.errors import Conflict, RuleViolation
from moments.registry import absolute
from outbox.service import notify_operators, record_event

Held = Campaign.Held


def hold_campaign(campaign: Campaign, *, because: str, why: str, now: dt.datetime) -> bool:
    """Issue nothing more until a person has looked. What was issued stays good. False where it was held already.

    Books that differ take over from the brake, so that nobody but an operator lets it go on.
    """
    weaker = Q(held_at=None) | Q(held_because=Held.BRAKE) if because == Held.BOOKS else Q(held_at=None)
    with transaction.atomic():
        free = Campaign.objects.filter(weaker, pk=campaign.pk)
        if not free.update(held_at=now, held_because=because):
            return False
        record_change(campaign, "held for review", by=None, why=why, now=now)
        payload = {"campaign": str(campaign.pk), "because": because}
        record_event(campaign.organization, "campaign.held", payload, now=now)
        mail_held(campaign, because, now=now)
        text = _("%(why)s\n\nIt issues nothing until somebody releases it:\n%(url)s")
        notify_operators(
            _("Held for review: %s") % campaign,
            text % {"why": why, "url": absolute("admin:rewards_reconciliationrun_held", campaign.pk)},
            dedupe_key=f"held:{campaign.pk}:{now.isoformat()}",
            now=now,
        )
    campaign.refresh_from_db(fields=["held_at", "held_because"])
    return True


def release_campaign(campaign: Campaign, *, why: str, by: User, now: dt.datetime) -> None:
    """Let it issue again; the brake counts afresh. Refused without a reason, and where nothing holds it."""
    why = refuse_no_reason(why)
    if campaign.held_at is None:
        raise RuleViolation("not_held", _("This campaign is not held."))
    with transaction.atomic():
        held = Campaign.objects.filter(pk=campaign.pk, held_at=campaign.held_at)
        if not held.update(held_at=None, held_because="", brake_counts_from=now):
            raise Conflict
        record_change(campaign, "released", by=by, why=why, now=now)
        payload = {"campaign": str(campaign.pk)}
        record_event(campaign.organization, "campaign.released", payload, now=now)
        if campaign.held_because == Held.BOOKS:
            mail_released(campaign, now=now)
    campaign.refresh_from_db(fields=["held_at", "held_because", "brake_counts_from"])


def release_brake(campaign: Campaign, *, by: User, now: dt.datetime) -> None:
    """The developer has looked at what the brake stopped, and means it. Books that differ are for operators alone."""
    if campaign.held_because == Held.BOOKS:
        raise RuleViolation("held_for_review", _("We are looking at this campaign and mail you when it goes on."))
    release_campaign(campaign, why=_("They looked at it in the console."), by=by, now=now)
