"""What operators allow: how much may be spent in a month, and when the brake takes hold. Each with a reason."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organization, User
from campaigns.approval.history import record_change
from campaigns.budget.spending import lock_months, most_spent
from campaigns.models import Campaign, CampaignMonth, OrganizationLimitChange, OrganizationMonth
from moments.errors import RuleViolation
from moments.money import display


def refuse_no_reason(why: str) -> str:
    """The reason without surrounding spaces. It is required, because the history shows it."""
    if not why.strip():
        raise RuleViolation("no_reason", _("Enter a reason; it is recorded in the history."), field="why")
    return why.strip()


def refuse_below_spent(cents: int, spent: int, *, field: str) -> None:
    if cents < spent:
        message = _("%(given)s is below the %(spent)s that are spent this month already.")
        raise RuleViolation("limit_too_low", message % {"given": display(cents), "spent": display(spent)}, field=field)


def set_campaign_ceiling(
    campaign: Campaign, *, ceiling_cents: int, why: str, by: User | None, now: dt.datetime
) -> None:
    """Raise or lower the highest monthly limit that the developer may choose.

    A limit that lies above it comes down with it, this month's included; never below what is spent.
    """
    why = refuse_no_reason(why)
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        limit = min(locked.monthly_limit_cents, ceiling_cents)
        months = lock_months(CampaignMonth, limit_cents=locked.monthly_limit_cents, now=now, campaign=locked)
        refuse_below_spent(limit, most_spent(months), field="ceiling_cents")
        months.update(limit_cents=limit)
        columns = {"monthly_ceiling_cents": ceiling_cents, "monthly_limit_cents": limit}
        Campaign.objects.filter(pk=locked.pk).update(**columns)
        text = _("Up to %(most)s a month, now %(limit)s: %(why)s")
        values = {"most": display(ceiling_cents), "limit": display(limit), "why": why}
        record_change(locked, "highest monthly limit changed", by=by, why=text % values, now=now)
    campaign.refresh_from_db(fields=list(columns))


def set_organization_limit(
    organization: Organization, *, limit_cents: int, why: str, by: User | None, now: dt.datetime
) -> None:
    """Raise or lower what an organization may spend in a month, this one included. Never below what is spent."""
    why = refuse_no_reason(why)
    with transaction.atomic():
        locked = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
        before = locked.monthly_limit_cents
        months = lock_months(OrganizationMonth, limit_cents=before, now=now, organization=locked)
        refuse_below_spent(limit_cents, most_spent(months), field="new_limit")
        months.update(limit_cents=limit_cents)
        Organization.objects.filter(pk=locked.pk).update(monthly_limit_cents=limit_cents)
        OrganizationLimitChange.objects.create(
            organization=locked, occurred_at=now, actor=by, before_cents=before, after_cents=limit_cents, reason=why
        )
    organization.monthly_limit_cents = limit_cents


def set_brake(campaign: Campaign, *, is_on: bool, floor: int, why: str, by: User, now: dt.datetime) -> None:
    """Switch the runaway brake on or off, and say below how many rewards in 5 minutes it never takes hold."""
    why = refuse_no_reason(why)
    with transaction.atomic():
        Campaign.objects.filter(pk=campaign.pk).update(brake_is_on=is_on, brake_floor=floor)
        text = _("On, from %(floor)d rewards in 5 minutes: %(why)s") if is_on else _("Off: %(why)s")
        record_change(campaign, "runaway brake changed", by=by, why=text % {"floor": floor, "why": why}, now=now)
    campaign.refresh_from_db(fields=["brake_is_on", "brake_floor"])
