"""A campaign's life: submitted, approved, live, finished; each step with a line in its history and its mail."""

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns import emails as mails
from campaigns.approval.expiry import rewards_expire_at
from campaigns.approval.history import move
from campaigns.approval.snapshot import Difference, diff_versions, snapshot_campaign
from campaigns.billing.cards import may_be_billed
from campaigns.models import Banner, Campaign, CampaignVersion, GroupProduct
from campaigns.setup.archive import refuse_archived
from campaigns.setup.cpa import credit_per_cent
from campaigns.setup.readiness import refuse_unready
from moments.errors import RuleViolation
from moments.registry import absolute
from outbox.service import notify_operators

Status = Campaign.Status
Decision = CampaignVersion.Decision


def _locked(campaign: Campaign) -> Campaign:
    return (
        Campaign.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organization", "app")
        .get(pk=campaign.pk)
    )


def submit_for_approval(campaign: Campaign, *, by: User, now: dt.datetime) -> CampaignVersion:
    """Freeze what is there and hand it to the operators. Refuses what is not complete, with everything it lacks."""
    with transaction.atomic():
        locked = _locked(campaign)
        if locked.status not in Campaign.EDITABLE:
            raise RuleViolation("not_editable", _("This campaign is %s already.") % locked.get_status_display())
        refuse_archived(locked)
        refuse_unready(locked, now=now)
        version = CampaignVersion.objects.create(
            campaign=locked,
            number=locked.versions.count() + 1,
            content=snapshot_campaign(locked, now=now),
            submitted_by=by,
            submitted_at=now,
        )
        move(locked, Status.PENDING, "submitted", by=by, now=now)
        _tell_operators(version, now=now)
    campaign.refresh_from_db()
    return version


def _tell_operators(version: CampaignVersion, *, now: dt.datetime) -> None:
    campaign = version.campaign
    values = {"campaign": campaign, "organization": campaign.organization, "number": version.number}
    values["url"] = absolute("admin:campaigns_campaign_review", campaign.pk)
    text = _("%(organization)s submitted version %(number)d of “%(campaign)s”:\n%(url)s") % values
    subject = _("Campaign waits for approval: %(campaign)s") % values
    notify_operators(subject, text, dedupe_key=f"submitted:{version.pk}", now=now)


def withdraw_campaign(campaign: Campaign, *, by: User, now: dt.datetime) -> None:
    """Take a submission back, to edit it."""
    with transaction.atomic():
        locked = _locked(campaign)
        if locked.status != Status.PENDING:
            raise RuleViolation("not_pending", _("This campaign is not waiting for approval."))
        _decide(locked, Decision.WITHDRAWN, by=by, reason="", now=now)
        move(locked, Status.DRAFT, "withdrawn", by=by, now=now)
    campaign.refresh_from_db()


def approve_campaign(
    campaign: Campaign, *, by: User, note: str = "", number: int | None = None, now: dt.datetime
) -> None:
    """What was submitted, as it was submitted, may run: values and exchange rates are fixed from here on.

    ``number`` is the version that the operator looked at; another one that was submitted meanwhile is not approved.
    ``note`` is for the developer.
    """
    with transaction.atomic():
        locked = _locked(campaign)
        version = _decide(locked, Decision.APPROVED, by=by, reason=note.strip(), number=number, now=now)
        if not may_be_billed(locked.organization):
            message = _("%s has no payment method; waive payment for it before you approve.") % locked.organization
            raise RuleViolation("no_payment_method", message)
        if changed := changes_since(version, now=now):
            names = ", ".join(difference.field for difference in changed)
            raise RuleViolation("changed_since_review", _("It changed since it was submitted: %s.") % names)
        fix_values(locked, version.content)
        expires = rewards_expire_at(locked)
        assert expires  # noqa: S101 - for the type checker; nothing is submitted without an end
        columns: dict = {"exchange_rates": version.content["exchange_rates"], "rewards_expire_at": expires}
        if expires > now:
            columns["window_closed_at"] = None
        if locked.banner:
            Banner.objects.filter(pk=locked.banner.pk, approved_at=None).update(approved_at=now)
        move(locked, Status.APPROVED, "approved", by=by, why=note.strip(), now=now, **columns)
        mails.mail_decision(locked, version, "campaign_approved", now=now)
    campaign.refresh_from_db()


def reject_campaign(campaign: Campaign, *, by: User, reason: str, number: int | None = None, now: dt.datetime) -> None:
    if not reason.strip():
        raise RuleViolation("no_reason", _("Say why, so that they know what to mend."), field="reason")
    with transaction.atomic():
        locked = _locked(campaign)
        version = _decide(locked, Decision.REJECTED, by=by, reason=reason.strip(), number=number, now=now)
        move(locked, Status.REJECTED, "rejected", by=by, why=reason.strip(), now=now)
        mails.mail_decision(locked, version, "campaign_rejected", now=now)
    campaign.refresh_from_db()


