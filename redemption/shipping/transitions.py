"""Status changes of orders: shipped, delivered, canceled and refunded."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.privacy.user_lock import try_lock_active_user
from catalog import stock
from catalog.models import Product
from moments.errors import RuleViolation
from moments.lifecycle import advance
from redemption.checkout.payments import refund_payment
from redemption.checkout.place_order import mail_customer, record_order_event
from redemption.models import Order, OrderEvent, Substitution
from redemption.orders.digital_content import encrypted_content
from redemption.orders.provider_requests import withdraw_request
from redemption.shipping.substitution import bring_original, taken_for
from rewards.claims.service import is_open, unmark_redeemed

Status = Order.Status


def ship_order(
    order: Order,
    *,
    by: User,
    carrier: str = "",
    tracking_number: str = "",
    digital_content: str = "",
    checked: str = "",
    now: dt.datetime,
) -> None:
    """Ship an order by hand. Digital orders need ``digital_content``.

    Withdraws the provider's request. Raises ``RuleViolation`` if the provider has the order, or may have it and
    ``checked`` is empty (see ``withdraw_request``).
    """
    if order.product.kind == Product.Kind.DIGITAL and not digital_content.strip():
        message = _("“%s” is delivered as a code or link; enter it first.") % order.product
        raise RuleViolation("no_digital_content", message, field="digital_content")
    sent = {"carrier": carrier.strip(), "tracking_number": tracking_number.strip()}
    with transaction.atomic():
        _withdraw(order, checked, by, now)
        if order.is_missing and order.waits_for_original and not bring_original(order, now=now):
            message = _("“%s” was not found, and its customer waits for the next. Bring one in, or count it, first.")
            raise RuleViolation("missing", message % order.product)
        mark_shipped(order, content=digital_content.strip(), by=by, now=now, **sent)


def _withdraw(order: Order, checked: str, by: User, now: dt.datetime) -> None:
    withdraw_request(order, checked=checked, now=now)
    if checked.strip():
        record_order_event(order, OrderEvent.PROVIDER_CHECKED, by=by, why=checked.strip(), now=now)


def mark_shipped(order: Order, *, content: str = "", by: User | None, now: dt.datetime, **sent: str) -> None:
    """Set the order to shipped: by an operator, or by its provider if ``by`` is None."""
    sealed = encrypted_content(order, content)
    changes: dict[str, Any] = {"shipped_at": now, "encrypted_content": sealed, "is_missing": False, **sent}
    with transaction.atomic():
        advance(order, Status.SHIPPED, **changes)
        record_order_event(order, OrderEvent.SHIPPED, by=by, now=now)
        mail_customer(order, "order_shipped", now=now)


def change_tracking(order: Order, *, by: User, carrier: str, tracking_number: str, now: dt.datetime) -> None:
    """Add or correct the tracking of a shipped parcel and email it to the customer."""
    new = {"carrier": carrier.strip(), "tracking_number": tracking_number.strip()}
    if not new["tracking_number"]:
        raise RuleViolation("no_tracking_number", _("Enter the tracking number."), field="tracking_number")
    with transaction.atomic():
        try_lock_active_user(order.customer)
        locked = Order.objects.select_for_update(no_key=True, of=["self"]).select_related("product")
        current = locked.get(pk=order.pk)
        if not current.can_change_tracking:
            message = _("Tracking can be changed only while a parcel is on its way.")
            raise RuleViolation("not_on_its_way", message)
        old = {"carrier": current.carrier, "tracking_number": current.tracking_number}
        if old == new:
            raise RuleViolation("no_change", _("This is the tracking that the order already has."))
        Order.objects.filter(pk=order.pk).update(**new)
        before = " ".join(old.values()).strip() or _("none")
        why = _("from %(old)s to %(new)s") % {"old": before, "new": " ".join(new.values()).strip()}
        record_order_event(order, OrderEvent.TRACKING_CHANGED, by=by, why=why, now=now)
        mail_customer(order, "order_shipped", now=now)
    order.refresh_from_db(fields=["carrier", "tracking_number", "status"])


def deliver_order(order: Order, *, by: User | None, now: dt.datetime) -> None:
    with transaction.atomic():
        try_lock_active_user(order.customer)
        advance(order, Status.DELIVERED, delivered_at=now)
        record_order_event(order, OrderEvent.DELIVERED, by=by, now=now)
        if order.product.kind != Product.Kind.DIGITAL:  # digital orders arrive with the shipping email
            mail_customer(order, "order_delivered", now=now)


def cancel_order(order: Order, *, by: User, reason: str, checked: str = "", now: dt.datetime) -> None:
    """Cancel an order: return the unit to stock, reopen the reward and refund what the customer paid.

    Raises ``RuleViolation`` if the provider has the order, or may have it and ``checked`` is empty.
    """
    if not reason.strip():
        raise RuleViolation("no_reason", _("Say why; the customer reads it."), field="reason")
    with transaction.atomic():
        _end_offers(order, now)
        _withdraw(order, checked, by, now)
        advance(order, Status.CANCELED, as_read=("is_missing",), canceled_at=now)
        if not order.is_missing:
            stock.put_back_unit(order.product, reference=stock_reference(order), now=now)
        order.reward.refresh_from_db(fields=["status", "voided_at"])
        unmark_redeemed(order.reward, now=now)
        paid = refund_payment(order, why=reason.strip(), now=now)
        record_order_event(order, OrderEvent.CANCELED, by=by, why=reason.strip(), now=now)
        details = {"reason": reason.strip(), "can_choose_again": is_open(order.reward, now=now)}
        if paid:
            details["paid_back_cents"] = paid.amount_cents
        mail_customer(order, "order_canceled", **details, now=now)


def _end_offers(order: Order, now: dt.datetime) -> None:
    """Decline open offers before the order's status changes: the lock order of the customer's answer, to avoid
    deadlocks.
    """
    for offer in order.substitutions.filter(status=Substitution.Status.OFFERED):
        advance(offer, Substitution.Status.DECLINED, decided_at=now)


def refund_order(
    order: Order, *, by: User, reason: str, is_unit_back: bool = False, may_choose_again: bool = False, now: dt.datetime
) -> None:
    """Refund a shipped order that was lost, damaged or returned, including what the customer paid.

    ``is_unit_back`` returns the unit to stock; ``may_choose_again`` reopens the reward until it expires. The
    organization's charge is unchanged.
    """
    if not reason.strip():
        raise RuleViolation("no_reason", _("Say why; the customer reads it."), field="reason")
    with transaction.atomic():
        try_lock_active_user(order.customer)
        advance(order, Status.REFUNDED, refunded_at=now)
        if is_unit_back:
            stock.put_back_unit(order.product, reference=stock_reference(order), now=now)
        order.reward.refresh_from_db(fields=["status", "voided_at"])
        if may_choose_again:
            unmark_redeemed(order.reward, now=now)
        payment = refund_payment(order, why=reason.strip(), now=now)
        record_order_event(order, OrderEvent.REFUNDED, by=by, why=reason.strip(), now=now)
        details = {
            "reason": reason.strip(),
            "can_choose_again": may_choose_again and is_open(order.reward, now=now),
            "paid_back_cents": payment.amount_cents if payment else 0,
        }
        mail_customer(order, "order_refunded", now=now, **details)


def stock_reference(order: Order) -> str:
    """Return the stock reference of the order's current unit: its number, or its number and a substitution's id."""
    return taken_for(order).values_list("reference", flat=True).first() or order.number
