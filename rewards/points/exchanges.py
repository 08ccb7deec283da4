"""Points for a reward, in one transaction."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from accounts.models import App
from campaigns.setup.translations import text_of
from moments.errors import RuleViolation
from moments.i18n.languages import nearest_language
from outbox.service import record_event
from rewards.issuing.emails import mail_exchange
from rewards.issuing.outcomes import IssueOutcome
from rewards.issuing.service import IssueRequest, IssueResult, issue_reward, reward_link
from rewards.models import PointEvent, PointExchange, PointsProgram, PointTier, Reward, StuckExchange
from rewards.points.balances import has_status_for
from rewards.points.ledger import Account, Kind, Posting, lock_account
from rewards.points.lookups import LIVE, fingerprint_of, key_reused, ledger_of, program_of, refuse_blank
from rewards.points.statuses import days_needed, load_daily, status_on


@dataclass(frozen=True)
class ExchangeResult:
    """What was issued, and what is left. ``exchange`` is None where the campaign is in test mode: nothing was debited
    then. On a test ledger there is an exchange without a reward, and the reward URL is the campaign's preview."""

    issued: IssueResult
    exchange: PointExchange | None
    points: int
    available: int
    is_replay: bool = False

    @property
    def url(self) -> str:
        return self.issued.url

    @property
    def outcome(self) -> IssueOutcome:
        return IssueOutcome.REPLAY if self.is_replay else self.issued.outcome

    @property
    def reward_id(self) -> uuid.UUID | None:
        return self.issued.reward_id

    @property
    def is_preview(self) -> bool:
        return self.issued.is_preview


def exchange_points(
    app: App,
    *,
    app_user_id: str,
    tier: PointTier,
    idempotency_key: str,
    is_live: bool = True,
    event: PointEvent | None = None,
    now: dt.datetime,
) -> ExchangeResult:
    """Debit the tier's points and issue its reward, in one transaction. A repeat gets the same reward.

    ``event`` is the event that caused an automatic exchange; it is booked under the app that sent the event. Refusals:
    ``insufficient_points``, ``tier_used``, ``unknown_tier``, ``status_needed``, ``idempotency_key_reused``, and those
    of issuing a reward. They change nothing.
    """
    refuse_blank(user_id=app_user_id, idempotency_key=idempotency_key)
    program = program_of(app)
    if tier.program_id != program.pk:
        raise RuleViolation("unknown_tier", _("The points program has no tier with the id %d.") % tier.pk)
    ledger = ledger_of(program, is_live=is_live)
    with transaction.atomic():
        posting, account = lock_account(program, app_user_id, test_ledger=ledger, now=now)
        done = exchange_with(posting, account, app, tier, idempotency_key=idempotency_key, event=event, now=now)
        posting.close()
    return done


def exchange_with(
    posting: Posting,
    account: Account,
    app: App,
    tier: PointTier,
    *,
    idempotency_key: str,
    event: PointEvent | None = None,
    min_vintage: int = 0,
    email: str = "",
    now: dt.datetime,
) -> ExchangeResult:
    """``exchange_points`` of an account that is locked already. Refuses before anything is written.

    ``email`` is told about the reward.
    """
    fingerprint = fingerprint_of(account.app_user_id, tier.pk)
    ledger = posting.test_ledger
    found = PointExchange.objects.filter(app=app, idempotency_key=idempotency_key, test_ledger=ledger)
    if done := found.select_related(*RELATED).first():
        return _repeat(done, fingerprint, account)
    refuse_exchange(posting, account, tier, min_vintage=min_vintage, now=now)
    # In a savepoint: what a cap refuses after its first writes is undone, and the account stays locked.
    with transaction.atomic():
        issued = issue_reward(_ask_for(tier, app, account.app_user_id, idempotency_key, is_live=ledger == 0))
    if issued.reward_id is None and ledger == 0:
        return ExchangeResult(issued, None, tier.points, account.available)
    exchange = PointExchange.objects.create(
        account_id=account.pk,
        tier=tier,
        reward_id=issued.reward_id,
        app=app,
        test_ledger=ledger,
        idempotency_key=idempotency_key,
        fingerprint=fingerprint,
        points=tier.points,
        event=event,
        is_automatic=event is not None,
        is_once=tier.is_once,
        occurred_at=now,
    )
    reference = f"exchange:{exchange.pk}"
    posting.debit(account, tier.points, kind=Kind.DEBIT, reference=reference, occurred_at=now, min_vintage=min_vintage)
    posting.save()
    if issued.reward_id is not None:
        _record_exchanged(posting.program, account, tier, app, issued, now)
        stuck = StuckExchange.objects.filter(account=account.pk, tier=tier, outcome=StuckExchange.Outcome.OPEN)
        stuck.update(outcome=StuckExchange.Outcome.EXCHANGED, resolved_at=now)
        if email:
            mail_exchange(exchange, to_email=email, now=now)
    return ExchangeResult(issued, exchange, tier.points, account.available)