def _decide(
    locked: Campaign, decision: str, *, by: User, reason: str, number: int | None = None, now: dt.datetime
) -> CampaignVersion:
    version = locked.versions.filter(decision=Decision.PENDING).first()
    if locked.status != Status.PENDING or version is None:
        raise RuleViolation("not_pending", _("This campaign is not waiting for approval."))
    if number is not None and version.number != number:
        message = _("Version %(number)d was submitted meanwhile; look at it before you decide.")
        raise RuleViolation("other_version", message % {"number": version.number})
    version.decision, version.decided_by, version.decided_at, version.reason = decision, by, now, reason
    version.save(update_fields=["decision", "decided_by", "decided_at", "reason"])
    return version


def changes_since(version: CampaignVersion, *, now: dt.datetime) -> list[Difference]:
    """What of the campaign's own is no longer as it was submitted. Prices and rates that moved do not count: those of
    the submission are the ones that are fixed."""
    current = snapshot_campaign(version.campaign, now=now)
    moving = ("exchange_rates.", "budget", "monthly_limit", "total_budget")
    return [
        difference
        for difference in diff_versions(version.content, current)
        if not difference.field.startswith(moving) and not difference.field.endswith((".reward_value", ".title"))
    ]


def fix_values(campaign: Campaign, content: dict) -> None:
    """Write down what the submission said each product is worth, and what a US cent buys in each store."""
    for group in campaign.groups.select_related("marketplace"):
        worth = {
            sku: product["reward_value"] for sku, product in content["groups"][group.key].get("products", {}).items()
        }
        for choice in group.choices.select_related("product"):
            GroupProduct.objects.filter(pk=choice.pk).update(reward_value_cents=worth[choice.product.sku])
        currency = group.marketplace.currency
        group.credit_per_cent = credit_per_cent(currency, Decimal(content["exchange_rates"][currency]))
        group.retail_value_cents = max(worth.values(), default=None)
        group.save(update_fields=["credit_per_cent", "retail_value_cents"])


def last_approved(campaign: Campaign) -> CampaignVersion | None:
    return campaign.versions.filter(decision=Decision.APPROVED).first()


def reopen_for_editing(campaign: Campaign, *, by: User, now: dt.datetime) -> None:
    """An approved campaign becomes a draft again and needs a new approval."""
    _step(campaign, Status.DRAFT, "reopened for editing", from_={Status.APPROVED, Status.REJECTED}, by=by, now=now)


def go_live(campaign: Campaign, *, by: User | None = None, now: dt.datetime) -> None:
    """From here on rewards are real. Refuses one that has ended."""
    if campaign.ends_at and campaign.ends_at <= now:
        raise RuleViolation("campaign_finished", _("The campaign's end has passed."))
    _step(campaign, Status.LIVE, "went live", from_={Status.APPROVED}, by=by, now=now)


def take_down(campaign: Campaign, *, by: User | None, reason: str = "", now: dt.datetime) -> None:
    """Issue nothing more until somebody resumes it. What was issued stays good."""
    from_ = {Status.APPROVED, Status.LIVE}
    _step(campaign, Status.SUSPENDED, "taken down", from_=from_, by=by, why=reason, now=now, suspended_from=None)


def resume(campaign: Campaign, *, by: User, now: dt.datetime) -> None:
    """Back to where it was taken down from."""
    if campaign.ends_at and campaign.ends_at <= now:
        raise RuleViolation("campaign_finished", _("The campaign's end has passed; finish it instead."))
    to = campaign.suspended_from or Status.APPROVED
    _step(campaign, to, "resumed", from_={Status.SUSPENDED}, by=by, now=now, suspended_from="")


def finish(campaign: Campaign, *, by: User | None = None, now: dt.datetime) -> None:
    """The end, also before its time. The expiry that customers were promised does not change."""
    _step(campaign, Status.FINISHED, "finished", from_={Status.LIVE, Status.SUSPENDED}, by=by, now=now)


def _step(
    campaign: Campaign,
    to: str,
    what: str,
    *,
    from_: set,
    by: User | None,
    why: str = "",
    now: dt.datetime,
    **columns: Any,
) -> None:
    with transaction.atomic():
        locked = _locked(campaign)
        if locked.status not in from_:
            message = _("This campaign is %s, so this cannot be done.") % locked.get_status_display()
            raise RuleViolation("illegal_move", message)
        if "suspended_from" in columns and columns["suspended_from"] is None:
            columns["suspended_from"] = locked.status
        move(locked, to, what, by=by, why=why, now=now, **columns)
        if to == Status.FINISHED:
            mails.mail_finished(locked, now=now)
    campaign.refresh_from_db()


def open_due_campaigns(*, now: dt.datetime) -> int:
    return _each(Campaign.objects.due_for_opening(now), go_live, now)


def finish_due_campaigns(*, now: dt.datetime) -> int:
    return _each(Campaign.objects.due_for_finishing(now), finish, now)


def _each(campaigns: Iterable[Campaign], act: Callable[..., object], now: dt.datetime) -> int:
    """One transaction each; one that somebody moved meanwhile is left to the next round."""
    done = 0
    for campaign in campaigns:
        try:
            act(campaign, now=now)
        except RuleViolation:
            continue
        done += 1
    return done
