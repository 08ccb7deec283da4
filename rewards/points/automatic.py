"""Exchanges that are made when a user reaches a tier, and those that a campaign refused."""

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.organizations.service import require_role
from moments.errors import RuleViolation
from outbox.service import record_event
from rewards.issuing.emails import mail_stuck_exchange
from rewards.issuing.service import IssueResult
from rewards.models import PointEvent, PointExchange, PointsProgram, PointTier, StuckExchange
from rewards.points import event_emails
from rewards.points.exchanges import ExchangeResult, exchange_with, may_exchange
from rewards.points.ledger import Account, Posting, lock_account

MOST_PER_EVENT = 100  # automatic exchanges of one event; more wait for a member
TOO_MANY = "too_many_exchanges"
Outcome = StuckExchange.Outcome


def automatic_tiers(program: PointsProgram) -> list[PointTier]:
    """The highest first."""
    tiers = PointTier.objects.filter(program=program, is_automatic=True, retired_at=None)
    return list(tiers.select_related("moment__campaign", "group", "status").order_by("-points"))


def exchange_automatically(
    posting: Posting, account: Account, tiers: list[PointTier], *, event: PointEvent, email: str = "", now: dt.datetime
) -> list[IssueResult]:
    """Exchange for the highest automatic tier within reach, repeatedly while the balance allows; what was issued.
    ``email`` is the address that the app sent with the event.

    Called in the transaction that credits ``event``, with the account locked and the credit saved, so that there is no
    moment at which points are credited and the exchange is missing. What the campaign refuses debits nothing, is kept
    as a ``StuckExchange`` and ends the round: lower tiers never use up the points that a higher one waits for.
    """
    done: list[IssueResult] = []
    before: int | None = None  # exchanges that the event has caused already, when its points were pending
    while (tier := _highest_within_reach(posting, account, tiers, now)) is not None:
        if len(done) == MOST_PER_EVENT:
            reason = _("One event caused more than %d exchanges.") % MOST_PER_EVENT
            _keep_as_stuck(posting, account, tier, event, RuleViolation(TOO_MANY, reason), now)
            break
        if before is None:
            before = PointExchange.objects.filter(event=event).count()
        try:
            result = exchange_with(
                posting,
                account,
                event.app,
                tier,
                idempotency_key=f"event:{event.pk}:{before + len(done)}",
                event=event,
                min_vintage=tier.vintage or 0,
                email=email,
                now=now,
            )
        except RuleViolation as refusal:
            _keep_as_stuck(posting, account, tier, event, refusal, now)
            break
        if result.exchange is None:  # an approved campaign issues previews only
            _keep_as_stuck(posting, account, tier, event, in_test_mode(), now)
            break
        if result.reward_id is not None:
            _record_tier_reached(posting.program, account, tier, result, now)
        done.append(result.issued)
    return done


def in_test_mode() -> RuleViolation:
    return RuleViolation("campaign_not_started", _("The campaign is in test mode and issues no rewards yet."))


def _record_tier_reached(
    program: PointsProgram, account: Account, tier: PointTier, result: ExchangeResult, now: dt.datetime
) -> None:
    payload = {"user": account.app_user_id, "tier": tier.pk, "points": tier.points, "reward": str(result.reward_id)}
    dedupe_key = f"points.tier_reached:{result.reward_id}"
    record_event(program.organization, "points.tier_reached", payload, dedupe_key=dedupe_key, now=now)


def _highest_within_reach(
    posting: Posting, account: Account, tiers: list[PointTier], now: dt.datetime
) -> PointTier | None:
    """Of points credited since the tier became automatic alone."""
    for tier in tiers:
        if account.available < tier.points or posting.spendable(account, tier.vintage or 0) < tier.points:
            continue
        if tier.is_once and PointExchange.objects.filter(account=account.pk, tier=tier, is_once=True).exists():
            continue
        if may_exchange(posting, account, tier, now=now):
            return tier
    return None


# ---- stuck exchanges


def _keep_as_stuck(
    posting: Posting,
    account: Account,
    tier: PointTier,
    event: PointEvent,
    refusal: RuleViolation,
    now: dt.datetime,
) -> None:
    """One open row for a user and tier, however many events meet the refusal; members are notified of it once."""
    if posting.test_ledger:
        return
    known = StuckExchange.objects.filter(account=account.pk, tier=tier, outcome=Outcome.OPEN)
    if known.update(code=refusal.code, reason=refusal.message[:300], event=event):
        return
    stuck = StuckExchange.objects.create(
        account_id=account.pk,
        tier=tier,
        event=event,
        code=refusal.code,
        reason=refusal.message[:300],
        occurred_at=now,
    )
    mail_stuck_exchange(stuck, now=now)


def open_stuck_exchanges(program: PointsProgram) -> QuerySet[StuckExchange]:
    """What waits for a member, the oldest first."""
    related = ("account", "tier__moment__campaign", "tier__group", "event__app")
    stuck = StuckExchange.objects.filter(tier__program=program, outcome=Outcome.OPEN)
    return stuck.select_related(*related).order_by("id")


def retry_stuck_exchange(stuck: StuckExchange, *, by: Member, now: dt.datetime) -> ExchangeResult:
    """Make the exchange now, booked under the app whose event caused it, also where that app has left the program.

    A refusal leaves it open.
    """
    require_role(by, *Member.EDITORS)
    with transaction.atomic():
        posting, account = lock_account(stuck.tier.program, stuck.account.app_user_id, now=now)
        rows = StuckExchange.objects.select_for_update(of=("self",)).select_related("event__app")
        locked = rows.get(pk=stuck.pk)
        if locked.outcome == Outcome.DISMISSED:
            raise RuleViolation("dismissed", _("This exchange was dismissed before. The user kept the points."))
        done = exchange_with(
            posting,
            account,
            locked.event.app,
            stuck.tier,
            idempotency_key=f"stuck:{stuck.pk}",
            event=locked.event,
            email=event_emails.email_of(locked.event_id),
            now=now,
        )
        if done.exchange is None:
            raise in_test_mode()
        posting.close()
        event_emails.forget_settled(locked.event_id, now=now)
    return done


def dismiss_stuck_exchange(stuck: StuckExchange, *, by: Member, now: dt.datetime) -> None:
    """Leave the points with the user; the next event may reach the tier again."""
    require_role(by, *Member.EDITORS)
    with transaction.atomic():
        rows = StuckExchange.objects.filter(pk=stuck.pk, outcome=Outcome.OPEN)
        rows.update(outcome=Outcome.DISMISSED, resolved_at=now)
        event_emails.forget_settled(stuck.event_id, now=now)
