"""A campaign for benches, harnesses and scripts, made through the same services as any other."""

import datetime as dt
import io
import json
import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from PIL import Image

from accounts.models import App, Member, Organization, User
from accounts.organizations.service import create_api_key, create_app, register_organization, waive_payment
from campaigns.approval import transitions
from campaigns.budget.claim_limits import NAMES
from campaigns.budget.limits import set_campaign_ceiling
from campaigns.budget.spending import set_limits
from campaigns.models import Banner, Campaign, ClaimLimits
from campaigns.setup import service as setup
from campaigns.setup.cpa import suggest_for_products
from campaigns.setup.moment_costs import pairs_of
from catalog.models import Category, Marketplace, Product
from catalog.pricing.prices import record_first_price, set_price
from catalog.stock import receive_units
from moments import clock, money
from moments.commands import instant, whole_number
from moments.errors import RuleViolation

STATES = ["draft", "pending", "approved", "live", "suspended", "rejected", "finished"]


class Command(BaseCommand):
    help = "Makes a campaign with an app and keys of its own and prints their ids as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--state", choices=STATES, default="live")
        parser.add_argument("--cpa", default="27.50", help="US dollars")
        parser.add_argument("--monthly-limit", default="5000", help="US dollars")
        parser.add_argument("--total-budget", default="50000", help="US dollars")
        parser.add_argument("--products", type=whole_number, default=1, help="how many, 1 to 5")
        parser.add_argument("--category", help="a category's slug, instead of products")
        parser.add_argument("--stock", type=whole_number, default=100, help="units of each product")
        parser.add_argument("--starts", help="ISO instant; an hour ago")
        parser.add_argument("--ends", help="ISO instant; in 30 days")
        parser.add_argument("--organization", help="id or name of one that exists; else a new one")
        parser.add_argument("--user-limit", type=whole_number, default=1)
        parser.add_argument("--brake", choices=["on", "off"], default="off")
        parser.add_argument(
            "--claim-limits",
            choices=["device", "all", "off"],
            default="device",
            help="which hold: of accounts on one device, or of customers, addresses and networks too",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        try:
            with transaction.atomic():
                made = make(options, now)
        except RuleViolation as refusal:
            raise CommandError(refusal.message) from None
        self.stdout.write(json.dumps(made, indent=2))


def make(options: dict, now: dt.datetime) -> dict:
    starts = instant(options["starts"]) if options["starts"] else now - dt.timedelta(hours=1)
    ends = instant(options["ends"]) if options["ends"] else max(now, starts) + dt.timedelta(days=30)
    then = min(now, starts)  # one that is over already was made before it began
    member = member_for(options["organization"], now)
    name = f"Campaign {secrets.token_hex(4)}"
    app = create_app(member, name=f"App of {name}", now=now)
    campaign = setup.create_campaign(
        member,
        app=app,
        name=name,
        now=then,
        starts_at=starts,
        ends_at=ends,
        per_user_limit=options["user_limit"],
        brake_is_on=options["brake"] == "on",
    )
    fill(campaign, options, member, then)
    limit_claims(campaign, options["claim_limits"])
    bring_to(campaign, options["state"], member.user, then, now)
    return described(campaign, app, member, now)


def member_for(name: str | None, now: dt.datetime) -> Member:
    if name:
        found = Organization.objects.filter(pk=int(name)) if name.isdigit() else Organization.objects.filter(name=name)
        member = Member.objects.filter(organization__in=found, role=Member.Role.OWNER).order_by("id").first()
        if member is None:
            raise CommandError(f"There is no organization “{name}” with an owner.")
    else:
        owner = User.objects.create_user(f"owner-{secrets.token_hex(6)}@example.com", name="Owner")
        member = register_organization(owner, name=f"Organization {secrets.token_hex(4)}", country="US", now=now)
    waive_payment(member.organization, now=now)
    return member


def fill(campaign: Campaign, options: dict, member: Member, now: dt.datetime) -> None:
    cpa = money.parse(options["cpa"])
    setup.edit_campaign(
        campaign,
        announcement_message="Finish level 10 and choose a present.",
        redemption_message="You finished level 10. Choose your present.",
        support_contact="help@example.com",
        banner_alt="A present",
        terms="One reward per person.",
    )
    setup.set_banner(campaign, plain_banner(), by=member.user, now=now)
    store = Marketplace.objects.get(code="US")
    if options["category"]:
        choose_category(campaign, store, options, cpa, now)
    else:
        group = setup.choose_products(campaign, store)
        for _number in range(options["products"]):
            setup.add_product(campaign, group, new_product(store, cpa, options["stock"], "rewards", now))
    setup.set_costs(campaign, {(moment.pk, group.pk): cpa for moment, group, _cents in pairs_of(campaign)})
    monthly, total = money.parse(options["monthly_limit"]), money.parse(options["total_budget"])
    if monthly > campaign.monthly_ceiling_cents:
        set_campaign_ceiling(campaign, ceiling_cents=monthly, why="make_campaign", by=None, now=now)
    set_limits(campaign, total_budget_cents=total, monthly_limit_cents=monthly, by=None, now=now)


def limit_claims(campaign: Campaign, which: str) -> None:
    """Harnesses send hundreds of customers to one address from one network."""
    if which != "all":
        off = [name for name in NAMES if which == "off" or name != "accounts_per_device"]
        ClaimLimits.objects.create(campaign=campaign, **dict.fromkeys(off, 0))


def choose_category(campaign: Campaign, store: Marketplace, options: dict, cpa: int, now: dt.datetime) -> None:
    category = Category.objects.filter(slug=options["category"]).first()
    if category is None:
        raise CommandError(f"There is no category “{options['category']}”.")
    for _number in range(options["products"]):
        new_product(store, cpa, options["stock"], category.slug, now)
    setup.choose_category(campaign, store, category)


def new_product(store: Marketplace, cpa: int, stock: int, slug: str, now: dt.datetime) -> Product:
    """The most expensive product that ``cpa`` covers with tax and shipping: a parcel where one can be, else a code."""
    category, _made = Category.objects.get_or_create(slug=slug, defaults={"name": slug.title()})
    token = secrets.token_hex(4)
    product = Product.objects.create(
        marketplace=store,
        category=category,
        sku=f"MADE-{token}",
        title=f"Present {token}",
        kind=Product.Kind.PHYSICAL,
        price_cents=max(cpa * 10 // 11, 1),
        list_price_cents=max(cpa * 10 // 11, 1),
        created_at=now,
    )
    record_first_price(product, now=now)
    if needed(product, store, now) > cpa:
        product.kind = Product.Kind.DIGITAL
        product.save(update_fields=["kind"])
    while needed(product, store, now) > cpa and product.price_cents > 1:
        set_price(product, product.price_cents - 1, now=now)
    if stock:
        receive_units(product, stock, reference=f"made-{token}", now=now)
    return product


def needed(product: Product, store: Marketplace, now: dt.datetime) -> int:
    return suggest_for_products([product], store, now=now)[product.pk].usd_cents


def bring_to(campaign: Campaign, state: str, user: User, then: dt.datetime, now: dt.datetime) -> None:
    if state == "draft":
        return
    transitions.submit_for_approval(campaign, by=user, now=then)
    if state == "pending":
        return
    if state == "rejected":
        transitions.reject_campaign(campaign, by=user, reason="Asked for a rejected one.", now=then)
        return
    transitions.approve_campaign(campaign, by=user, now=then)
    if state == "approved":
        return
    transitions.go_live(campaign, by=user, now=then)
    if state == "suspended":
        transitions.take_down(campaign, by=user, now=now)
    if state == "finished":
        transitions.finish(campaign, by=user, now=now)


def described(campaign: Campaign, app: App, member: Member, now: dt.datetime) -> dict:
    _key, secret = create_api_key(app, mode="live", name="make_campaign", by=member.user, now=now)
    _test_key, test_secret = create_api_key(app, mode="test", name="make_campaign", by=member.user, now=now)
    return {
        "baseUrl": settings.BASE_URL,
        "organizationId": member.organization_id,
        "apiKey": secret,
        "testApiKey": test_secret,
        "appId": str(app.pk),
        "campaignId": str(campaign.pk),
        "momentId": campaign.moments.get().key,
        "rewardGroupId": campaign.groups.get().key,
    }


def plain_banner() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (Banner.WIDTH, Banner.HEIGHT), "#3353b7").save(file, "PNG")
    return file.getvalue()
