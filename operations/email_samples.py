"""Sample contexts for email previews, from unsaved objects with an existing banner and product.

They use the context functions of real emails, so that previews show what is sent.
"""

import datetime as dt

from django.utils.translation import gettext as _

from accounts.models import App
from accounts.sign_in.security_notices import CHANGES
from campaigns import emails as of_campaigns
from campaigns.models import Banner, Campaign
from campaigns.setup.terms import DEFAULT_TERMS
from catalog.models import Product
from moments import clock
from moments.i18n.datetimes import display_date, display_instant, display_month
from moments.money import display
from moments.registry import absolute, email_samples
from outbox.models import WebhookEndpoint
from outbox.webhooks.emails import about_disabled
from redemption.models import Appeal, Order, OrderPayment
from redemption.orders.emails import of_appeal, of_order, of_payment, of_product, picture_url
from rewards.issuing.emails import shown
from rewards.issuing.tokens import newest_version, token_digest, token_for
from rewards.models import Reward


@email_samples.provide
def samples() -> dict[str, dict]:
    """Return kind → template context in the active language; ``account`` is the context of all account emails."""
    campaign = campaign_sample()
    shown = {**of_console(campaign), **of_rewards(campaign), **of_orders(campaign)}
    return {**shown, "address_check": {"check_url": absolute("account_login")}, "account": of_account()}


def campaign_sample() -> Campaign:
    return Campaign(
        name="Finish chapter one",
        app=App(name="Lantern"),
        redemption_message="You finished chapter one. Choose your present.",
        terms=str(DEFAULT_TERMS),
        support_contact="help@example.com",
        time_zone="Europe/Berlin",
        rewards_expire_at=clock.now() + dt.timedelta(days=3),
        banner=Banner.objects.order_by("-created_at").first(),
        banner_alt="Small presents float on a bright ground.",
    )


def of_rewards(campaign: Campaign) -> dict[str, dict]:
    reward = shown(campaign, value=display(2500), url=absolute("landing"), is_free=True)
    end = {"days_left": 3, "unsubscribe_url": absolute("redemption:stop_reminders", "sample")}
    appeal = Appeal(reward=reward_sample(campaign), status=Appeal.Status.ALLOWED, answer="")
    return {
        "reward_issued": reward,
        "points_exchanged": {**reward, "points": 500},
        "reward_expiring": {**reward, **end},
        "back_in_stock": {**reward, **of_product(product_sample())},
        "account_erased": {},
        "appeal_answered": {**of_appeal(appeal), "reward_url": absolute("landing")},
    }


def reward_sample(campaign: Campaign) -> Reward:
    reward = Reward(campaign=campaign, token_key_version=newest_version())
    reward.token_digest = token_digest(token_for(reward.pk, newest_version()))
    return reward


def of_orders(campaign: Campaign) -> dict[str, dict]:
    product = product_sample()
    order = {**of_order(order_sample(campaign, product)), "reward_url": absolute("landing")}
    order |= {"reason": "", "can_choose_again": "", "paid_back": ""}
    ended = {**order, "reason": "The parcel was lost on its way.", "can_choose_again": True}
    why = _("“%s” is not held for you any more.") % product
    returned = OrderPayment(
        reward=reward_sample(campaign), product=product, amount_cents=349, currency="USD", reason=why
    )
    equal = {"product_title": "Bear, medium", "substitute_title": product.title}
    return {
        **dict.fromkeys(("order_confirmed", "order_shipped", "order_delivered"), order),
        "order_substitution": {**order, **equal, "substitute_picture_url": picture_url(product)},
        "order_canceled": ended,
        "order_refunded": {**ended, "paid_back": display(450)},
        "payment_returned": of_payment(returned),
    }


def product_sample() -> Product:
    return Product.objects.exclude(picture="").order_by("pk").first() or Product(title="Marble run")


def order_sample(campaign: Campaign, product: Product) -> Order:
    return Order(
        number="7K3F-9QXD-M2PA",
        reward=reward_sample(campaign),
        product=product,
        currency="USD",
        item_cents=2500,
        shipping_cents=0,
        tax_cents=250,
        credit_cents=2750,
        recipient="Kim Larsen",
        street="1 Harbor Street",
        city="Portland",
        region="OR",
        postal_code="97205",
        country="US",
        carrier="Parcel Post",
        tracking_number="PP123456789",
    )


def of_console(campaign: Campaign) -> dict[str, dict]:
    about = of_campaigns.common(campaign)
    decided = {**about, "reason": "The banner shows a logo of somebody else.", "goes_live": ""}
    spent = {"what": "monthly limit", "percent": 80, "spent": display(400_000), "limit": display(500_000)}
    return {
        "campaign_approved": {**decided, "reason": ""},
        "campaign_rejected": decided,
        "campaign_finished": {**about, "rewards": 137, "spent": display(376_750), "expires": in_three_days()},
        "campaign_held": {**about, "by_brake": True},
        "campaign_released": about,
        "budget_threshold": {**about, **spent},
        "exchange_stuck": stuck_exchange_sample(),
        "webhook_disabled": about_disabled(WebhookEndpoint(url="https://example.com/webhooks")),
        **of_billing(),
    }


def stuck_exchange_sample() -> dict:
    return {
        "program_name": "Stars",
        "app_user_id": "user-1041",
        "points": 200,
        "campaign_name": "Finish chapter one",
        "reason": "The campaign has reached its limit for this month.",
        "program_url": absolute("console:points:list"),
    }


def of_billing() -> dict[str, dict]:
    today = clock.now().date()
    about = {"organization": "Northlight Games", "month": display_month(today), "total": display(376_750)}
    statement = {
        "number": "2026-10-0001",
        "is_waived": False,
        "is_carried": False,
        "statement_url": absolute("console:billing:list"),
    }
    failed = {"card": "Visa 4242", "why": "Your card was declined.", "billing_url": absolute("console:billing:list")}
    report = {
        "organization": "Northlight Games",
        "first": display_date(today - dt.timedelta(days=7)),
        "last": display_date(today),
        "actions": 137,
        "spend": display(376_750),
        "change": "",
        "lines": [["Finish chapter one", 137, display(376_750)]],
        "report_url": absolute("console:reports:report"),
        "unsubscribe_url": absolute("console:reports:report"),
    }
    page = absolute("admin:index")
    digest: dict = {
        "lines": [["2 campaigns wait for approval", page], ["1 order to pack", page]],
        "admin_url": page,
        "unsubscribe_url": page,
    }
    console: dict[str, dict] = {"report": report, "operator_digest": digest}
    return {"statement_ready": {**about, **statement}, "payment_failed": {**about, **failed}, **console}


def in_three_days() -> str:
    return display_instant(clock.now() + dt.timedelta(days=3), "Europe/Berlin")


def of_account() -> dict:
    """Return one context for all account emails; each template uses a part of it."""
    sign_in_url = absolute("account_login")
    links = dict.fromkeys(("activate_url", "password_reset_url", "signup_url", "link_url", "join_url"), sign_in_url)
    change = {
        "change": CHANGES["password_changed"],
        "device": "Firefox on Linux",
        "network": "203.0.113.x",
        "reset_url": absolute("account_reset_password"),
        "security_url": absolute("accounts:security"),
    }
    people = {"email": "kim@example.com", "who": "Ada Sommer", "organization": "Northlight Games", "role": "editor"}
    return {**links, **people, "minutes": 15, "until": in_three_days(), **change}
