"""Back-in-stock alerts for customers, and alerts to operators about sold-out products without a substitute."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.privacy.user_lock import lock_active_user, try_lock_active_user
from campaigns.models import GroupProduct
from catalog.models import Product, StockMove
from moments.errors import RuleViolation
from moments.registry import absolute
from outbox.service import notify_operators, queue_mail
from redemption.choosing.offers import Offer, find_offer, substitutes_for
from redemption.models import BackInStockAlert
from rewards.claims.service import NotAvailable, is_open
from rewards.models import Reward

BATCH = 500
CLAIMED = Reward.Status.CLAIMED


def create_stock_alert(reward: Reward, product: Product, *, language: str = "en", now: dt.datetime) -> BackInStockAlert:
    """Create an alert to email the reward's customer when ``product`` is back, or return the open one."""
    customer = reward.customer
    if customer is None or reward.status != CLAIMED or not is_open(reward, now=now):
        raise NotAvailable
    if find_offer(reward, product).is_available:
        raise RuleViolation("in_stock", _("“%(product)s” is back: you can choose it now.") % {"product": product})
    asked = {"customer": customer, "language": language, "asked_at": now}
    with transaction.atomic():
        lock_active_user(customer)
        return BackInStockAlert.objects.get_or_create(reward=reward, product=product, notified_at=None, defaults=asked)[
            0
        ]


def has_stock_alert(reward: Reward, product: Product) -> bool:
    return BackInStockAlert.objects.filter(reward=reward, product=product, notified_at=None).exists()


def notify_back_in_stock(*, now: dt.datetime) -> int:
    """Email customers whose product is back. Returns how many were emailed; rewards that are no longer open are
    skipped.
    """
    due = BackInStockAlert.objects.filter(notified_at=None, product__in=Product.objects.in_stock())
    return sum(_tell(wish, now) for wish in due.select_related("reward__campaign", "customer")[:BATCH])


@transaction.atomic
def _tell(wish: BackInStockAlert, now: dt.datetime) -> bool:
    if not try_lock_active_user(wish.customer):
        return False
    if not BackInStockAlert.objects.filter(pk=wish.pk, notified_at=None).update(notified_at=now):
        return False
    if wish.reward.status != CLAIMED or not is_open(wish.reward, now=now):
        return False
    who = wish.customer
    context = {"wish": wish.pk}
    queue_mail("back_in_stock", to_email=who.email, user=who, context=context, language=wish.language, now=now)
    return True


def notify_operators_of_stockouts(*, now: dt.datetime) -> int:
    """Notify operators of each product that claimed rewards offer, that is sold out and has no substitute. Each product
    is reported once per restock. Returns the number of notifications.
    """
    notified = 0
    for row in _sold_out(now):
        choice = Offer(row.product, row.reward_value_cents or row.product.price_cents, is_available=False)
        if not substitutes_for(choice, row.group):
            notified += _notify_staff(row.product, now)
    return notified


def _sold_out(now: dt.datetime) -> QuerySet[Any]:
    """Return sold-out group products of claimed rewards that have no order yet."""
    waiting = Reward.objects.filter(
        campaign=OuterRef("group__campaign"), group=OuterRef("group"), status=CLAIMED, voided_at=None
    )
    gone = GroupProduct.objects.filter(product__stock=0, group__campaign__rewards_expire_at__gt=now)
    gone = gone.exclude(product__kind=Product.Kind.MADE_TO_ORDER).filter(Exists(waiting))
    return gone.select_related("product", "group__marketplace").order_by("product", "pk")


def _notify_staff(product: Product, now: dt.datetime) -> bool:
    text = _(
        "“%(product)s” is sold out, customers hold rewards for it, and nothing of equal value is in stock. Bring some "
        "in, or name what may stand in for it:\n\n%(url)s"
    )
    url = absolute("admin:catalog_product_change", product.pk)
    brought = product.stock_moves.exclude(reason__in=[StockMove.Reason.ORDER, StockMove.Reason.RETURN])
    last = brought.values_list("pk", flat=True).first()  # ignore units that orders and reservations took or returned
    email = notify_operators(
        _("Nothing stands in for “%(product)s”") % {"product": product},
        text % {"product": product, "url": url},
        dedupe_key=f"nothing_equal:{product.pk}:{last}",
        now=now,
    )
    return email is not None
