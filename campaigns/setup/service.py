"""Making and editing campaigns. Only drafts and rejected ones can be edited."""

import contextlib
import datetime as dt
import uuid
import zoneinfo
from collections.abc import Iterator
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from accounts.models import App, Member, User
from accounts.organizations.service import require_role
from campaigns.approval.history import record_change
from campaigns.budget.spending import set_limits
from campaigns.models import Banner, Campaign, GroupProduct, Moment, MomentCost, RewardGroup
from campaigns.setup.archive import refuse_archived
from campaigns.setup.banners import storing_banner
from campaigns.setup.contacts import clean_return_link, clean_support_contact
from campaigns.setup.moment_costs import Pair, costs_of, pairs_of
from catalog.models import Category, Marketplace, Product
from moments.errors import RuleViolation, is_violation_of
from moments.integrations import stripe

MOST_PRODUCTS = 5
FIRST_YEAR, LAST_YEAR = 2000, 2200
NAME_ONCE = "campaign_name_once"

COPIED = ["app_id", "kind", "time_zone", "goes_live", "per_user_limit", "announcement_message", "redemption_message"]
COPIED += ["terms", "banner_id", "banner_alt", "support_contact", "return_link", "total_budget_cents"]
COPIED += ["monthly_limit_cents", "translations"]


def create_campaign(member: Member, *, app: App, name: str, now: dt.datetime, **fields: Any) -> Campaign:
    """A draft with one moment, ``MomentsReward``."""
    require_role(member, *Member.EDITORS)
    if app.organization_id != member.organization_id:
        raise RuleViolation("unknown_app", _("There is no such app."), field="app")
    with transaction.atomic():
        campaign = _insert(
            Campaign(organization=member.organization, app=app, name=name.strip(), **fields), member, now
        )
        Moment.objects.create(campaign=campaign, description=_("Reaches the moment that matters"))
        record_change(campaign, "created", by=member.user, after=campaign.status, now=now)
    return campaign


def _insert(campaign: Campaign, member: Member, now: dt.datetime) -> Campaign:
    campaign.created_by, campaign.created_at = member.user, now
    try:
        with transaction.atomic():
            campaign.save(force_insert=True)
    except IntegrityError as error:
        if not is_violation_of(error, NAME_ONCE):
            raise
        raise RuleViolation(
            "name_taken", _("You already have a campaign named “%s”.") % campaign.name, field="name"
        ) from None
    return campaign


@contextlib.contextmanager
def editing(campaign: Campaign) -> Iterator[Campaign]:
    """The locked row, in a transaction, if it may be edited: what was submitted stays as it was submitted."""
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        if locked.status not in Campaign.EDITABLE:
            message = _("This campaign is %s; only a draft can be edited.") % locked.get_status_display()
            raise RuleViolation("not_editable", message)
        refuse_archived(locked)
        yield locked
    campaign.refresh_from_db()


def edit_campaign(campaign: Campaign, **fields: Any) -> None:
    """Write these columns. Refuses an end that is not after the start, and a name that is taken."""
    for name, clean in CLEANED.items():
        if name in fields:
            fields[name] = clean(fields[name])
    with editing(campaign) as locked:
        for name, value in fields.items():
            setattr(locked, name, value)
        for name in {"starts_at", "ends_at"} & fields.keys():
            _refuse_far_year(locked, name)
        if locked.starts_at and locked.ends_at and locked.ends_at <= locked.starts_at:
            raise RuleViolation("invalid_window", _("The end must be after the start."), field="ends_at")
        try:
            with transaction.atomic():
                locked.save(update_fields=list(fields))
        except IntegrityError as error:
            if not is_violation_of(error, NAME_ONCE):
                raise
            message = _("You already have a campaign named “%s”.") % locked.name
            raise RuleViolation("name_taken", message, field="name") from None


CLEANED = {"support_contact": clean_support_contact, "return_link": clean_return_link}


def _refuse_far_year(campaign: Campaign, name: str) -> None:
    """The year is that of the campaign's own time zone, as people type and read it."""
    at = getattr(campaign, name)
    if at is None:
        return
    try:
        year = at.astimezone(zoneinfo.ZoneInfo(campaign.time_zone)).year
    except OverflowError:
        year = at.year
    if not FIRST_YEAR <= year <= LAST_YEAR:
        message = _("%(year)d is too far away; choose a year between %(first)d and %(last)d.")
        values = {"year": year, "first": FIRST_YEAR, "last": LAST_YEAR}
        raise RuleViolation("invalid_window", message % values, field=name)


