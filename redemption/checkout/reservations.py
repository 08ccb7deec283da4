"""Reservations of stock during the checkout.

A reward has at most one reservation. The unit is taken from stock at once; the sweep returns it within a minute after
the reservation expires. Until then the customer can continue with it.
"""

import datetime as dt
import logging
import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.privacy.user_lock import lock_active_user
from catalog import stock
from catalog.models import Product, ProductSize
from moments.errors import RuleViolation
from redemption.addresses.address import Address
from redemption.choosing.offers import available_offer
from redemption.models import OrderPayment, Reservation, new_order_number
from rewards.claims.service import NotAvailable, is_open
from rewards.models import Reward

logger = logging.getLogger(__name__)
HOLD = dt.timedelta(minutes=15)


def reservation_of(reward: Reward) -> Reservation | None:
    related = ("product", "size", "substitute_for")
    return Reservation.objects.select_related(*related).filter(reward=reward).first()


def is_for(held: Reservation, product: Product, size: ProductSize | None) -> bool:
    return held.product_id == product.pk and held.size_id == (size.pk if size else None)


def reserve_unit(
    reward: Reward,
    *,
    customer: User,
    product: Product,
    size: ProductSize | None = None,
    address: Address,
    now: dt.datetime,
) -> Reservation:
    """Reserve one unit for 15 minutes, or update the address of an existing reservation of the same item.

    A reservation of another item is released, unless this one is refused. Concurrent calls get the same reservation.
    """
    reward.refresh_from_db(fields=["status", "customer", "voided_at"])
    if reward.customer_id != customer.pk or reward.status != Reward.Status.CLAIMED or not is_open(reward, now=now):
        raise NotAvailable
    with transaction.atomic():
        lock_active_user(customer)
        _lock_claimed(reward)
        stock.refuse_wrong_size(product, size)
        if held := lock_reservation_for(reward, product, size, now=now):
            return _go_on(held, address, now)
        return _take(reward, customer, product, size, address, now)


def _lock_claimed(reward: Reward) -> None:
    """Lock the claimed reward: wait for a concurrent order, and let later ones see the reservation. Raises
    ``NotAvailable`` if it can no longer be used.
    """
    open_still = Reward.objects.filter(pk=reward.pk, status=Reward.Status.CLAIMED, voided_at=None)
    if open_still.select_for_update(no_key=True).first() is None:
        raise NotAvailable


def _go_on(held: Reservation, address: Address, now: dt.datetime) -> Reservation:
    """Update the address. The remaining time is unchanged, but an expired reservation starts over."""
    columns = {"held_until": held.held_until if now < held.held_until else now + HOLD, **address.as_fields()}
    for name, value in columns.items():
        setattr(held, name, value)
    held.save(update_fields=list(columns))
    return held


def _take(
    reward: Reward, customer: User, product: Product, size: ProductSize | None, address: Address, now: dt.datetime
) -> Reservation:
    choice, number = available_offer(reward, product), new_order_number()
    stock.take_unit(product, size=size, reference=number, now=now)
    return Reservation.objects.create(
        reward=reward,
        customer=customer,
        product=product,
        size=size,
        substitute_for=choice.substitute_for,
        value_cents=choice.value_cents,
        number=number,
        held_at=now,
        held_until=now + HOLD,
        **address.as_fields(),
    )


def lock_reservation(reward: Reward) -> Reservation | None:
    """Return the reward's reservation, locked. The caller must have locked the customer before."""
    return Reservation.objects.select_for_update().filter(reward=reward).first()


def lock_reservation_for(
    reward: Reward, product: Product, size: ProductSize | None, *, now: dt.datetime
) -> Reservation | None:
    """Return the locked reservation of ``product``, or None. A reservation of another item is released.

    Raises ``RuleViolation`` if that other item is being paid for.
    """
    held = lock_reservation(reward)
    if held is None or is_for(held, product, size):
        return held
    if is_being_paid(held.reward_id):
        raise RuleViolation("payment_under_way", _("“%s” is being paid for.") % held.product)
    stock.lock_products([held.product, product])
    _put_back(held, now)
    return None


def release_lapsed(*, now: dt.datetime) -> int:
    """Return expired reservations to stock unless they are being paid for. Returns how many units were released."""
    lapsed = Reservation.objects.filter(held_until__lte=now).values_list("pk", flat=True)
    return sum(_release_if_lapsed(pk, now) for pk in list(lapsed))


def _release_if_lapsed(pk: int, now: dt.datetime) -> bool:
    """Release one reservation. An error is logged and does not stop the others."""
    try:
        with transaction.atomic():
            held = Reservation.objects.select_for_update(skip_locked=True).filter(pk=pk, held_until__lte=now).first()
            if held is None or is_being_paid(held.reward_id):
                return False
            _put_back(held, now)
    except Exception:
        logger.exception("Reservation %s is not put back", pk)
        return False
    return True


def is_being_paid(reward_id: uuid.UUID) -> bool:
    """Return whether the reward has an open payment."""
    return OrderPayment.objects.filter(reward=reward_id, status=OrderPayment.Status.OPEN).exists()


def _put_back(held: Reservation, now: dt.datetime) -> None:
    stock.put_back_unit(held.product, reference=held.number, now=now)
    held.delete()
