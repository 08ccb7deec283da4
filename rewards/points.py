"""Points: users pile them up, and exchange them for rewards. The ledger is append-only and adds up to the balance."""

import datetime as dt
import hashlib
import zoneinfo
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from accounts.models import App
from campaigns.texts import text_of
from moments.errors import RuleViolation
from moments.languages import nearest_language
from outbox.services import record_event
from rewards.issuing import Ask, Issued, issue_reward, reward_link
from rewards.models import (
    PointAccount,
    PointEntry,
    PointEvent,
    PointExchange,
    PointRule,
    PointsProgramme,
    PointTier,
    Reward,
)


@dataclass(frozen=True)
class Credit:
    """What an event earned. ``exchanged`` holds rewards that tiers issued by themselves."""

    points: int
    available: int
    is_replay: bool
    exchanged: tuple[Issued, ...] = ()


def programme_of(app: App) -> PointsProgramme:
    programme = PointsProgramme.objects.filter(apps=app).first()
    if programme is None:
        raise RuleViolation("no_programme", _("This app is in no points programme."))
    return programme


def fingerprint_of(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def record_action(
    app: App, *, event_id: str, app_user_id: str, action: str, units: int = 1, now: dt.datetime
) -> Credit:
    """Count a user's action once, however often it is told. Refuses an event id used for something else."""
    programme = programme_of(app)
    fingerprint = fingerprint_of(app_user_id, action, units)
    with transaction.atomic():
        event, is_new = _insert_event(programme, app, event_id, app_user_id, action, units, fingerprint, now)
        if event.fingerprint != fingerprint:
            raise RuleViolation("event_id_reused", _("This event id was used before, for something else."))
        account = _locked_account(programme, app_user_id)
        if is_new:
            points = _earned(programme, account, action, units, now)
            if points:
                _write_entry(account, points, PointEntry.Kind.CREDIT, _event_reference(event), action, now)
        else:
            credited = PointEntry.objects.filter(reference=_event_reference(event)).first()
            points = credited.amount if credited else 0
    if points and is_new:
        _exchange_automatically(app, account, f"event:{event.pk}", now)
    account.refresh_from_db()
    return Credit(points, account.available, is_replay=not is_new, exchanged=_exchanged_by(event))


def _exchanged_by(event: PointEvent) -> tuple[Issued, ...]:
    """The rewards that an event's points were exchanged for by themselves: the same at every repeat."""
    done = PointExchange.objects.filter(app_id=event.app_id, idempotency_key__startswith=f"event:{event.pk}:")
    related = ("reward__campaign__banner", "reward__group")
    return tuple(issued_again(exchange.reward) for exchange in done.select_related(*related).order_by("pk"))


def _insert_event(programme, app, event_id, app_user_id, action, units, fingerprint, now) -> tuple[PointEvent, bool]:
    """Two statements, so that a twin that waited sees the winner's row."""
    fresh = PointEvent(
        programme=programme,
        app=app,
        event_id=event_id,
        app_user_id=app_user_id,
        action=action,
        units=units,
        fingerprint=fingerprint,
        at=now,
    )
    try:
        with transaction.atomic():
            fresh.save(force_insert=True)
    except IntegrityError:
        return PointEvent.objects.get(app=app, event_id=event_id), False
    return fresh, True


def _event_reference(event: PointEvent) -> str:
    return f"event:{event.app_id}:{event.event_id}"[:200]


def _locked_account(programme: PointsProgramme, app_user_id: str) -> PointAccount:
    PointAccount.objects.bulk_create(
        [PointAccount(programme=programme, app_user_id=app_user_id)], ignore_conflicts=True
    )
    return PointAccount.objects.select_for_update(no_key=True).get(programme=programme, app_user_id=app_user_id)


def _earned(programme: PointsProgramme, account: PointAccount, action: str, units: int, now: dt.datetime) -> int:
    """Points for one action, within the rule's daily and lifetime caps."""
    rule = PointRule.objects.filter(programme=programme, action=action, is_active=True).first()
    if rule is None:
        return 0
    points = rule.points_per_event + rule.points_per_unit * units
    credits = account.entries.filter(kind=PointEntry.Kind.CREDIT, action=action)
    if rule.lifetime_cap is not None:
        points = min(points, rule.lifetime_cap - _sum(credits))
    if rule.daily_cap is not None:
        day = now.astimezone(zoneinfo.ZoneInfo(programme.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
        points = min(points, rule.daily_cap - _sum(credits.filter(at__gte=day)))
    return max(points, 0)


def _sum(entries) -> int:
    return entries.aggregate(sum=Sum("amount"))["sum"] or 0


def _write_entry(account: PointAccount, amount: int, kind: str, reference: str, action: str, now: dt.datetime) -> None:
    """One line of the ledger, and the balance with it. A credit pays what is owed first. The account is locked."""
    PointEntry.objects.create(account=account, kind=kind, amount=amount, reference=reference, action=action, at=now)
    if amount > 0:
        repaid = min(account.owed, amount)
        PointAccount.objects.filter(pk=account.pk).update(
            owed=F("owed") - repaid, available=F("available") + amount - repaid
        )
    elif not PointAccount.objects.filter(pk=account.pk, available__gte=-amount).update(
        available=F("available") + amount
    ):
        raise RuleViolation("not_enough_points", _("There are fewer than %d points.") % -amount)


# Exchange


def balance_of(app: App, app_user_id: str) -> PointAccount:
    """The user's account; an empty one that is not stored where there is none."""
    programme = programme_of(app)
    found = PointAccount.objects.filter(programme=programme, app_user_id=app_user_id).first()
    return found or PointAccount(programme=programme, app_user_id=app_user_id)


def exchange_points(
    app: App, *, app_user_id: str, tier: PointTier, idempotency_key: str, is_live: bool = True, now: dt.datetime
) -> Issued:
    """Debit the tier's points and issue its reward, in one transaction. A repeat gets the same reward."""
    programme = programme_of(app)
    if tier.programme_id != programme.pk:
        raise RuleViolation("unknown_tier", _("The programme has no such tier."))
    fingerprint = fingerprint_of(app_user_id, tier.pk)
    if not is_live:
        return issue_reward(_ask_for(tier, app, app_user_id, idempotency_key, is_live=False))
    with transaction.atomic():
        account = _locked_account(programme, app_user_id)
        if done := PointExchange.objects.filter(app=app, idempotency_key=idempotency_key).first():
            return _repeat(done, fingerprint)
        issued = issue_reward(_ask_for(tier, app, app_user_id, idempotency_key, is_live=True))
        if issued.reward_id is None:
            return issued
        reference = f"exchange:{issued.reward_id}"
        _write_entry(account, -tier.points, PointEntry.Kind.DEBIT, reference, "", now)
        PointExchange.objects.create(
            account=account,
            tier=tier,
            reward_id=issued.reward_id,
            app=app,
            idempotency_key=idempotency_key,
            fingerprint=fingerprint,
            points=tier.points,
            at=now,
        )
    return issued


def _ask_for(tier: PointTier, app: App, app_user_id: str, idempotency_key: str, *, is_live: bool) -> Ask:
    """The reward's own key names the exchange, so that points never share a key with direct calls."""
    campaign = tier.moment.campaign
    key = fingerprint_of(str(app.pk), idempotency_key)
    return Ask(
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


def _repeat(done: PointExchange, fingerprint: str) -> Issued:
    if done.fingerprint != fingerprint:
        raise RuleViolation("idempotency_key_reused", _("This idempotency key was used before, with another request."))
    return issued_again(done.reward)


def issued_again(reward: Reward) -> Issued:
    """A reward that exists, as its issue was answered."""
    campaign = reward.campaign
    return Issued(
        outcome="replay",
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


def exchange_due(*, now: dt.datetime) -> int:
    """Take up automatic exchanges that a crash or a paused campaign left undone; how many were made."""
    waiting = PointAccount.objects.filter(
        programme__tiers__is_automatic=True, available__gte=F("programme__tiers__points")
    )
    done = 0
    for account in waiting.select_related("programme").distinct().iterator():
        if app := account.programme.apps.order_by("name").first():
            key = f"sweep:{account.exchanges.count()}"
            done += _exchange_automatically(app, account, key, now)
    return done


def _exchange_automatically(app: App, account: PointAccount, cause: str, now: dt.datetime) -> int:
    """Tiers that exchange at their threshold. What the campaign refuses leaves the points where they are."""
    account.refresh_from_db()
    done = 0
    tiers = PointTier.objects.filter(programme=account.programme_id, is_automatic=True, points__lte=account.available)
    for tier in tiers.select_related("moment__campaign", "group").order_by("-points"):
        key = f"{cause}:{account.pk}:{tier.pk}"
        try:
            issued = exchange_points(app, app_user_id=account.app_user_id, tier=tier, idempotency_key=key, now=now)
        except RuleViolation:
            continue
        if issued.outcome == "issued":
            done += 1
            payload = {"user": account.app_user_id, "tier": tier.points, "reward": str(issued.reward_id)}
            once = f"points.tier_reached:{issued.reward_id}"
            record_event(account.programme.organization, "points.tier_reached", payload, once=once, now=now)
    return done
