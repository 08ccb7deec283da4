"""Substitutes for ordered items that are missing. The operator pays the difference in price."""

import datetime as dt

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from catalog import stock
from catalog.models import Product, ProductSize, StockMove
from catalog.substitutes import find_substitutes
from moments.errors import Conflict, RuleViolation
from moments.lifecycle import advance
from moments.registry import absolute
from outbox.service import notify_operators
from redemption.checkout.place_order import mail_customer, record_order_event
from redemption.models import Order, OrderEvent, Substitution
from redemption.orders.provider_requests import refuse_provided, request_fulfillment

Status = Substitution.Status


def report_missing(order: Order, *, by: User, now: dt.datetime) -> None:
    """Mark an order's item as not found. The next run offers a substitute, even if the customer waits for the original.

    Raises ``RuleViolation`` if a provider fulfills the order or it is not waiting to be picked.
    """
    refuse_provided(order)
    placed = Order.objects.filter(pk=order.pk, status=Order.Status.PLACED)
    with transaction.atomic():
        is_news = placed.filter(Q(is_missing=False) | Q(waits_for_original=True))
        if not is_news.update(is_missing=True, waits_for_original=False):
            raise RuleViolation("not_placed", _("Order %s is not waiting to be picked.") % order.number)
        record_order_event(order, OrderEvent.MISSING, by=by, now=now)
    order.refresh_from_db(fields=["is_missing", "waits_for_original"])


def substitute_out_of_stock(*, now: dt.datetime) -> int:
    """Offer a substitute for every missing item. Returns how many were offered.

    Customers who wait for the original get the next unit in stock instead.
    """
    waiting = Order.objects.filter(status=Order.Status.PLACED, is_missing=True)
    offered = 0
    for order in waiting.select_related("product", "customer", "reward__group__marketplace"):
        try:
            if order.waits_for_original:
                bring_original(order, now=now)
            else:
                offered += _offer(order, now)
        except RuleViolation:
            continue  # changed by another process; the next run tries again
    return offered


def bring_original(order: Order, *, now: dt.datetime) -> bool:
    """Assign the next unit to an order that waits for the original. Returns False if there is none."""
    with transaction.atomic():
        if not _take_another(order, order.substitutions.filter(status=Status.DECLINED).latest("decided_at"), now):
            return False
        found = Order.objects.filter(pk=order.pk, status=Order.Status.PLACED, is_missing=True, waits_for_original=True)
        if not found.update(is_missing=False, waits_for_original=False):
            raise Conflict
        record_order_event(order, OrderEvent.ORIGINAL_BACK, by=None, now=now)
    return True


def _take_another(order: Order, offer: Substitution, now: dt.datetime) -> bool:
    """Take another unit of the ordered item in place of the missing one. Returns False if it is sold out."""
    before = taken_for(order).first()
    size = before.size if before else order.product.sizes.filter(label=order.size).first()
    try:
        stock.take_unit(order.product, size=size, reference=f"{order.number}/{offer.pk}", now=now)
    except RuleViolation:
        return False
    return True


def taken_for(order: Order) -> QuerySet[StockMove]:
    """Return the stock moves of the order's current product, latest first, taken for the order or one of its
    substitutions.
    """
    references = [order.number, *(f"{order.number}/{pk}" for pk in order.substitutions.values_list("pk", flat=True))]
    moves = order.product.stock_moves.filter(reason=StockMove.Reason.ORDER, reference__in=references)
    return moves.order_by("-pk")


def _offer(order: Order, now: dt.datetime) -> bool:
    equal = best_substitute(order)
    if equal is None:
        _notify_staff(order, now)
        return False
    with transaction.atomic():
        advance(order, Order.Status.WAITING)
        offer = Substitution.objects.create(order=order, original=order.product, substitute=equal, offered_at=now)
        record_order_event(order, OrderEvent.SUBSTITUTE_OFFERED, by=None, why=str(equal), now=now)
        mail_customer(order, "order_substitution", substitution=offer.pk, now=now)
    return True


