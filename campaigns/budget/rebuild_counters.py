"""Counters set to what the ledger adds up to: what an operator does who has found out why they differed."""

import datetime as dt

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.approval.history import record_change
from campaigns.budget.limits import refuse_no_reason
from campaigns.models import Campaign, CampaignMonth, OrganizationMonth
from moments.errors import RuleViolation, is_violation_of

OVER_A_CAP = ("campaign_spent_within_budget", "campaign_month_within_limit", "organization_month_within_limit")

# In the order of every issue: campaign, campaign-months, organization-months. The ledger itself is never touched.
RECOUNT = (
    """
    UPDATE campaigns_campaign c SET total_spent_cents = coalesce(
        (SELECT sum(amount_cents) FROM campaigns_budgetentry WHERE campaign_id = c.id), 0)
    WHERE c.id = %(campaign)s
    """,
    """
    UPDATE campaigns_campaignmonth m SET spent_cents = coalesce(
        (SELECT sum(amount_cents) FROM campaigns_budgetentry WHERE campaign_id = m.campaign_id AND month = m.month), 0)
    WHERE m.campaign_id = %(campaign)s
    """,
    """
    UPDATE campaigns_organizationmonth m SET spent_cents = coalesce((SELECT sum(amount_cents)
        FROM campaigns_budgetentry WHERE organization_id = m.organization_id AND month = m.month), 0)
    WHERE m.organization_id = %(organization)s
    """,
)


def rebuild_counters(campaign: Campaign, *, why: str, by: User, now: dt.datetime) -> None:
    """Set the counters of a held campaign, and its organization's, to the sums of the ledger.

    Refused where the ledger itself has gone over a cap: then the cap has to be raised first.
    """
    why = refuse_no_reason(why)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
            if locked.held_at is None:
                raise RuleViolation("not_held", _("Only the counters of a campaign that is held are recounted."))
            # Locked before they are added up: what waits here has not been written, what was written is seen.
            list(CampaignMonth.objects.select_for_update(no_key=True).filter(campaign=locked).order_by("pk"))
            months = OrganizationMonth.objects.select_for_update(no_key=True)
            list(months.filter(organization=locked.organization_id).order_by("pk"))
            for statement in RECOUNT:
                cursor.execute(statement, {"campaign": locked.pk, "organization": locked.organization_id})
            record_change(locked, "counters set to the ledger", by=by, why=why, now=now)
    except IntegrityError as error:
        if not is_violation_of(error, *OVER_A_CAP):
            raise
        message = _("The ledger is over a limit or the budget; raise that first.")
        raise RuleViolation("ledger_over_cap", message) from None
    campaign.refresh_from_db()
