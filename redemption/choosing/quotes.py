"""What an order costs, and who pays what of it."""

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
    """What exceeds the credit was not paid to the cent: nothing is ordered yet."""


@dataclass(frozen=True)
class Quote:
    """What an order costs, in minor units of ``currency``.

    The customer pays ``to_pay_cents``. The operator pays ``operator_paid_cents``: what a substitute costs beyond the
    credit, and what is too little for the payment provider to take.
    Where prices include tax none is added: ``included_tax_cents`` of them are tax, at ``tax_rate``.
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
        """By the name that an order has for it."""
        return self.to_pay_cents

    @property
    def can_be_paid(self) -> bool:
        return not self.to_pay_cents or stripe.is_set_up()

    def as_columns(self) -> dict[str, Any]:
        """As an order keeps it."""
        columns = asdict(self)
        paid = columns.pop("to_pay_cents")
        return {**columns, "paid_cents": paid}


@dataclass(frozen=True)
class Terms:
    """What all that somebody orders at one address shares."""

    is_member: bool
    tax_rate: Decimal
    included_rate: Decimal


def is_member(user: User, *, now: dt.datetime) -> bool:
    today = now.date()
    return Membership.objects.filter(user=user, starts_on__lte=today, ends_on__gte=today).exists()


def quote_order(reward: Reward, product: Product, address: Address, *, customer: User, now: dt.datetime) -> Quote:
    """Item, shipping and tax at this address, and who pays what. Refuses what the reward does not offer."""
    return quote_choice(reward, available_offer(reward, product), address, customer=customer, now=now)


def quote_choice(reward: Reward, choice: Offer, address: Address, *, customer: User, now: dt.datetime) -> Quote:
    return quote_at(reward, choice, terms_at(reward, address, customer=customer, now=now))


def terms_at(reward: Reward, address: Address, *, customer: User, now: dt.datetime) -> Terms:
    store = reward.group.marketplace
    rate = destination_rate(store, country=address.country, region=address.region, now=now)
    return Terms(is_member(customer, now=now), rate, included_rate(store, now=now))


def quote_at(reward: Reward, choice: Offer, terms: Terms) -> Quote:
    """Asks the database for nothing, so that a whole shelf can be priced."""
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
    """The most beyond a credit that nobody can be asked to pay. None of it where nothing is paid here at all."""
    return stripe.smallest_payment(currency) - 1 if stripe.is_set_up() else 0


def refuse_payment(quote: Quote, product: Product) -> None:
    """What exceeds the credit would have to be paid, and this installation may take no payments."""
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
    """What exceeds the credit has to be paid to the cent before it is ordered."""
    refuse_payment(quote, product)
    paid = (payment.amount_cents, payment.currency) if payment else (0, quote.currency)
    if paid != (quote.to_pay_cents, quote.currency):
        values = {"due": display(quote.to_pay_cents, quote.currency), "paid": display(*paid), "product": product}
        raise NotPaid("not_paid", _("“%(product)s” takes %(due)s of yours, and %(paid)s was paid.") % values)
