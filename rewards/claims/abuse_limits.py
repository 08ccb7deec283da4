"""Limits on how many accounts may claim with one device, network or address, counted under a lock.

A signal is a kind and a text. Only its digest, keyed with the installation's secret, is stored.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from django.db import connection
from django.db.models import Count, Q
from django.utils.crypto import salted_hmac

from accounts.models import User
from accounts.privacy.retention import delete_in_batches
from campaigns.budget.claim_limits import Limits, claim_limits_of
from campaigns.models import Campaign
from rewards.models import ClaimFingerprint, ClaimOverride, Reward

CUSTOMER = "customer"  # not a fingerprint: the rewards themselves are counted
BATCH = 500
Kind = ClaimFingerprint.Kind
AbuseSignals = Mapping[str, str]  # kind → text that identifies the device, network or address


@dataclass(frozen=True)
class LimitExceeded:
    """A limit that a claim would exceed: ``count`` other rewards or accounts exist already."""

    kind: str
    count: int
    limit: int

    def as_json(self) -> dict:
        return asdict(self)


def limits_exceeded(reward: Reward, *, customer: User, signals: AbuseSignals) -> list[LimitExceeded]:
    """Return the limits that the claim would exceed. Call in a transaction: it locks the signals until its end."""
    limits = _limits_by_kind(claim_limits_of(reward.campaign))
    digests = {
        kind: fingerprint_digest(reward.campaign, kind, text) for kind, text in signals.items() if text and limits[kind]
    }
    if not digests:
        return []
    lock_digests(digests.values())
    if ClaimOverride.objects.filter(reward=reward, customer=customer).exists():
        return []
    counts = _accounts(reward.campaign, customer, digests)
    if CUSTOMER in digests:
        counts[CUSTOMER] = _rewards(reward, customer)
        if counts[CUSTOMER] >= limits[CUSTOMER]:
            limits[CUSTOMER] = max(limits[CUSTOMER], _promised_to_one_user(reward.campaign))
    return [LimitExceeded(kind, count, limits[kind]) for kind, count in counts.items() if count >= limits[kind]]


def record_fingerprints(reward: Reward, *, customer: User, signals: AbuseSignals, now: dt.datetime) -> None:
    """Store the fingerprints of a claim, in its transaction. Signals without a limit are not stored."""
    limits = _limits_by_kind(claim_limits_of(reward.campaign))
    ClaimFingerprint.objects.bulk_create(
        [
            ClaimFingerprint(campaign=reward.campaign, customer=customer, kind=kind, digest=digest, occurred_at=now)
            for kind, text in signals.items()
            if kind != CUSTOMER
            and text
            and limits[kind]
            and (digest := fingerprint_digest(reward.campaign, kind, text))
        ],
        ignore_conflicts=True,
    )


def allow_claim(reward: Reward, *, customer: User, by: User, now: dt.datetime) -> None:
    """Exempt the customer's claim of this reward from all limits."""
    values = {"actor": by, "occurred_at": now}
    ClaimOverride.objects.get_or_create(reward=reward, customer=customer, defaults=values)


def delete_old_fingerprints(*, now: dt.datetime) -> int:
    """Delete the fingerprints of campaigns whose rewards have expired. Returns the number of rows."""
    return delete_in_batches(ClaimFingerprint.objects.filter(campaign__rewards_expire_at__lte=now), batch=BATCH)


def fingerprint_digest(campaign: Campaign, kind: str, text: str) -> str:
    return salted_hmac(f"moments.claims.{kind}", f"{campaign.pk}:{text}", algorithm="sha256").hexdigest()


def lock_digests(digests: Iterable[str]) -> None:
    """Lock all digests until the end of the transaction, in sorted order to avoid deadlocks."""
    keys = sorted(int.from_bytes(bytes.fromhex(digest)[:8], signed=True) for digest in digests)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(['pg_advisory_xact_lock(%s)'] * len(keys))}", keys)  # noqa: S608 - no external text


def _limits_by_kind(limits: Limits) -> dict[str, int]:
    return {
        CUSTOMER: limits.rewards_per_customer,
        Kind.DEVICE: limits.accounts_per_device,
        Kind.NETWORK: limits.accounts_per_network,
        Kind.ADDRESS: limits.accounts_per_address,
    }


def _accounts(campaign: Campaign, customer: User, digests: dict[str, str]) -> dict[str, int]:
    """Count the other accounts with the same fingerprint, by kind. Kinds that the customer used before are left out."""
    rows = ClaimFingerprint.objects.filter(campaign=campaign, digest__in=digests.values()).order_by()
    counted = rows.values("kind").annotate(others=Count("pk"), mine=Count("pk", filter=Q(customer=customer)))
    return {row["kind"]: row["others"] for row in counted if not row["mine"]}


def _rewards(reward: Reward, customer: User) -> int:
    """Return how many other rewards of the campaign the customer has."""
    return Reward.objects.filter(campaign=reward.campaign, customer=customer).exclude(pk=reward.pk).count()


def _promised_to_one_user(campaign: Campaign) -> int:
    """Return the most rewards that the campaign allows one user of the app."""
    return campaign.per_user_limit * campaign.moments.count()
