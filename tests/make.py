"""Builders with defaults for everything. They go through the services wherever there is one."""

import datetime as dt
import functools
import io
import itertools
import uuid

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import get_language
from PIL import Image

from accounts.models import ApiKey, App, Invitation, Member, Organization, User
from accounts.organizations.service import (
    create_api_key,
    create_app,
    invite_member,
    register_organization,
    waive_payment,
)
from campaigns.approval import transitions
from campaigns.budget import spending
from campaigns.models import Banner, Campaign
from campaigns.setup import service as setup
from campaigns.setup.moment_costs import pairs_of
from catalog import stock
from catalog.models import Category, Marketplace, Product
from catalog.pricing import prices
from moments import clock
from redemption.addresses.address import Address
from redemption.checkout.place_order import place_order
from rewards.claims.service import claim_reward
from rewards.issuing.service import IssueRequest, issue_reward
from rewards.models import Reward
from tests.harness import copies

numbers = itertools.count(1)
PASSWORD = "correct horse battery staple"
PORTLAND = Address("Kim Larsen", "1 Harbor Street", "Portland", "OR", "97205", "US")


def user(email: str = "", **fields) -> User:
    made = User.objects.create_user(
        email or f"user{next(numbers)}-{uuid.uuid4().hex[:6]}@example.com", PASSWORD, **fields
    )
    EmailAddress.objects.create(user=made, email=made.email, verified=True, primary=True)
    return made


def customer() -> User:
    return user(name="Kim Larsen")


def operator() -> User:
    return user(is_staff=True, is_superuser=True, name="Robin Reyes")


def member(role: str = Member.Role.OWNER, *, organization: Organization | None = None) -> Member:
    if organization:
        return Member.objects.create(organization=organization, user=user(name="Ada"), role=role)
    owner = register_organization(user(name="Ada"), name=f"Organization {next(numbers)}", country="US", now=clock.now())
    waive_payment(owner.organization, now=clock.now())
    if role != Member.Role.OWNER:
        return member(role, organization=owner.organization)
    return owner


def invitation(*, email: str, of: Member | None = None) -> Invitation:
    return invite_member(of or member(), email=email, role=Member.Role.EDITOR, now=clock.now())[0]


def app(of: Member | None = None, **fields) -> App:
    made = create_app(of or member(), name=f"App {next(numbers)}", now=clock.now())
    if fields:
        App.objects.filter(pk=made.pk).update(**fields)
        made.refresh_from_db()
    return made


def api_key(of: App, mode: str = ApiKey.Mode.LIVE) -> str:
    """The secret."""
    return create_api_key(of, mode=mode, now=clock.now())[1]


def category(slug: str = "books") -> Category:
    return Category.objects.get_or_create(slug=slug, defaults={"name": slug.title()})[0]


def product(
    price_cents: int = 2500, *, stock_units: int = 10, slug: str = "books", store: str = "US", **fields
) -> Product:
    now, number = clock.now(), next(numbers)
    made = Product.objects.create(
        marketplace=Marketplace.objects.get(code=store),
        category=category(slug),
        sku=f"SKU-{number}-{uuid.uuid4().hex[:6]}",
        title=fields.pop("title", f"Product {number}"),
        price_cents=price_cents,
        list_price_cents=fields.pop("list_price_cents", price_cents),
        **fields,
    )
    prices.record_first_price(made, now=now - dt.timedelta(days=40))
    if stock_units:
        stock.receive_units(made, stock_units, now=now)
    made.refresh_from_db()
    return made


@functools.cache
def banner_bytes(width: int = 3000, height: int = 600, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "#5433c9").save(file, kind)
    return file.getvalue()


def banner(organization: Organization) -> Banner:
    """A row without the work of an upload; its file is one for all."""
    return Banner.objects.create(organization=organization, image=banner_file(), sha256="0" * 64, rendition_widths=[])


def banner_file() -> str:
    name = "banners/test/3000.png"
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(banner_bytes()))
    return name


def set_costs(of: Campaign, cents: int) -> None:
    """The same cost for every moment in every marketplace."""
    setup.set_costs(of, {(moment.pk, group.pk): cents for moment, group, _cents in pairs_of(of)})


def campaign(
    status: str = Campaign.Status.LIVE, *, of: Member | None = None, products: list[Product] | None = None, **chosen
) -> Campaign:
    """At ``status``, through every step before it. The second of a kind and all after it are copies of the first."""
    kind = kind_of_campaign(status, of, products, chosen)
    if not kind:
        return new_campaign(status, of=of, products=products, **chosen)
    given: list = [category(), *([of.organization, of.user] if of else [])]
    if (known := templates.get(kind)) and known[1].is_of_today():
        banner_file()
        original, template = known
        return Campaign.objects.get(pk=template.copy(given, numbers)(original))
    templates[kind] = copies.recorded(lambda: new_campaign(status, of=of, **chosen), given, WRITTEN)
    return templates[kind][0]


templates: dict[tuple, tuple[Campaign, copies.Template]] = {}


