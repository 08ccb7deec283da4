"""Prices of orders, split between credit, customer and operator."""

import datetime as dt
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Product
from catalog.pricing.shipping import ShippingKind, cents_of, shipping_kind
from catalog.pricing.tax import destination_rate, included_rate, tax_inside
from moments.errors import RuleViolation
from moments.integrations import stripe
from moments.money import apply_rate, display
from redemption.addresses.address import Address
from redemption.choosing.offers import Offer, available_offer, percent_of
from redemption.models import Membership, OrderPayment
from rewards.models import Reward


class NotPaid(RuleViolation):
    """Raised if the part beyond the credit was not paid exactly. No order is placed."""


@dataclass(frozen=True)
class Quote:
    """The price of an order, in minor units of ``currency``.

    The customer pays ``to_pay_cents``. The operator pays ``operator_paid_cents``: the extra price of a substitute, or
    an amount below the payment provider's minimum. If prices include tax, none is added and ``included_tax_cents`` is
    the tax within them, at ``tax_rate``.
    """

    currency: str
    item_cents: int
    shipping_cents: int
    tax_cents: int
    credit_cents: int
    operator_paid_cents: int
    to_pay_cents: int
    tax_rate: Decimal
    included_tax_cents: int
    shipping_kind: ShippingKind
    is_two_day: bool

    @property
    def total_cents(self) -> int:
        return self.item_cents + self.shipping_cents + self.tax_cents

    @property
    def paid_cents(self) -> int:
        """Same as ``to_pay_cents``, under the name that orders use."""
        return self.to_pay_cents

    @property
    def can_be_paid(self) -> bool:
        return not self.to_pay_cents or stripe.is_set_up()

    def as_columns(self) -> dict[str, Any]:
        """Return the values for the columns of ``Order``."""
        columns = asdict(self)
        paid = columns.pop("to_pay_cents")
        return {**columns, "paid_cents": paid}


@dataclass(frozen=True)
class Terms:
    """Tax rates and membership that apply to all orders of one customer to one address."""

    is_member: bool
    tax_rate: Decimal
    included_rate: Decimal


def is_member(user: User, *, now: dt.datetime) -> bool:
    today = now.date()
    return Membership.objects.filter(user=user, starts_on__lte=today, ends_on__gte=today).exists()


def quote_order(reward: Reward, product: Product, address: Address, *, customer: User, now: dt.datetime) -> Quote:
    """Return the quote for an order to ``address``. Raises ``RuleViolation`` if it is not offered or sold out."""
    return quote_choice(reward, available_offer(reward, product), address, customer=customer, now=now)


def quote_choice(reward: Reward, choice: Offer, address: Address, *, customer: User, now: dt.datetime) -> Quote:
    return quote_at(reward, choice, terms_at(reward, address, customer=customer, now=now))


def terms_at(reward: Reward, address: Address, *, customer: User, now: dt.datetime) -> Terms:
    store = reward.group.marketplace
    rate = destination_rate(store, country=address.country, region=address.region, now=now)
    return Terms(is_member(customer, now=now), rate, included_rate(store, now=now))


def quote_at(reward: Reward, choice: Offer, terms: Terms) -> Quote:
    """Return the quote without database queries, so that many products can be priced at once."""
    store, product, item = reward.group.marketplace, choice.product, choice.value_cents
    shipped = shipping_kind(store, item, kind=product.kind, is_member=terms.is_member)
    shipping = cents_of(shipped, store)
    tax = apply_rate(item, terms.tax_rate)
    total = item + shipping + tax
    credit = min(reward.credit_cents, apply_rate(total, percent_of(reward.group)))
    beyond = total - credit
    operator_pays = choice.substitute_for is not None or beyond <= most_waived(reward.currency)
    return Quote(
        currency=reward.currency,
        item_cents=item,
        shipping_cents=shipping,
        tax_cents=tax,
        credit_cents=credit,
        operator_paid_cents=beyond if operator_pays else 0,
        to_pay_cents=0 if operator_pays else beyond,
        tax_rate=terms.tax_rate or terms.included_rate,
        included_tax_cents=tax_inside(item + shipping, terms.included_rate),
        shipping_kind=shipped,
        is_two_day=terms.is_member and product.kind != Product.Kind.DIGITAL,
    )


def most_waived(currency: str) -> int:
    """Return the largest amount beyond the credit that is too small to be charged; 0 if payments are not set up."""
    return stripe.smallest_payment(currency) - 1 if stripe.is_set_up() else 0


def refuse_payment(quote: Quote, product: Product) -> None:
    """Raise ``RuleViolation`` if the price exceeds the credit and payments are not set up."""
    if not quote.can_be_paid:
        message = _(
            "“%(product)s” comes to %(total)s with shipping and tax; your credit is %(credit)s. The rest cannot be "
            "paid here, so choose something else."
        )
        values = {
            "product": product,
            "total": display(quote.total_cents, quote.currency),
            "credit": display(quote.credit_cents, quote.currency),
        }
        raise RuleViolation("beyond_credit", message % values)


def refuse_unpaid(quote: Quote, product: Product, payment: OrderPayment | None) -> None:
    """Raise ``NotPaid`` unless ``payment`` is for exactly the amount beyond the credit."""
    refuse_payment(quote, product)
    paid = (payment.amount_cents, payment.currency) if payment else (0, quote.currency)
    if paid != (quote.to_pay_cents, quote.currency):
        values = {"due": display(quote.to_pay_cents, quote.currency), "paid": display(*paid), "product": product}
        raise NotPaid("not_paid", _("“%(product)s” takes %(due)s of yours, and %(paid)s was paid.") % values)
