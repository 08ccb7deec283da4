"""Campaigns put away: out of lists and the home page, with everything they have."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.approval.history import record_change
from campaigns.models import Campaign
from moments.errors import RuleViolation


def archive_campaign(campaign: Campaign, *, by: User, now: dt.datetime) -> None:
    """Put a draft or a finished campaign away."""
    with transaction.atomic():
        possible = Campaign.objects.filter(pk=campaign.pk, archived_at=None, status__in=Campaign.ARCHIVABLE)
        if not possible.update(archived_at=now):
            campaign.refresh_from_db()
            refuse_archived(campaign)
            message = _("This campaign is %s; only drafts and finished campaigns can be archived.")
            raise RuleViolation("not_archivable", message % campaign.get_status_display())
        record_change(campaign, "archived", by=by, now=now)
    campaign.refresh_from_db()


def unarchive_campaign(campaign: Campaign, *, by: User, now: dt.datetime) -> None:
    with transaction.atomic():
        if not Campaign.objects.filter(pk=campaign.pk).exclude(archived_at=None).update(archived_at=None):
            raise RuleViolation("not_archived", _("This campaign is not archived."))
        record_change(campaign, "brought back", by=by, now=now)
    campaign.refresh_from_db()


def refuse_archived(campaign: Campaign) -> None:
    if campaign.archived_at:
        raise RuleViolation("archived", _("This campaign is archived; bring it back first."))
