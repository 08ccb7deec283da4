"""Erasure of a customer's account. Personal data is deleted; amounts, stock and rewards are kept without a name."""

import datetime as dt

from django.apps import apps
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.privacy import erasure
from campaigns.models import PaymentMethod
from catalog.models import Product
from moments.errors import RuleViolation
from moments.registry import emails
from outbox.emails.retention import forget_mails_of
from outbox.service import queue_mail
from redemption.models import FulfillmentRequest, Order, OrderChange, OrderPayment, Reservation
from redemption.privacy.registry import columns_to_delete
from rewards.points import event_emails

Status = Order.Status
ARRIVES_WITHIN = dt.timedelta(days=30)  # a parcel that was never reported as delivered
MONEY_MOVES = [OrderPayment.Status.OPEN, OrderPayment.Status.REFUNDING]
BLANK_ADDRESS = dict.fromkeys(("recipient", "street", "city", "city_area", "region", "postal_code", "phone"), "")
BLANK_ORDER = {**BLANK_ADDRESS, "tracking_number": ""}


def orders_under_way(user: User, *, now: dt.datetime) -> QuerySet[Order]:
    """Return the orders that still need the customer's address or answer."""
    on_its_way = Q(status=Status.SHIPPED, shipped_at__gt=now - ARRIVES_WITHIN) & ~Q(product__kind=Product.Kind.DIGITAL)
    sent = [Status.SHIPPED, Status.DELIVERED, *Order.ENDED]
    return Order.objects.filter(on_its_way | ~Q(status__in=sent), customer=user)


def refuse_erasure(user: User, *, now: dt.datetime) -> None:
    """Raise ``RuleViolation`` with the reason and the next step if the account cannot be erased now."""
    erasure.refuse_operator(user)
    erasure.refuse_last_owner(user)
    if card := PaymentMethod.objects.filter(owner=user).select_related("organization").first():
        message = _("The billing of %s is yours. Hand it over there first.")
        raise RuleViolation("owns_billing", message % card.organization)
    if OrderPayment.objects.filter(customer=user, status__in=MONEY_MOVES).exists():
        message = _("A payment of yours is under way. It is settled within minutes; come back then.")
        raise RuleViolation("payment_under_way", message)
    if order := orders_under_way(user, now=now).select_related("product").first():
        message = _(
            "Order %(number)s of “%(product)s” is under way. Wait until it has arrived, or ask us to cancel it first."
        )
        raise RuleViolation("order_under_way", message % {"number": order.number, "product": order.product})


def erase_customer(user: User, *, language: str = "en", now: dt.datetime) -> None:
    """Erase the account in one transaction, permanently. Does nothing if it is already erased.

    Sends a last email to the former address.
    """
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        if locked.erased_at:
            return
        refuse_erasure(locked, now=now)
        addresses = erasure.addresses_of(locked)
        last_address = locked.email
        erasure.leave_organizations(locked)
        erasure.end_sessions(locked)
        event_emails.forget_addresses(addresses)  # before the emails: an exchange that has one queues its email first
        forget_mails_of(locked, addresses, now=now)
        blank_orders(Order.objects.filter(customer=locked), now=now)
        Reservation.objects.filter(customer=locked).update(**BLANK_ADDRESS)
        for name in columns_to_delete():
            label, _dot, column = name.rpartition(".")
            apps.get_model(label)._default_manager.filter(**{column: locked}).delete()
        erasure.anonymize_user(locked, now=now)
        erasure.forget_addresses(locked, addresses)
        queue_mail("account_erased", to_email=last_address, context={}, language=language, now=now)


def blank_orders(orders: QuerySet[Order], *, now: dt.datetime) -> None:
    """Remove recipient, address, tracking number and content. Product, amounts, dates and country are kept."""
    ids = list(orders.values_list("pk", flat=True))
    Order.objects.filter(pk__in=ids).update(**BLANK_ORDER, encrypted_content="", forgotten_at=now)
    OrderChange.objects.filter(order__in=ids).update(reason="")
    FulfillmentRequest.objects.filter(order__in=ids).update(last_error="")


@emails.add("account_erased")
def erased_context(context: dict) -> dict:
    """Return the context of the last email, which names nobody."""
    return {}
