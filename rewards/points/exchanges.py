"""Points for rewards: on request, or automatically when a user reaches a tier."""

import datetime as dt

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.models import App, Member
from accounts.organizations.service import require_role
from campaigns.setup.translations import text_of
from moments.errors import RuleViolation
from moments.i18n.languages import nearest_language
from outbox.service import record_event
from rewards.issuing.emails import mail_stuck_exchange
from rewards.issuing.outcomes import IssueOutcome
from rewards.issuing.service import IssueRequest, IssueResult, issue_reward, reward_link
from rewards.models import PointAccount, PointEntry, PointEvent, PointExchange, PointTier, Reward, StuckExchange
from rewards.points.ledger import fingerprint_of, locked_account, program_of, refuse_blank, sum_of, write_entry

MOST_PER_EVENT = 100  # automatic exchanges of one event; more wait for a member
TOO_MANY = "too_many_exchanges"
Outcome = StuckExchange.Outcome


def exchange_points(
    app: App,
    *,
    app_user_id: str,
    tier: PointTier,
    idempotency_key: str,
    is_live: bool = True,
    event: PointEvent | None = None,
    now: dt.datetime,
) -> IssueResult:
    """Debit the tier's points and issue its reward, in one transaction. A repeat gets the same reward.

    ``event`` is the event that caused an automatic exchange; it is booked under the app that sent the event.
    """
    refuse_blank(user_id=app_user_id, idempotency_key=idempotency_key)
    program = program_of(app)
    if tier.program_id != program.pk:
        raise RuleViolation("unknown_tier", _("The points program has no such tier."))
    fingerprint = fingerprint_of(app_user_id, tier.pk)
    if not is_live:
        return issue_reward(_ask_for(tier, app, app_user_id, idempotency_key, is_live=False))
    with transaction.atomic():
        account = locked_account(program, app_user_id)
        if done := PointExchange.objects.filter(app=app, idempotency_key=idempotency_key).first():
            return _repeat(done, fingerprint)
        issued = issue_reward(_ask_for(tier, app, app_user_id, idempotency_key, is_live=True))
        if issued.reward_id is None:
            return issued
        reference = f"exchange:{issued.reward_id}"
        write_entry(account, -tier.points, PointEntry.Kind.DEBIT, reference, "", now)
        PointExchange.objects.create(
            account=account,
            tier=tier,
            reward_id=issued.reward_id,
            app=app,
            idempotency_key=idempotency_key,
            fingerprint=fingerprint,
            points=tier.points,
            event=event,
            is_automatic=event is not None,
            at=now,
        )
        _record_exchanged(account, tier, app, issued, now)
        _resolve(StuckExchange.objects.filter(account=account, tier=tier), Outcome.EXCHANGED, now)
    return issued


def _record_exchanged(account: PointAccount, tier: PointTier, app: App, issued: IssueResult, now: dt.datetime) -> None:
    """The event that brings the reward to the app, whoever asked for the exchange."""
    payload = {"user": account.app_user_id, "app": str(app.pk), "tier": tier.pk, "points": tier.points}
    payload |= {"reward": str(issued.reward_id), "available": account.available}
    dedupe_key = f"points.exchanged:{issued.reward_id}"
    record_event(account.program.organization, "points.exchanged", payload, dedupe_key=dedupe_key, now=now)


def _ask_for(tier: PointTier, app: App, app_user_id: str, idempotency_key: str, *, is_live: bool) -> IssueRequest:
    """The reward's own key names the exchange, so that points never share a key with direct calls."""
    campaign = tier.moment.campaign
    key = fingerprint_of(str(app.pk), idempotency_key)
    return IssueRequest(
        app_id=campaign.app_id,
        campaign_id=campaign.pk,
        moment=tier.moment.key,
        group=tier.group.key,
        device_type=Reward.Device.WEB,
        source=Reward.Source.POINTS,
        app_user_id=app_user_id,
        idempotency_key=f"points:{key}",
        fingerprint=fingerprint_of(app_user_id, tier.pk),
        is_live=is_live,
    )


def _repeat(done: PointExchange, fingerprint: str) -> IssueResult:
    if done.fingerprint != fingerprint:
        raise RuleViolation("idempotency_key_reused", _("This idempotency key was used before, with another request."))
    return issued_again(done.reward)


def issued_again(reward: Reward) -> IssueResult:
    """A reward that exists, as its issue was answered."""
    campaign = reward.campaign
    return IssueResult(
        outcome=IssueOutcome.REPLAY,
        reward_id=reward.pk,
        token_version=reward.token_key_version,
        charge_cents=reward.charge_cents,
        credit_cents=reward.credit_cents,
        currency=reward.currency,
        remaining_count=0,
        ends_at=campaign.ends_at,
        expires_at=campaign.rewards_expire_at,
        message=text_of(campaign, "redemption_message", nearest_language(reward.locale)),
        image=campaign.banner.image.name if campaign.banner else None,
        retail_value_cents=reward.group.retail_value_cents or reward.credit_cents,
        campaign_status=campaign.status,
        url=reward_link(reward),
    )


# Automatic exchanges


