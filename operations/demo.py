"""Demo data: people, organizations, campaigns in every status and weeks of rewards. Idempotent."""

import datetime as dt
import json
import pathlib
import random

from allauth.account.models import EmailAddress
from django.conf import settings

from accounts.models import ApiKey, App, Member, Organization, User
from accounts.organizations.service import create_api_key, create_app, register_organization, waive_payment
from campaigns.approval import transitions
from campaigns.billing.statements import close_months
from campaigns.budget import spending
from campaigns.models import Campaign
from campaigns.setup import service as setup
from campaigns.setup.ab_split import set_shares
from campaigns.setup.cpa import suggest_cpa
from campaigns.setup.offers import shown_to_anybody
from catalog.demo import draw_banner, load_products
from catalog.models import Category, Marketplace, Product
from catalog.pricing.exchange_rates import date_rates_now
from moments.installation.demo_guard import mark_demo
from moments.installation.demo_mode import PASSWORD
from operations.demo_points import create_points_demo
from outbox.models import EmailSuppression
from redemption.addresses.address import Address
from redemption.addresses.saved import save_address
from redemption.checkout.place_order import place_order
from redemption.claim.appeals import open_appeal
from redemption.models import Order
from redemption.shipping.picking import pack_order, pick_order
from redemption.shipping.transitions import deliver_order, ship_order
from rewards.bulk import service as bulk
from rewards.claims.abuse_limits import LimitExceeded
from rewards.claims.service import claim_reward
from rewards.issuing.service import IssueRequest, issue_and_mail, issue_reward
from rewards.models import Reward, RewardBatch
from rewards.models.reward import RewardQuerySet

LOGINS = {
    "console": ("ada@example.com", "Ada Sommer"),
    "customer": ("kim@example.com", "Kim Larsen"),
    "staff": ("staff@example.com", "Robin Reyes"),
}
UNREACHABLE = "mia@exmaple.com"
WEEKS = 3
Status = Campaign.Status


def load_demo(*, now: dt.datetime, data_dir: pathlib.Path) -> dict:
    """Create missing demo data and write ``demo.json``. Returns its content. Raises ``RuleViolation`` outside the
    demo.
    """
    mark_demo(now=now)
    load_products(now)
    date_rates_now(now=now)
    users = {who: person(email, name, is_staff=who == "staff") for who, (email, name) in LOGINS.items()}
    member = organization(users["console"], "Northlight Games", now)
    app = app_of(member, "Lantern", now)
    made = {name: campaign_of(member, app, plan, users["staff"], now) for name, plan in PLANS.items()}
    strangers(now)
    unreachable(now)
    history(made["live"], made["category"], users["customer"], users["staff"], now)
    uploads(member, made["category"], now)
    program = create_points_demo(member, app, made["live"], now=now)
    close_months(now=now)
    keys = demo_keys(app, users["console"], data_dir, now)
    live = made["live"]
    found = {
        "baseUrl": settings.BASE_URL,
        **{who: {"email": email, "password": PASSWORD} for who, (email, _name) in LOGINS.items()},
        "unreachable": {"email": UNREACHABLE, "password": PASSWORD},
        **keys,
        "organizationId": member.organization_id,
        "programId": str(program.pk),
        "appId": str(app.pk),
        "campaignId": str(live.pk),
        "momentId": live.moments.order_by("position")[0].key,
        "rewardGroupId": live.groups.order_by("pk")[0].key,
        "categoryCampaignId": str(made["category"].pk),
        "approvedCampaignId": str(made["approved"].pk),
        "approvedMomentId": made["approved"].moments.order_by("position")[0].key,
    }
    write(data_dir / "demo.json", found)
    return found


def write(path: pathlib.Path, content: dict) -> None:
    """Write the file with owner-only access, since it contains keys."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(content, indent=2) + "\n")


def person(email: str, name: str, *, is_staff: bool = False) -> User:
    """Return the user, created with a confirmed address and the demo's password if missing."""
    user = User.objects.filter(email=email).first()
    if user is None:
        make = User.objects.create_superuser if is_staff else User.objects.create_user
        user = make(email, PASSWORD, name=name)
    EmailAddress.objects.get_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
    return user