def refuse_exchange(
    posting: Posting, account: Account, tier: PointTier, *, min_vintage: int = 0, now: dt.datetime
) -> None:
    """Whatever the program itself has against it. The account is locked."""
    if tier.retired_at is not None:
        raise RuleViolation("unknown_tier", _("The points program has no tier with the id %d.") % tier.pk)
    if tier.is_once and PointExchange.objects.filter(account=account.pk, tier=tier, is_once=True).exists():
        message = _("The user has exchanged points for the tier “%s” before. Each user can do so once.") % tier
        raise RuleViolation("tier_used", message)
    if not may_exchange(posting, account, tier, now=now):
        message = _("The tier “%(tier)s” needs the status “%(status)s” or a higher one, which the user does not have.")
        raise RuleViolation("status_needed", message % {"tier": tier, "status": tier.status})
    has = posting.spendable(account, min_vintage)
    if has < tier.points:
        message = _("The tier “%(tier)s” needs %(needed)d points; the user has %(has)d available.")
        raise RuleViolation("insufficient_points", message % {"tier": tier, "needed": tier.points, "has": has})


def may_exchange(posting: Posting, account: Account, tier: PointTier, *, now: dt.datetime) -> bool:
    """Whether the user has the status that the tier needs."""
    if tier.status is None:
        return True
    statuses = list(posting.program.statuses.order_by("-threshold"))
    today = posting.calendar.day_of(now)
    daily = load_daily([account.pk], today - dt.timedelta(days=days_needed(statuses)))
    return has_status_for(tier, status_on(today, daily[account.pk], statuses))


def exchanges_of(program: PointsProgram, app_user_id: str = "", *, is_live: bool = True) -> QuerySet[PointExchange]:
    """The exchanges of a program, or of one user, the newest first."""
    found = PointExchange.objects.filter(
        account__program=program, test_ledger=ledger_of(program, is_live=is_live)
    ).order_by("-id")
    if app_user_id:
        found = found.filter(account__app_user_id=app_user_id)
    return found.select_related(*RELATED)


def exchanges_of_app(app: App, app_user_id: str, *, is_live: bool = True) -> QuerySet[PointExchange]:
    """A user's exchanges that ``app`` made or its events caused, also in a program that it has left."""
    ledger = LIVE if is_live else F("account__program__test_ledger")
    found = PointExchange.objects.filter(app=app, account__app_user_id=app_user_id, test_ledger=ledger)
    return found.order_by("-id").select_related(*RELATED)


RELATED = (
    *("account", "app", "tier__moment__campaign", "tier__group"),
    *("reward__campaign__banner", "reward__group"),
)


def issued_again(exchange: PointExchange) -> IssueResult:
    """The reward of an exchange, as its issue was answered; the campaign's preview where there is no reward."""
    reward = exchange.reward
    if reward is None:
        key = exchange.idempotency_key
        return issue_reward(_ask_for(exchange.tier, exchange.app, exchange.account.app_user_id, key, is_live=False))
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
        url=reward_link(reward),
    )


def _record_exchanged(
    program: PointsProgram, account: Account, tier: PointTier, app: App, issued: IssueResult, now: dt.datetime
) -> None:
    """The event that brings the reward to the app, whoever asked for the exchange."""
    payload = {"user": account.app_user_id, "app": str(app.pk), "tier": tier.pk, "points": tier.points}
    payload |= {"reward": str(issued.reward_id), "available": account.available}
    dedupe_key = f"points.exchanged:{issued.reward_id}"
    record_event(program.organization, "points.exchanged", payload, dedupe_key=dedupe_key, now=now)


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


def _repeat(done: PointExchange, fingerprint: str, account: Account) -> ExchangeResult:
    if done.fingerprint != fingerprint:
        raise key_reused(done.idempotency_key)
    return ExchangeResult(issued_again(done), done, done.points, account.available, is_replay=True)
