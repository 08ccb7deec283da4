"""Template contexts of the emails about orders."""

from accounts.models import User
from accounts.time_zones import zone_of_user
from campaigns.models import Campaign
from campaigns.setup.translations import in_language
from catalog.models import Product
from moments.i18n.datetimes import display_expiry
from moments.money import display
from moments.registry import absolute, absolute_url, emails
from redemption.addresses.address import address_of
from redemption.models import Appeal, BackInStockAlert, Order, OrderPayment, Substitution
from redemption.orders.carriers import tracking_url
from rewards.issuing.emails import reward_context
from rewards.issuing.service import reward_link


@emails.add("order_confirmed", "order_shipped", "order_delivered", "order_refunded", "order_canceled")
def order_context(context: dict) -> dict:
    """Return the context of an order's emails. Optional inputs: ``reason``, ``can_choose_again`` and
    ``paid_back_cents``.
    """
    related = ("product", "reward__campaign__banner", "reward__campaign__app", "customer")
    order = Order.objects.select_related(*related).get(pk=context["order"])
    shared = {name: context.get(name, "") for name in ("reason", "can_choose_again")}
    paid_back = context.get("paid_back_cents")
    shared["expires"] = expires_for(order.customer, order.reward.campaign)
    return {**of_order(order), **shared, "paid_back": display(paid_back, order.currency) if paid_back else ""}


@emails.add("order_substitution")
def substitution_context(context: dict) -> dict:
    offer = Substitution.objects.select_related("substitute", "original").get(pk=context["substitution"])
    return {
        **order_context(context),
        "product_title": str(offer.original),
        "substitute_title": str(offer.substitute),
        "substitute_picture_url": picture_url(offer.substitute),
    }


@emails.add("appeal_answered")
def appeal_context(context: dict) -> dict:
    related = ("reward__campaign__banner", "reward__campaign__app", "customer")
    appeal = Appeal.objects.select_related(*related).get(pk=context["appeal"])
    return {**of_appeal(appeal), "expires": expires_for(appeal.customer, appeal.reward.campaign)}


def expires_for(customer: User, campaign: Campaign) -> str:
    return display_expiry(campaign.rewards_expire_at, zone_of_user(customer, campaign.time_zone))


def of_appeal(appeal: Appeal) -> dict:
    campaign = appeal.reward.campaign
    return {
        **of_campaign(campaign),
        "is_allowed": appeal.status == Appeal.Status.ALLOWED,
        "answer": appeal.answer,
        "reward_url": reward_link(appeal.reward),
        "expires": display_expiry(campaign.rewards_expire_at, campaign.time_zone),
    }


@emails.add("back_in_stock")
def return_context(context: dict) -> dict:
    """Return the context of the email about a product that is back in stock."""
    wish = BackInStockAlert.objects.select_related("product").get(pk=context["wish"])
    return {**reward_context({"reward": wish.reward_id}), **of_product(wish.product)}


def of_product(product: Product) -> dict:
    return {"product_title": str(product), "product_picture_url": picture_url(product)}


@emails.add("payment_returned")
def payment_context(context: dict) -> dict:
    """Return the context of the email about a refunded payment without an order."""
    related = ("product", "reward__campaign__banner", "reward__campaign__app")
    payment = OrderPayment.objects.select_related(*related).get(pk=context["payment"])
    return of_payment(payment)


def of_payment(payment: OrderPayment) -> dict:
    return {
        **of_campaign(payment.reward.campaign),
        "product_title": str(payment.product),
        "amount": display(payment.amount_cents, payment.currency),
        "reason": payment.reason,
        "rewards_url": absolute("redemption:my_rewards"),
    }


def of_campaign(campaign: Campaign) -> dict:
    return {
        "app_name": campaign.app.name,
        "support_contact": campaign.support_contact,
        "banner_url": absolute_url(campaign.banner.url_at(1200)) if campaign.banner else "",
        "banner_alt": in_language(campaign).banner_alt,
    }


def picture_url(product: Product) -> str:
    return absolute_url(product.thumbnail_url) if product.picture else ""


def of_order(order: Order) -> dict:
    campaign = order.reward.campaign

    def money(cents: int) -> str:
        return display(cents, order.currency)

    return {
        **of_campaign(campaign),
        "number": order.number,
        "order_url": absolute("redemption:order", order.number),
        "product_title": str(order.product),
        "size": order.size,
        "product_picture_url": picture_url(order.product),
        "address_lines": address_of(order).lines() if order.street else [],
        "item": money(order.item_cents),
        "shipping": money(order.shipping_cents),
        "tax": money(order.tax_cents),
        "credit": money(order.credit_cents),
        "included_tax": money(order.included_tax_cents) if order.included_tax_cents else "",
        "operator_paid": money(order.operator_paid_cents) if order.operator_paid_cents else "",
        "paid": money(order.paid_cents) if order.paid_cents else "",
        "is_two_day": order.is_two_day,
        "is_digital": bool(order.encrypted_content),
        "carrier": order.carrier,
        "tracking_number": order.tracking_number,
        "tracking_url": tracking_url(order.carrier, order.tracking_number),
        "reward_url": reward_link(order.reward),
        "expires": display_expiry(campaign.rewards_expire_at, campaign.time_zone),
    }