def organization(owner: User, name: str, now: dt.datetime) -> Member:
    found = Organization.objects.filter(name=name).first()
    member = Member.objects.filter(organization=found, user=owner).first() if found else None
    member = member or register_organization(owner, name=name, country="US", now=now - dt.timedelta(days=60))
    waive_payment(member.organization, now=now)
    return member


def app_of(member: Member, name: str, now: dt.datetime) -> App:
    found = member.organization.apps.filter(name=name).first()
    return found or create_app(member, name=name, url="https://example.com/lantern", now=now)


def demo_keys(app: App, by: User, data_dir: pathlib.Path, now: dt.datetime) -> dict[str, str]:
    """Return the keys of the previous run if they still work, otherwise new ones."""
    try:
        known = json.loads((data_dir / "demo.json").read_text())
    except (OSError, ValueError):
        known = {}
    keys = {}
    for name, mode in (("apiKey", ApiKey.Mode.LIVE), ("testApiKey", ApiKey.Mode.TEST)):
        secret = known.get(name, "")
        hint = secret[:12]
        works = hint and app.api_keys.filter(hint=hint, mode=mode, revoked_at=None, expires_at=None).exists()
        keys[name] = secret if works else create_api_key(app, mode=mode, name="demo", by=by, now=now)[1]
    return keys


# Campaigns: name, start and end in days from now, target status and offer.
PLANS: dict[str, dict] = {
    "live": {
        "name": "Finish chapter one",
        "days": (-WEEKS * 7, 40),
        "to": Status.LIVE,
        "skus": ["US-0001", "US-0012", "US-0046", "US-0053", "US-0068"],
        "action": ("chapter-one", "Finishes chapter one"),
        "texts": ("Finish chapter one and choose a present.", "You finished chapter one. Choose your present."),
        "title": "You did it. Choose a present.",
        "link": "https://example.com/lantern",
    },
    "category": {
        "name": "First subscription",
        "days": (-14, 60),
        "to": Status.LIVE,
        "category": "coffee-tea",
        "cpa": 3000,
        "action": ("subscribed", "Starts a paid subscription"),
        "texts": ("Subscribe, and the coffee is on us.", "Thank you for subscribing. The coffee is on us."),
        "title": "The coffee is on us",
    },
    "approved": {
        "name": "Invite a friend",
        "days": (-1, 45),
        "to": Status.APPROVED,
        "skus": ["US-0063", "US-0065"],
        "action": ("friend-joined", "An invited friend joins"),
        "texts": ("Invite a friend and travel lighter.", "Your friend is here. This is for you."),
        "title": "Travel lighter, on us",
    },
    "finished": {
        "name": "Summer cup",
        "days": (-50, -8),
        "to": Status.FINISHED,
        "skus": ["US-0051", "US-0052"],
        "action": ("MomentsReward", "Wins a match of the summer cup"),
        "texts": ("Win a match, win a ball.", "You won. The ball is yours."),
        "title": "Summer cup winners",
    },
    "pending": {
        "name": "Winter quest",
        "days": (5, 65),
        "to": Status.PENDING,
        "skus": ["US-0038", "US-0040", "US-0042"],
        "action": ("winter-quest", "Completes the winter quest"),
        "texts": ("Complete the winter quest and get cozy.", "Quest complete. Get cozy."),
        "title": "Quest complete. Get cozy.",
    },
    "draft": {
        "name": "Level 10",
        "to": Status.DRAFT,
        "action": ("level-10", "Reaches level 10"),
        "against": ("level-10-early", "Reaches level 10 within a week"),
    },
}


def campaign_of(member: Member, app: App, plan: dict, staff: User, now: dt.datetime) -> Campaign:
    found = Campaign.objects.filter(organization=member.organization, name=plan["name"]).first()
    if found:
        return found
    starts, ends = (now + dt.timedelta(days=days) for days in plan.get("days", (0, 0)))
    then = min(starts, now) - dt.timedelta(days=2) if "days" in plan else now
    campaign = setup.create_campaign(member, app=app, name=plan["name"], now=then)
    key, description = plan["action"]
    setup.save_moment(campaign, moment=campaign.moments.get(), key=key, description=description)
    if "against" in plan:
        key, description = plan["against"]
        setup.save_moment(campaign, key=key, description=description)
        set_shares(campaign, dict.fromkeys(campaign.moments.values_list("pk", flat=True), 50))
    if "days" in plan:
        fill(campaign, plan, member, starts, ends, then)
        bring_to(campaign, plan["to"], member.user, staff, then)
    return campaign


