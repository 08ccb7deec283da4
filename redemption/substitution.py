"""When an ordered item turns out to be gone: an equal is offered, at nobody's cost but the operator's."""

import datetime as dt

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from catalog import stock
from catalog.equivalents import find_equivalents
from catalog.models import Product
from moments.errors import RuleViolation
from moments.lifecycle import advance
from moments.links import absolute
from redemption.models import Order, Substitution
from redemption.services import mail_customer, note_change

Status = Substitution.Status


def report_missing(order: Order, *, by: User, now: dt.datetime) -> None:
    """Staff did not find the item when it was to be picked. The next run of the substitution offers an equal."""
    missing = Order.objects.filter(pk=order.pk, status=Order.Status.PLACED, is_missing=False)
    if not missing.update(is_missing=True):
        raise RuleViolation("not_placed", _("Order %s is not waiting to be picked.") % order.number)
    note_change(order, "missing", by=by, now=now)
    order.refresh_from_db(fields=["is_missing"])


def substitute_out_of_stock(*, now: dt.datetime) -> int:
    """Offer an equal for every ordered item that is missing and has had no offer yet; how many were offered."""
    waiting = Order.objects.filter(status=Order.Status.PLACED, is_missing=True, substitutions=None)
    return sum(_offer(order, now) for order in waiting.select_related("product", "reward__group__marketplace"))


def _offer(order: Order, now: dt.datetime) -> bool:
    equal = best_equal(order)
    if equal is None:
        _tell_staff(order, now)
        return False
    with transaction.atomic():
        advance(order, Order.Status.WAITING)
        offer = Substitution.objects.create(order=order, original=order.product, substitute=equal, offered_at=now)
        note_change(order, "equal offered", by=None, why=str(equal), now=now)
        mail_customer(order, "order_substitution", substitution=offer.pk, now=now)
    return True


def best_equal(order: Order) -> Product | None:
    """Same category, in stock, at 100 to 110 % of what the item was worth, the nearest."""
    store = order.reward.group.marketplace
    found = find_equivalents(order.product, value_cents=order.item_cents, marketplace=store, country=order.country)
    return found.first()


def _tell_staff(order: Order, now: dt.datetime) -> None:
    """Once for each order: nothing suitable is there."""
    if order.history.filter(what="no equal found").exists():
        return
    with transaction.atomic():
        note_change(order, "no equal found", by=None, now=now)
        text = _("Order %(number)s waits: “%(product)s” is missing and nothing of equal value is in stock.\n\n%(url)s")
        values = {
            "number": order.number,
            "product": order.product,
            "url": absolute("admin:redemption_order_change", order.pk),
        }
        send_mail(_("No equal for order %s") % order.number, text % values, None, [settings.OPERATOR_EMAIL])


def accept_substitution(offer: Substitution, *, by: User, now: dt.datetime) -> None:
    """Take the equal. Its unit is taken now; what it costs beyond the credit is the operator's."""
    order = offer.order
    with transaction.atomic():
        advance(offer, Status.ACCEPTED, decided_at=now)
        stock.take_unit(offer.substitute, reference=f"{order.number}/{offer.pk}", now=now)
        borne = max(offer.substitute.price_cents - order.item_cents, 0) + order.borne_cents
        advance(order, Order.Status.PLACED, product=offer.substitute, is_missing=False, borne_cents=borne)
        note_change(order, "equal accepted", by=by, why=str(offer.substitute), now=now)


def decline_substitution(offer: Substitution, *, by: User, now: dt.datetime) -> None:
    """Wait for the original."""
    with transaction.atomic():
        advance(offer, Status.DECLINED, decided_at=now)
        advance(offer.order, Order.Status.PLACED)
        note_change(offer.order, "equal declined", by=by, why=str(offer.substitute), now=now)
