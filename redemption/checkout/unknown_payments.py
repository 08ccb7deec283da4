"""Payments that Stripe does not know with the current keys. Operators are notified and settle them by hand."""

import datetime as dt

from django.utils.translation import gettext as _

from moments.errors import RuleViolation
from moments.lifecycle import advance
from moments.money import display
from moments.registry import absolute
from outbox.service import notify_operators
from redemption.models import OrderPayment


def tell_of_unknown(payment: OrderPayment, *, now: dt.datetime) -> None:
    """Notify operators: the payment was ended here, but it may have been paid under former keys."""
    text = _(
        "Stripe does not know payment %(intent)s (%(amount)s for “%(product)s”), so it was ended here.\n\nIf Stripe's "
        "keys were changed, check in the account they belonged to whether it was paid, and refund it there.\n\n%(url)s"
    )
    _tell(_("Stripe does not know a payment"), text, payment, dedupe_key=f"order_payment_unknown:{payment.pk}", now=now)


def tell_of_unknown_refund(payment: OrderPayment, *, now: dt.datetime) -> None:
    text = _(
        "%(amount)s for “%(product)s” has to be refunded, and Stripe does not know payment %(intent)s.\n\nIf Stripe's "
        "keys were changed, refund it in the account they belonged to, then choose “Refunded by hand” here.\n\n%(url)s"
    )
    _tell(_("A refund has to be made by hand"), text, payment, dedupe_key=f"refund_unknown:{payment.pk}", now=now)


def _tell(subject: str, text: str, payment: OrderPayment, *, dedupe_key: str, now: dt.datetime) -> None:
    values = {
        "intent": payment.intent_id,
        "amount": display(payment.amount_cents, payment.currency),
        "product": payment.product,
        "url": absolute("admin:redemption_orderpayment_change", payment.pk),
    }
    notify_operators(subject, text % values, dedupe_key=dedupe_key, now=now)


def mark_refunded(payment: OrderPayment) -> None:
    """Mark the payment as refunded after an operator returned the money in another way."""
    if payment.status != OrderPayment.Status.REFUNDING:
        message = _("Only a payment that is being refunded can be marked; this one is %s.")
        raise RuleViolation("not_refunding", message % payment.get_status_display())
    advance(payment, OrderPayment.Status.REFUNDED)