def set_banner(campaign: Campaign, data: bytes, *, by: User, now: dt.datetime, **fields: Any) -> Banner:
    """A new banner, and ``fields`` with it: all of it or nothing."""
    with storing_banner(campaign.organization, data, by=by, now=now) as banner:
        edit_campaign(campaign, banner=banner, **fields)
    return banner


def hold_banner(pk: uuid.UUID | None) -> None:
    """Nobody removes it before it is used; where somebody just has, it is not used."""
    if pk and not Banner.objects.select_for_update(no_key=True).filter(pk=pk).exists():
        raise RuleViolation("banner_gone", _("The banner has just been removed. Load the page again."), field="banner")


# Moments


def save_moment(campaign: Campaign, *, moment: Moment | None = None, **fields: Any) -> Moment:
    """Change ``moment``, or add one. Refuses an empty key: calls could not name the moment."""
    if not fields.get("key", "x").strip():
        raise RuleViolation("empty_key", _("Enter a key: your server sends it as momentId."), field="key")
    with editing(campaign) as locked:
        row = moment or Moment(campaign=locked, position=locked.moments.count() + 1)
        for name, value in fields.items():
            setattr(row, name, value)
        try:
            with transaction.atomic():
                row.save(update_fields=list(fields)) if moment else row.save()
        except IntegrityError as error:
            if not is_violation_of(error, "moment_key_once"):
                raise
            message = _("This campaign already has a moment with the key “%s”.") % row.key
            raise RuleViolation("key_taken", message, field="key") from None
    return row


def set_costs(campaign: Campaign, costs: dict[Pair, int]) -> None:
    """(moment id, reward group id) → CPA in US cents. Pairs of other campaigns are ignored."""
    with editing(campaign) as locked:
        ours = {(moment.pk, group.pk) for moment, group, _cents in pairs_of(locked)}
        for (moment_id, group_id), cents in costs.items():
            if (moment_id, group_id) in ours:
                MomentCost.objects.update_or_create(
                    moment_id=moment_id, group_id=group_id, defaults={"cpa_cents": cents}
                )


def set_budget(
    campaign: Campaign,
    *,
    costs: dict[Pair, int] | None,
    total_budget_cents: int,
    monthly_limit_cents: int,
    by: User | None,
    now: dt.datetime,
) -> None:
    """The limits, and the costs per action while they can be edited (``None`` leaves them): all of it or nothing."""
    limits = {"total_budget_cents": total_budget_cents, "monthly_limit_cents": monthly_limit_cents}
    with transaction.atomic():
        if costs is not None:
            set_costs(campaign, costs)
        set_limits(campaign, **limits, by=by, now=now)


def remove_moment(campaign: Campaign, moment: Moment) -> None:
    with editing(campaign) as locked:
        if locked.moments.count() == 1:
            raise RuleViolation("last_moment", _("A campaign has at least one moment."))
        _delete(moment)
        if locked.moments.count() == 1:
            locked.moments.update(share_percent=None)  # nothing is split any more


# What is offered


def choose_products(campaign: Campaign, marketplace: Marketplace) -> RewardGroup:
    """The campaign's group of ``marketplace``, for up to five products; a category chosen before is dropped."""
    return _group(campaign, marketplace, kind=RewardGroup.Kind.PRODUCTS, category=None, percent_off=None)


def offer_product(campaign: Campaign, marketplace: Marketplace, product: Product) -> None:
    """Add ``product`` to what is offered in a store, where nothing may be chosen yet."""
    with transaction.atomic():
        group = campaign.groups.filter(marketplace=marketplace).first() or choose_products(campaign, marketplace)
        add_product(campaign, group, product)


def choose_category(campaign: Campaign, marketplace: Marketplace, category: Category) -> RewardGroup:
    """Offer a credit on one category; products chosen before are dropped."""
    return _group(campaign, marketplace, kind=RewardGroup.Kind.CATEGORY, category=category)


def set_percent_off(campaign: Campaign, group: RewardGroup, percent: int | None) -> None:
    """What the credit pays of each thing in a category, up to its amount; None: all of it. From 1 to 99."""
    with editing(campaign):
        if group.kind != RewardGroup.Kind.CATEGORY:
            raise RuleViolation("not_a_category", _("Products are free; a percentage off is for a category."))
        if percent is not None and not 1 <= percent <= 99:
            raise RuleViolation("percent_off", _("%d %% off is not between 1 and 99 %%.") % percent)
        if percent is not None and not stripe.is_set_up():
            text = _("Users would have to pay the rest by card, and this installation takes no payments.")
            raise RuleViolation("no_payments", text)
        group.percent_off = percent
        group.save(update_fields=["percent_off"])