def fill(
    campaign: Campaign, plan: dict, member: Member, starts: dt.datetime, ends: dt.datetime, now: dt.datetime
) -> None:
    announcement, redemption = plan["texts"]
    setup.edit_campaign(
        campaign,
        starts_at=starts.replace(minute=0, second=0, microsecond=0),
        ends_at=ends.replace(hour=22, minute=0, second=0, microsecond=0),
        time_zone="Europe/Berlin",
        announcement_message=announcement,
        redemption_message=redemption,
        terms="One reward per person. It has no cash value and cannot be transferred.",
        banner_alt=f"{plan['title']} Small presents float on a bright ground.",
        support_contact="help@example.com",
        return_link=plan.get("link", ""),
    )
    setup.set_banner(campaign, draw_banner(plan["title"], plan["name"]), by=member.user, now=now)
    store = Marketplace.objects.get(code="US")
    if "category" in plan:
        group = setup.choose_category(campaign, store, Category.objects.get(slug=plan["category"]))
    else:
        group = setup.choose_products(campaign, store)
        for sku in plan["skus"]:
            setup.add_product(campaign, group, Product.objects.get(sku=sku))
    suggestion = suggest_cpa(group, now=now)
    cpa = plan.get("cpa") or (suggestion.usd_cents if suggestion else 0)
    setup.set_costs(campaign, {(campaign.moments.get().pk, group.pk): cpa})
    spending.set_limits(campaign, total_budget_cents=1_200_000, monthly_limit_cents=400_000, by=member.user, now=now)


def bring_to(campaign: Campaign, state: str, user: User, staff: User, now: dt.datetime) -> None:
    """Bring the campaign to ``state`` through the regular steps, some hours apart."""
    hour = dt.timedelta(hours=1)
    transitions.submit_for_approval(campaign, by=user, now=now)
    if state == Status.PENDING:
        return
    transitions.approve_campaign(campaign, by=staff, now=now + 5 * hour)
    if state == Status.APPROVED:
        return
    transitions.go_live(campaign, by=user, now=now + 24 * hour)
    if state == Status.FINISHED:
        for number in range(14):
            issue_reward(issue_request(campaign, f"player-{2000 + number}"), shift=-dt.timedelta(days=10 + 2 * number))
        transitions.finish(campaign, now=campaign.ends_at or now)


def unreachable(now: dt.datetime) -> None:
    """Create a user who mistyped their email address."""
    user = person(UNREACHABLE, "Mia Torres")
    fields = {
        "occurred_at": now,
        "method": EmailSuppression.Method.RETURNED,
        "status": "5.1.2",
        "reason": "550 Host unknown: exmaple.com",
    }
    EmailSuppression.objects.get_or_create(email=user.email, defaults=fields)


def strangers(now: dt.datetime) -> None:
    """Create another organization, to show that organizations are isolated."""
    other = organization(person("sam@example.org", "Sam Otter"), "Otter Audio", now)
    app = app_of(other, "Otter Player", now)
    if not Campaign.objects.filter(organization=other.organization).exists():
        setup.create_campaign(other, app=app, name="Hundred songs", now=now)


# Past activity


def history(live: Campaign, category: Campaign, customer: User, staff: User, now: dt.datetime) -> None:
    """Create weeks of rewards, some of them claimed and ordered, once."""
    if Reward.objects.filter(campaign__in=[live, category]).exists():
        return
    chance = random.Random(7)  # noqa: S311 - fixed seed, so that the demo is always the same
    for number in range(46):
        days = WEEKS * 7 * (1 - (number / 46)) * chance.uniform(0.8, 1)
        issue_reward(issue_request(live, f"player-{1000 + number}"), shift=-dt.timedelta(days=days))
    for number in range(17):
        days = 13 * (1 - number / 17)
        issue_reward(issue_request(category, f"player-{1000 + number * 3}"), shift=-dt.timedelta(days=days))
    mailed = issue_and_mail(issue_request(live, "player-kim"), to_email=customer.email, now=now)
    rewards = Reward.objects.order_by("issued_at")
    if mailed.reward_id:
        rewards = rewards.exclude(pk=mailed.reward_id)
    for number, reward in enumerate(rewards.filter(campaign=live)[:4]):
        steps = (4, 3, 2, 0)[number]
        then = reward.issued_at + dt.timedelta(hours=2) if steps > 2 else now - dt.timedelta(hours=6)
        handle(redeem(reward, f"player{number}@example.net", then), staff, steps=steps)
    kims(rewards.filter(campaign=category), customer, staff, now)
    ask_why(rewards.filter(campaign=live)[4], now - dt.timedelta(hours=5))


