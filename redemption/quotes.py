"""What an order costs, and who pays what of it."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Product
from catalog.shipping import shipping_cents
from catalog.tax import destination_rate
from moments.errors import RuleViolation
from moments.money import apply_rate, display
from redemption.addresses import Address
from redemption.choices import Choice, choice_of, percent_of
from redemption.models import Membership
from rewards.models import Reward


@dataclass(frozen=True)
class Quote:
    """What an order costs, in minor units of ``currency``: ``borne`` by the operator, ``to_pay`` by the customer."""

    currency: str
    item_cents: int
    shipping_cents: int
    tax_cents: int
    credit_cents: int
    borne_cents: int
    to_pay_cents: int
    is_two_day: bool

    @property
    def total_cents(self) -> int:
        return self.item_cents + self.shipping_cents + self.tax_cents


@dataclass(frozen=True)
class Terms:
    """What all that somebody orders at one address shares."""

    is_member: bool
    tax_rate: Decimal


def is_member(user: User, *, now: dt.datetime) -> bool:
    today = now.date()
    return Membership.objects.filter(user=user, starts_on__lte=today, ends_on__gte=today).exists()


def quote_order(reward: Reward, product: Product, address: Address, *, customer: User, now: dt.datetime) -> Quote:
    """Item, shipping and tax at this address, and who pays what. Refuses what the reward does not offer."""
    return quote_choice(reward, choice_of(reward, product), address, customer=customer, now=now)


def quote_choice(reward: Reward, choice: Choice, address: Address, *, customer: User, now: dt.datetime) -> Quote:
    return quote_at(reward, choice, terms_at(reward, address, customer=customer, now=now))


def terms_at(reward: Reward, address: Address, *, customer: User, now: dt.datetime) -> Terms:
    store = reward.group.marketplace
    rate = destination_rate(store, country=address.country, region=address.region, now=now)
    return Terms(is_member(customer, now=now), rate)


def quote_at(reward: Reward, choice: Choice, terms: Terms) -> Quote:
    """Asks the database for nothing, so that a whole shelf can be priced."""
    store, product, item = reward.group.marketplace, choice.product, choice.value_cents
    shipping = shipping_cents(store, item, kind=product.kind, is_member=terms.is_member)
    tax = apply_rate(item, terms.tax_rate)
    total = item + shipping + tax
    credit = min(reward.credit_cents, apply_rate(total, percent_of(reward.group)))
    beyond = total - credit
    is_substitute = choice.stands_in_for is not None
    return Quote(
        currency=reward.currency,
        item_cents=item,
        shipping_cents=shipping,
        tax_cents=tax,
        credit_cents=credit,
        borne_cents=beyond if is_substitute else 0,
        to_pay_cents=0 if is_substitute else beyond,
        is_two_day=terms.is_member and product.kind != Product.Kind.DIGITAL,
    )


def refuse_payment(quote: Quote, product: Product) -> None:
    """What exceeds the credit would have to be paid, and this installation takes no payments."""
    if quote.to_pay_cents:
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