def _group(campaign: Campaign, marketplace: Marketplace, **fields: Any) -> RewardGroup:
    with editing(campaign) as locked:
        group = locked.groups.filter(marketplace=marketplace).first()
        if group is None:
            return RewardGroup.objects.create(campaign=locked, marketplace=marketplace, key=marketplace.code, **fields)
        if group.kind != fields["kind"]:
            group.choices.all().delete()
        for name, value in fields.items():
            setattr(group, name, value)
        group.save(update_fields=list(fields))
    return group


def remove_group(campaign: Campaign, group: RewardGroup) -> None:
    with editing(campaign):
        _delete(group)


def _delete(row: Moment | RewardGroup) -> None:
    try:
        row.delete()
    except ProtectedError:
        message = _("“%s” is used by a tier of a points program; take it out there first.") % row
        raise RuleViolation("in_use", message) from None


def add_product(campaign: Campaign, group: RewardGroup, product: Product) -> None:
    """Put one more product on offer. Refuses a sixth, one in a category group, and what is not offered here."""
    with editing(campaign):
        group = RewardGroup.objects.select_for_update(no_key=True).get(pk=group.pk)
        refuse_bad_choice(campaign, group, product)
        positions = set(group.choices.values_list("position", flat=True))
        position = next((place for place in range(1, MOST_PRODUCTS + 1) if place not in positions), None)
        if position is None:
            raise RuleViolation(
                "too_many_products", _("A reward group has at most five products. Remove one first."), field="product"
            )
        GroupProduct.objects.get_or_create(group=group, product=product, defaults={"position": position})


def refuse_bad_choice(campaign: Campaign, group: RewardGroup, product: Product) -> None:
    if group.kind == RewardGroup.Kind.CATEGORY:
        message = _("This group offers a category. It is either one category or up to five products, never both.")
        raise RuleViolation("mixed_group", message, field="product")
    offered = Product.objects.offered_to(campaign.organization).filter(marketplace=group.marketplace_id)
    if not offered.filter(pk=product.pk).exists():
        raise RuleViolation("not_offered", _("“%s” is not offered in this store.") % product, field="product")


def remove_product(campaign: Campaign, group: RewardGroup, product: Product) -> None:
    with editing(campaign):
        GroupProduct.objects.filter(group=group, product=product).delete()


def duplicate_campaign(campaign: Campaign, *, by: Member, now: dt.datetime) -> Campaign:
    """A new draft with the same moments, rewards, texts, banner and budget; without dates."""
    require_role(by, *Member.EDITORS)
    copy = Campaign(organization=campaign.organization, name=_free_name(campaign))
    for name in COPIED:
        setattr(copy, name, getattr(campaign, name))
    copy.monthly_limit_cents = min(copy.monthly_limit_cents, copy.monthly_ceiling_cents)
    with transaction.atomic():
        hold_banner(copy.banner_id)
        _insert(copy, by, now)
        costs = costs_of(campaign)
        moments = {moment.pk: _copy_moment(moment, copy) for moment in campaign.moments.all()}
        groups = {group.pk: _copy_group(group, copy) for group in campaign.groups.all()}
        MomentCost.objects.bulk_create(
            MomentCost(moment=moments[moment], group=groups[group], cpa_cents=cents)
            for (moment, group), cents in costs.items()
        )
        record_change(copy, "created", by=by.user, after=copy.status, why=f"Copy of {campaign.name}", now=now)
    return copy


def _copy_moment(moment: Moment, campaign: Campaign) -> Moment:
    moment.pk, moment.campaign = None, campaign
    moment.save(force_insert=True)
    return moment


def _copy_group(group: RewardGroup, campaign: Campaign) -> RewardGroup:
    choices = list(group.choices.all())
    group.pk, group.campaign = None, campaign
    group.save(force_insert=True)
    for choice in choices:
        choice.pk, choice.group, choice.reward_value_cents = None, group, None
        choice.save(force_insert=True)
    return group


def _free_name(campaign: Campaign) -> str:
    base = _("Copy of %s") % campaign.name
    taken = set(Campaign.objects.filter(organization=campaign.organization).values_list("name", flat=True))
    names = (base[:115] + (f" {number}" if number > 1 else "") for number in range(1, 1000))
    return next(name for name in names if name not in taken)