def kind_of_campaign(status: str, of: Member | None, products: list | None, chosen: dict) -> tuple:
    """Whatever decides on what the services write; empty where that is for this one alone."""
    if (
        products
        or chosen.get("slug")
        or chosen.get("store", "US") != "US"
        or not all(isinstance(value, PLAIN) for value in chosen.values())
    ):
        return ()
    if of and of.role != Member.Role.OWNER:
        return ()
    owner = ()
    if of:
        organization = Organization.objects.values("country", "status", "monthly_limit_cents", "payment_waived_at")
        found = organization.get(pk=of.organization_id)
        owner = (*found.values(), of.user.name, of.user.language, of.user.time_zone)
        owner = tuple(value is not None if isinstance(value, dt.datetime) else value for value in owner)
    where = (get_language(), settings.OPERATOR_EMAIL, settings.PASSWORD_HASHERS[0], settings.BASE_URL)
    return (str(status), owner, where, *sorted(chosen.items()))


WRITTEN = [
    *("accounts.User", "account.EmailAddress", "accounts.Organization", "accounts.Member", "accounts.App"),
    *("accounts.AuditEntry", "catalog.Product", "catalog.PriceChange", "catalog.StockMove", "outbox.Mail"),
    *("outbox.Event", "campaigns.Banner", "campaigns.Campaign", "campaigns.CampaignVersion"),
    *("campaigns.CampaignChange", "campaigns.Moment", "campaigns.RewardGroup", "campaigns.GroupProduct"),
    *("campaigns.MomentCost", "campaigns.CampaignMonth"),
]
PLAIN = (int, str, bool, tuple, type(None))


def new_campaign(
    status: str,
    *,
    cpa_cents: int = 2750,
    products: list[Product] | None = None,
    slug: str = "",
    store: str = "US",
    of: Member | None = None,
    days: tuple[float, float] = (-1, 30),
    total_budget_cents: int = 5_000_000,
    monthly_limit_cents: int = 500_000,
    **fields,
) -> Campaign:
    """By the services; ``days`` from now it starts and ends."""
    owner, now = of or member(), clock.now()
    then = min(now + dt.timedelta(days=days[0]), now)
    made = setup.create_campaign(owner, app=app(owner), name=f"Campaign {next(numbers)}", now=then)
    marketplace = Marketplace.objects.get(code=store)
    if slug:
        setup.choose_category(made, marketplace, category(slug))
    else:
        group = setup.choose_products(made, marketplace)
        for chosen in products or [product()]:
            setup.add_product(made, group, chosen)
    texts = {
        "announcement_message": "Reach level 10 and choose a present.",
        "redemption_message": "You reached level 10.",
        "support_contact": "help@example.com",
        "banner_alt": "A present",
        "terms": "One each.",
    }
    window = {name: now + dt.timedelta(days=day) for name, day in zip(("starts_at", "ends_at"), days, strict=True)}
    setup.edit_campaign(made, **{**texts, **window, "banner": banner(owner.organization), **fields})
    set_costs(made, cpa_cents)
    limits = {"total_budget_cents": total_budget_cents, "monthly_limit_cents": monthly_limit_cents}
    spending.set_limits(made, **limits, by=owner.user, now=then)
    bring_to(made, status, owner.user, then)
    return made


def bring_to(made: Campaign, status: str, by: User, now: dt.datetime) -> None:
    Status = Campaign.Status
    if status == Status.DRAFT:
        return
    transitions.submit_for_approval(made, by=by, now=now)
    if status == Status.PENDING:
        return
    if status == Status.REJECTED:
        transitions.reject_campaign(made, by=by, reason="The banner shows a logo of somebody else.", now=now)
        return
    transitions.approve_campaign(made, by=by, now=now)
    if status == Status.APPROVED:
        return
    transitions.go_live(made, by=by, now=now)
    if status == Status.SUSPENDED:
        transitions.take_down(made, by=by, now=now)
    if status == Status.FINISHED:
        transitions.finish(made, by=by, now=now)


def ask(of: Campaign, **fields) -> IssueRequest:
    moment, group = of.moments.first(), of.groups.first()
    assert moment and group
    values = {"source": "api", "device_type": "Web", "moment": moment.key, "group": group.key, **fields}
    return IssueRequest(app_id=of.app_id, campaign_id=of.pk, **values)


def reward(of: Campaign, *, claimed_by: User | None = None, **fields) -> Reward:
    issued = issue_reward(ask(of, **fields))
    found = Reward.objects.select_related("campaign", "group__marketplace", "organization").get(pk=issued.reward_id)
    if claimed_by:
        claim_reward(found, customer=claimed_by, now=clock.now())
    return found


def order(of: Reward, *, by: User, chosen: Product | None = None, address: Address = PORTLAND):
    claim_reward(of, customer=by, now=clock.now())
    chosen = chosen or of.group.choices.first().product
    return place_order(of, customer=by, product=chosen, address=address, now=clock.now())
