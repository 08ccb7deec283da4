"""Mails about campaigns, and what their templates show."""

import datetime as dt

from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.organizations.recipients import people_responsible
from campaigns.models import BudgetEntry, Campaign, CampaignVersion
from moments.i18n.datetimes import display_expiry, display_instant
from moments.money import display
from moments.registry import absolute, emails
from outbox.service import queue_mail


def people_of(campaign: Campaign) -> list[User]:
    """Whom a campaign's mails go to: whoever made it, else the organization's owners and administrators."""
    return people_responsible(campaign.organization_id, maker_id=campaign.created_by_id)


def mail_decision(campaign: Campaign, version: CampaignVersion, kind: str, *, now: dt.datetime) -> None:
    context = {"campaign": str(campaign.pk), "version": version.number}
    for user in people_of(campaign):
        dedupe_key = f"{kind}:{campaign.pk}:{version.number}:{user.pk}"
        queue_mail(kind, to_email=user.email, user=user, context=context, dedupe_key=dedupe_key, now=now)


def mail_finished(campaign: Campaign, *, now: dt.datetime) -> None:
    for user in people_of(campaign):
        dedupe_key = f"campaign_finished:{campaign.pk}:{user.pk}"
        context = {"campaign": str(campaign.pk)}
        queue_mail("campaign_finished", to_email=user.email, user=user, context=context, dedupe_key=dedupe_key, now=now)


def mail_threshold(
    campaign: Campaign, what: str, percent: int, spent: int, limit: int, *, dedupe_key: str, now: dt.datetime
) -> None:
    context = {"campaign": str(campaign.pk), "what": what, "percent": percent, "spent": spent, "limit": limit}
    for user in people_of(campaign):
        queue_mail(
            "budget_threshold",
            to_email=user.email,
            user=user,
            context=context,
            dedupe_key=f"{dedupe_key}:{user.pk}",
            now=now,
        )


def mail_held(campaign: Campaign, because: str, *, now: dt.datetime) -> None:
    context = {"campaign": str(campaign.pk), "because": because}
    for user in people_of(campaign):
        dedupe_key = f"campaign_held:{campaign.pk}:{now.isoformat()}:{user.pk}"
        queue_mail("campaign_held", to_email=user.email, user=user, context=context, dedupe_key=dedupe_key, now=now)


def mail_released(campaign: Campaign, *, now: dt.datetime) -> None:
    for user in people_of(campaign):
        context = {"campaign": str(campaign.pk)}
        dedupe_key = f"campaign_released:{campaign.pk}:{now.isoformat()}:{user.pk}"
        queue_mail("campaign_released", to_email=user.email, user=user, context=context, dedupe_key=dedupe_key, now=now)


# What the templates show


def campaign_of(context: dict) -> Campaign:
    return Campaign.objects.select_related("organization").get(pk=context["campaign"])


def common(campaign: Campaign) -> dict:
    return {"campaign_name": campaign.name, "campaign_url": absolute("console:campaigns:detail", campaign.pk)}


@emails.add("campaign_approved", "campaign_rejected")
def decision_context(context: dict) -> dict:
    campaign = campaign_of(context)
    version = campaign.versions.get(number=context["version"])
    if campaign.goes_live == Campaign.GoesLive.BY_DATE:
        goes_live = _("It goes live by itself on %s.") % display_instant(campaign.starts_at, campaign.time_zone)
    else:
        goes_live = _("It goes live when you press Go live.")
    return {**common(campaign), "reason": version.reason, "goes_live": goes_live}


@emails.add("campaign_finished")
def finished_context(context: dict) -> dict:
    campaign = campaign_of(context)
    charges = BudgetEntry.objects.filter(campaign=campaign, kind=BudgetEntry.Kind.REWARD)
    return {
        **common(campaign),
        "rewards": charges.count(),
        "spent": display(charges.aggregate(sum=Sum("amount_cents"))["sum"] or 0),
        "expires": display_expiry(campaign.rewards_expire_at, campaign.time_zone),
    }


@emails.add("campaign_released")
def released_context(context: dict) -> dict:
    return common(campaign_of(context))


@emails.add("campaign_held")
def held_context(context: dict) -> dict:
    return {**common(campaign_of(context)), "by_brake": context["because"] == Campaign.Held.BRAKE}


@emails.add("budget_threshold")
def threshold_context(context: dict) -> dict:
    return {
        **common(campaign_of(context)),
        "what": context["what"],
        "percent": context["percent"],
        "spent": display(context["spent"]),
        "limit": display(context["limit"]),
    }