def best_substitute(order: Order) -> Product | None:
    """Return the best product in stock at 100 to 110 % of the item's value, or None.

    Excludes declined substitutes and items that were not found.
    """
    store = order.reward.group.marketplace
    declined = order.substitutions.filter(status=Status.DECLINED).values("substitute")
    not_found = order.substitutions.values("original")
    found = find_substitutes(order.product, value_cents=value_of(order), marketplace=store, country=order.country)
    return found.exclude(pk__in=declined).exclude(pk__in=not_found).first()


def value_of(order: Order) -> int:
    """Return the item's value when it was chosen. Accepted substitutes that cost more do not raise it."""
    first = order.substitutions.order_by("offered_at", "pk").first()
    original = first.original if first else order.product
    choice = order.reward.group.choices.filter(product=original).first()
    if choice and choice.reward_value_cents:
        return choice.reward_value_cents
    return order.item_cents - sum(offer.dearer_cents for offer in order.substitutions.all())


def _notify_staff(order: Order, now: dt.datetime) -> None:
    """Notify operators, once per order, that there is no substitute."""
    with transaction.atomic():
        if not Order.objects.filter(pk=order.pk, no_substitute_since=None).update(no_substitute_since=now):
            return
        record_order_event(order, OrderEvent.NO_SUBSTITUTE, by=None, now=now)
        text = _("Order %(number)s waits: “%(product)s” is missing and nothing of equal value is in stock.\n\n%(url)s")
        values = {
            "number": order.number,
            "product": order.product,
            "url": absolute("admin:redemption_order_change", order.pk),
        }
        notify_operators(_("No equal for order %s") % order.number, text % values, now=now)


def accept_substitution(offer: Substitution, *, size: ProductSize | None = None, by: User, now: dt.datetime) -> None:
    """Accept the substitute, in ``size`` if it has sizes, and take a unit from stock. The operator pays the extra
    price.

    If it is sold out, the offer ends, ``SoldOut`` is raised, and the next run offers another one.
    """
    try:
        with transaction.atomic():
            _accept(offer, size, by, now)
    except stock.SoldOut:
        _end_offer(offer, OrderEvent.SUBSTITUTE_SOLD_OUT, is_missing=True, by=by, now=now)
        raise


def _accept(offer: Substitution, size: ProductSize | None, by: User, now: dt.datetime) -> None:
    order, price = offer.order, offer.substitute.price_cents
    dearer = max(price - order.item_cents, 0)
    advance(offer, Status.ACCEPTED, decided_at=now, dearer_cents=dearer)
    stock.take_unit(offer.substitute, size=size, reference=f"{order.number}/{offer.pk}", now=now)
    advance(
        order,
        Order.Status.PLACED,
        product=offer.substitute,
        size=size.label if size else "",
        is_missing=False,
        waits_for_original=False,
        item_cents=order.item_cents + dearer,
        operator_paid_cents=order.operator_paid_cents + dearer,
    )
    record_order_event(order, OrderEvent.SUBSTITUTE_ACCEPTED, by=by, why=str(offer.substitute), now=now)
    request_fulfillment(order, now=now)


def decline_substitution(offer: Substitution, *, by: User, now: dt.datetime) -> None:
    """Decline the substitute and wait for the original. Take another unit at once if there is one."""
    _end_offer(offer, OrderEvent.SUBSTITUTE_DECLINED, waits_for_original=True, by=by, now=now)


def _end_offer(
    offer: Substitution,
    what: OrderEvent,
    *,
    is_missing: bool = False,
    waits_for_original: bool = False,
    by: User,
    now: dt.datetime,
) -> None:
    """Decline the offer. The order gets another unit of the original, or stays missing if ``is_missing`` is set or none
    is free.
    """
    offer.refresh_from_db()
    offer.order.refresh_from_db()
    with transaction.atomic():
        advance(offer, Status.DECLINED, decided_at=now)
        is_missing = is_missing or not _take_another(offer.order, offer, now)
        waits = is_missing and waits_for_original
        advance(offer.order, Order.Status.PLACED, is_missing=is_missing, waits_for_original=waits)
        record_order_event(offer.order, what, by=by, why=str(offer.substitute), now=now)
