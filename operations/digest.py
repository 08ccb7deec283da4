"""Daily digest for operators: counts of open tasks with links to the admin. No email if there are none."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.core import signing
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from accounts.models import SupportRequest, User
from accounts.privacy.user_lock import try_lock_active_user
from campaigns.models import Campaign
from moments.registry import absolute, absolute_url, emails
from outbox.service import queue_mail
from redemption.models import Appeal, DigestOptOut, Order

SALT = "stop operator digests"
SENT_FROM = 7  # hour, UTC
OF_CATALOG = [SupportRequest.Kind.OWN_PRODUCT, SupportRequest.Kind.TSHIRT]


@dataclass(frozen=True)
class Waiting:
    """An open task. ``permission`` is required to open ``url``."""

    text: str
    url: str
    permission: str


def send_digests(*, now: dt.datetime) -> int:
    """Email every operator once a day, from 07:00 UTC. Returns the number of emails. Safe to run concurrently."""
    if now.astimezone(dt.UTC).hour < SENT_FROM:
        return 0
    waiting, sent = list(waiting_for_operators(now=now)), 0
    for operator in recipients() if waiting else []:
        with transaction.atomic():
            try_lock_active_user(operator)
            sent += queue_digest(operator, waiting, now=now)
    return sent


def recipients() -> QuerySet[User]:
    """Return active staff with a verified address who have not turned the digest off."""
    verified = EmailAddress.objects.filter(user=OuterRef("pk"), email__iexact=OuterRef("email"), verified=True)
    opted_out = DigestOptOut.objects.filter(user=OuterRef("pk"))
    return User.objects.filter(Exists(verified), ~Exists(opted_out), is_active=True, is_staff=True)


def gets_digest(user: User) -> bool:
    return recipients().filter(pk=user.pk).exists()


def queue_digest(operator: User, waiting: list[Waiting], *, now: dt.datetime) -> bool:
    """Queue the digest. Returns False if there is no task the operator may see, or today's digest was already
    queued.
    """
    lines = [[each.text, absolute_url(each.url)] for each in waiting if operator.has_perm(each.permission)]
    if not lines:
        return False
    context = {
        "lines": lines,
        "admin_url": absolute("admin:index"),
        "unsubscribe_url": absolute("operations:stop_digest", signing.dumps(operator.pk, salt=SALT)),
    }
    dedupe_key = f"digest:{operator.pk}:{now.astimezone(dt.UTC).date()}"
    to = operator.email
    return (
        queue_mail("operator_digest", to_email=to, context=context, user=operator, dedupe_key=dedupe_key, now=now)
        is not None
    )


@emails.add("operator_digest")
def digest_context(context: dict) -> dict:
    return context


def turn_digest_on(user: User) -> None:
    DigestOptOut.objects.filter(user=user).delete()


def turn_digest_off(user_id: int, *, now: dt.datetime) -> None:
    """Turn the digest off. Does nothing for an erased account."""
    with transaction.atomic():
        user = User.objects.filter(pk=user_id).first()
        if user and try_lock_active_user(user):
            DigestOptOut.objects.get_or_create(user=user, defaults={"occurred_at": now})


def user_to_stop(signed: str) -> int | None:
    """Return the id of the user whose digest the link stops; None if its signature is invalid."""
    try:
        return signing.loads(signed, salt=SALT)
    except signing.BadSignature:
        return None


def waiting_for_operators(*, now: dt.datetime) -> Iterator[Waiting]:
    """Yield the tasks that only operators can do, most urgent first."""
    yield from _of_campaigns()
    yield from _of_orders(now)
    yield from _of_people()


def _of_campaigns() -> Iterator[Waiting]:
    page, may = reverse("admin:campaigns_campaign_changelist"), "campaigns.view_campaign"
    if pending := Campaign.objects.filter(status=Campaign.Status.PENDING).count():
        text = ngettext("%d campaign waits for approval", "%d campaigns wait for approval", pending)
        yield Waiting(text % pending, f"{page}?status__exact=pending", may)
    if held := Campaign.objects.exclude(held_at=None).count():
        text = ngettext("%d campaign is held for review", "%d campaigns are held for review", held)
        yield Waiting(
            text % held, reverse("admin:rewards_reconciliationrun_changelist"), "rewards.view_reconciliationrun"
        )


def _of_orders(now: dt.datetime) -> Iterator[Waiting]:
    orders, page = Order.objects, reverse("admin:redemption_order_changelist")
    if fast := orders.to_be_sent().filter(is_two_day=True).count():
        text = ngettext("%d order with two-day shipping", "%d orders with two-day shipping", fast)
        yield Waiting(text % fast, f"{page}?is_two_day__exact=1", "redemption.view_order")
    found = [
        ("late", orders.late(now), "%d order was not sent in time", "%d orders were not sent in time"),
        ("pick", orders.to_pick(), "%d order to pick", "%d orders to pick"),
        ("pack", orders.to_pack(), "%d order to pack", "%d orders to pack"),
        ("ship", orders.to_ship(), "%d order to ship", "%d orders to ship"),
        ("code", orders.codes_to_enter(), "%d order waits for a code", "%d orders wait for codes"),
        ("missing", orders.missing(), "%d order waits for an equal item", "%d orders wait for equal items"),
        ("attention", orders.at_providers("needs_attention"), "%d order at a provider", "%d orders at providers"),
    ]
    for waits, those, one, many in found:
        if count := those.count():
            yield Waiting((one if count == 1 else many) % count, f"{page}?waits={waits}", "redemption.view_order")


def _of_people() -> Iterator[Waiting]:
    if asked := Appeal.objects.filter(status=Appeal.Status.OPEN).count():
        text = ngettext("%d appeal to answer", "%d appeals to answer", asked) % asked
        page = reverse("admin:redemption_appeal_changelist")
        yield Waiting(text, f"{page}?status__exact=open", "redemption.view_appeal")
    requests = SupportRequest.objects.filter(status=SupportRequest.Status.OPEN)
    page, may = reverse("admin:accounts_supportrequest_changelist"), "accounts.view_supportrequest"
    if offered := requests.filter(kind__in=OF_CATALOG).count():
        text = ngettext("%d request about the catalog", "%d requests about the catalog", offered) % offered
        yield Waiting(text, f"{page}?status__exact=open", may)
    if others := requests.exclude(kind__in=OF_CATALOG).count():
        text = ngettext("%d other request to answer", "%d other requests to answer", others) % others
        yield Waiting(text, f"{page}?status__exact=open", may)