def exchange_automatically(account: PointAccount, *, event: PointEvent, now: dt.datetime) -> int:
    """Exchange for the highest automatic tier within reach, repeatedly while the balance allows; how many were made.

    Called in the transaction that credits ``event``, with the account locked, so that there is no moment at which
    points are credited and the exchange is missing. What the campaign refuses debits nothing, is kept as a
    ``StuckExchange`` and ends the round: lower tiers never use up the points that a higher one waits for.
    """
    done = 0
    while (tier := _highest_within_reach(account)) is not None:
        if done == MOST_PER_EVENT:
            reason = _("One event caused more than %d exchanges.") % MOST_PER_EVENT
            _keep_as_stuck(account, tier, event, RuleViolation(TOO_MANY, reason), now)
            break
        try:
            with transaction.atomic():
                issued = exchange_points(
                    event.app,
                    app_user_id=account.app_user_id,
                    tier=tier,
                    idempotency_key=f"event:{event.pk}:{done}",
                    event=event,
                    now=now,
                )
        except RuleViolation as refusal:
            _keep_as_stuck(account, tier, event, refusal, now)
            break
        if issued.reward_id is None:  # an approved campaign issues previews only
            reason = _("The campaign is in test mode and issues no rewards yet.")
            _keep_as_stuck(account, tier, event, RuleViolation("campaign_not_started", reason), now)
            break
        _record_tier_reached(account, tier, issued, now)
        account.refresh_from_db(fields=["available", "owed"])
        done += 1
    return done


def _record_tier_reached(account: PointAccount, tier: PointTier, issued: IssueResult, now: dt.datetime) -> None:
    payload = {"user": account.app_user_id, "tier": tier.points, "reward": str(issued.reward_id)}
    dedupe_key = f"points.tier_reached:{issued.reward_id}"
    record_event(account.program.organization, "points.tier_reached", payload, dedupe_key=dedupe_key, now=now)


def _highest_within_reach(account: PointAccount) -> PointTier | None:
    tiers = PointTier.objects.filter(program=account.program_id, is_automatic=True, points__lte=account.available)
    tiers = tiers.select_related("moment__campaign", "group").order_by("-points")
    return next((tier for tier in tiers if points_for(tier, account) >= tier.points), None)


def points_for(tier: PointTier, account: PointAccount) -> int:
    """How many of the user's points an automatic tier may take: those earned since it is automatic.

    What the user had before stays out of reach. Exchanges on request, and automatic ones of tiers that are older, use
    the old points first; automatic exchanges of this tier and of newer ones have used new points alone.
    """
    since = tier.automatic_since
    old = max(sum_of(account.entries.filter(at__lt=since)), 0)
    debits = -sum_of(account.entries.filter(at__gte=since).exclude(kind=PointEntry.Kind.CREDIT))
    of_new = account.exchanges.filter(is_automatic=True, tier__automatic_since__gte=since, at__gte=since)
    used_old = debits - (of_new.aggregate(sum=Sum("points"))["sum"] or 0)
    return account.available - max(old - used_old, 0)


def users_above(program, points: int) -> int:
    """How many users have ``points`` or more now."""
    return program.accounts.filter(available__gte=points).count()


# Stuck exchanges


def _keep_as_stuck(
    account: PointAccount, tier: PointTier, event: PointEvent, refusal: RuleViolation, now: dt.datetime
) -> None:
    """One open row for a user and tier, however many events meet the refusal; members are told of it once."""
    known = StuckExchange.objects.filter(account=account, tier=tier, outcome=Outcome.OPEN)
    if known.update(code=refusal.code, reason=refusal.message[:300], event=event):
        return
    stuck = StuckExchange.objects.create(
        account=account, tier=tier, event=event, code=refusal.code, reason=refusal.message[:300], occurred_at=now
    )
    mail_stuck_exchange(stuck, now=now)


def open_stuck_exchanges(program):
    """What waits for a member, the oldest first."""
    related = ("account", "tier__moment__campaign", "tier__group", "event__app")
    stuck = StuckExchange.objects.filter(tier__program=program, outcome=Outcome.OPEN)
    return stuck.select_related(*related).order_by("id")


def retry_stuck_exchange(stuck: StuckExchange, *, by: Member, now: dt.datetime) -> IssueResult:
    """Make the exchange now, booked under the app whose event caused it. A refusal leaves it open."""
    require_role(by, *Member.EDITORS)
    with transaction.atomic():
        account = locked_account(stuck.tier.program, stuck.account.app_user_id)
        locked = StuckExchange.objects.select_for_update().get(pk=stuck.pk)
        if locked.outcome == Outcome.DISMISSED:
            raise RuleViolation("dismissed", _("This exchange was dismissed."))
        issued = exchange_points(
            stuck.event.app,
            app_user_id=account.app_user_id,
            tier=stuck.tier,
            idempotency_key=f"stuck:{stuck.pk}",
            event=stuck.event,
            now=now,
        )
        if issued.reward_id is None:
            raise RuleViolation("campaign_not_started", _("The campaign is in test mode and issues no rewards yet."))
    return issued


def dismiss_stuck_exchange(stuck: StuckExchange, *, by: Member, now: dt.datetime) -> None:
    """Leave the points with the user; the next event may reach the tier again."""
    require_role(by, *Member.EDITORS)
    _resolve(StuckExchange.objects.filter(pk=stuck.pk), Outcome.DISMISSED, now)


def _resolve(rows, outcome: str, now: dt.datetime) -> None:
    rows.filter(outcome=Outcome.OPEN).update(outcome=outcome, resolved_at=now)