def kims(rewards: RewardQuerySet, kim: User, staff: User, now: dt.datetime) -> None:
    """Create data of the demo customer: a shipped order, an open reward and a saved address."""
    sent, waiting = rewards[:2]
    address = Address("Kim Larsen", "8 Alder Court", "Seattle", "WA", "98101", "US", "+1 206 555 0142")
    claim_reward(sent, customer=kim, now=now - dt.timedelta(days=4))
    product = shown_to_anybody(sent.campaign, sent.group)[0]
    then = now - dt.timedelta(days=3)
    order = place_order(sent, customer=kim, product=product, address=address, now=then)
    ship_order(order, by=staff, carrier="Parcel Post", tracking_number="PP20480617", now=now - dt.timedelta(days=1))
    save_address(kim, address, now=then)
    claim_reward(waiting, customer=kim, now=now - dt.timedelta(days=1))


def ask_why(reward: Reward, then: dt.datetime) -> None:
    """Create an appeal of somebody whose family shares a tablet."""
    text = "My two sisters and my father play on the same tablet. This one is mine."
    found = [LimitExceeded("device", 3, 3).as_json()]
    open_appeal(reward, customer=person("player4@example.net", "Alex Player"), text=text, found=found, now=then)


def issue_request(campaign: Campaign, user: str) -> IssueRequest:
    moment, group = campaign.moments.get(), campaign.groups.get()
    device = Reward.Device.IOS if user.endswith(("1", "3", "5")) else Reward.Device.ANDROID
    return IssueRequest(
        app_id=campaign.app_id,
        campaign_id=campaign.pk,
        moment=moment.key,
        group=group.key,
        device_type=device,
        source=Reward.Source.API,
        app_user_id=user,
    )


def redeem(reward: Reward, email: str, then: dt.datetime) -> Order:
    user = person(email, "Alex Player")
    claim_reward(reward, customer=user, now=then)
    address = Address("Alex Player", "1 Harbor Street", "Portland", "OR", "97205", "US")
    product = reward.group.choices.all()[0].product
    return place_order(reward, customer=user, product=product, address=address, now=then)


def handle(order: Order, staff: User, *, steps: int) -> None:
    """Carry out the first ``steps`` steps from picking to delivery."""
    sent = {"carrier": "UPS", "tracking_number": f"1Z999AA1{order.pk:010}"}
    way = [
        lambda now: pick_order(order, by=staff, now=now),
        lambda now: pack_order(order, by=staff, now=now),
        lambda now: ship_order(order, by=staff, **sent, now=now),
        lambda now: deliver_order(order, by=staff, now=now),
    ]
    for act, hours in list(zip(way, (3, 5, 8, 76), strict=True))[:steps]:
        act(order.placed_at + dt.timedelta(hours=hours))


def uploads(member: Member, campaign: Campaign, now: dt.datetime) -> None:
    """Create an issued upload and one with errors, once."""
    if RewardBatch.objects.filter(organization=member.organization).exists():
        return
    winners = b"user_id,email\nplayer-3001,\nplayer-3002,riley@example.net\nplayer-1003,\n"
    batch = bulk.check_upload(campaign, content=winners, file_name="winners-of-may.csv", by=member, now=now)
    bulk.confirm_batch(batch, by=member, now=now)
    bulk.issue_rows(batch.pk, now=now)
    typos = b"user_id,email,device_type\nplayer-3001,riley@,\nplayer-3002,,Toaster\n"
    bulk.check_upload(campaign, content=typos, file_name="typos.csv", by=member, now=now)
