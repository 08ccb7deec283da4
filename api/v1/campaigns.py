"""Campaigns of the caller's app: what it may issue, and how many more rewards its limits allow."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from ninja import Field, Query, Router, Schema

from api.v1.shapes import PROBLEMS, CallerRequest, found_by_id, instant_or_none, page_by_time
from campaigns.budget.spending import remaining_of
from campaigns.models import Campaign, GroupProduct, Moment, RewardGroup
from campaigns.setup.cpa import retail_value
from moments import clock
from moments.money import as_text
from moments.registry import absolute_url, terms_url
from rewards.issuing.outcomes import IssueOutcome
from rewards.issuing.refusals import refusal

router = Router(tags=["campaigns"])
Status = Campaign.Status

EXAMPLE: dict[str, Any] = {
    "id": "5f0f2b8e-4f0a-4c8e-9a64-0f6f0c1f5f10",
    "name": "Reach level 10",
    "kind": "challenge",
    "status": "live",
    "starts_at": "2027-05-01T07:00:00Z",
    "ends_at": "2027-06-01T06:59:59Z",
    "time_zone": "America/Los_Angeles",
    "rewards_expire_at": "2027-07-01T06:59:59Z",
    "per_user_limit": 1,
    "announcement_message": "Reach level 10 and choose a present.",
    "redemption_message": "You reached level 10.",
    "terms": "One reward for each player.",
    "terms_url": "https://moments.example.com/terms/5f0f2b8e-4f0a-4c8e-9a64-0f6f0c1f5f10/",
    "translations": {"de": {"redemption_message": "Du hast Level 10 erreicht."}},
    "banner_url": "https://moments.example.com/media/banners/2f8a/3000.jpg",
    "banner_alt": "A present with a ribbon",
    "moments": [
        {
            "key": "MomentsReward",
            "description": "Reaches level 10",
            "rewards": [{"group": "US", "charge": "27.50", "currency": "USD", "remaining": 181}],
        }
    ],
    "groups": [
        {
            "key": "US",
            "marketplace": "US",
            "kind": "products",
            "category": None,
            "percent_off": None,
            "retail_value": "25.00",
            "retail_currency": "USD",
            "products": [
                {
                    "id": 12,
                    "title": "Wireless mouse",
                    "image_url": "https://moments.example.com/media/products/mouse.jpg",
                    "image_alt": "A black mouse",
                }
            ],
        }
    ],
}


class OfferOut(Schema):
    group: str = Field(description="The reward group's key.")
    charge: str | None = Field(description="The cost per action; null while it is not set.")
    currency: str
    remaining: int = Field(description="How many more rewards budget and limits allow now.")


class MomentOut(Schema):
    key: str = Field(description="Send it as moment.")
    description: str
    rewards: list[OfferOut] = Field(description="What one reward costs in each reward group.")


class ProductOut(Schema):
    id: int
    title: str
    image_url: str | None
    image_alt: str | None


class GroupOut(Schema):
    key: str = Field(description="Send it as group. The marketplace's code works, too.")
    marketplace: str
    kind: RewardGroup.Kind
    category: str | None = Field(description="Of a group of one category.")
    percent_off: int | None = Field(description="Of a category; null: a credit of a fixed amount.")
    retail_value: str = Field(description="Of the most expensive choice.")
    retail_currency: str
    products: list[ProductOut] = Field(description="Up to five; empty for a category.")


class CampaignOut(Schema):
    model_config = {"json_schema_extra": {"example": EXAMPLE}}

    id: str = Field(description="Send it as campaign.")
    name: str
    kind: Campaign.Kind
    status: Status = Field(description="live: rewards are issued. approved: test mode.")
    starts_at: str | None = Field(description="RFC 3339.")
    ends_at: str | None = Field(description="RFC 3339.")
    time_zone: str
    rewards_expire_at: str | None = Field(description="RFC 3339: one instant for all rewards of the campaign.")
    per_user_limit: int = Field(description="Rewards of a moment that one user may have.")
    announcement_message: str
    redemption_message: str
    terms: str
    terms_url: str | None = Field(description="A page with the terms; null for a surprise.")
    translations: dict[str, dict[str, str]] = Field(description="Texts in other languages, by language.")
    banner_url: str | None = Field(description="A picture of 3000 × 600 pixels.")
    banner_alt: str | None
    moments: list[MomentOut]
    groups: list[GroupOut]


class CampaignsOut(Schema):
    model_config = {"json_schema_extra": {"example": {"data": [EXAMPLE], "next": None}}}

    data: list[CampaignOut]
    next: str | None = Field(description="Send it as cursor for the next page; null on the last.")


@router.get("/campaigns", response={200: CampaignsOut, **PROBLEMS}, summary="Campaigns of your app")
def get_campaigns(
    request: CallerRequest,
    status: Status | None = None,
    limit: int = Query(50, ge=1, le=200),
    cursor: str = "",
) -> CampaignsOut:
    """What your app may issue: moments, reward groups with products, texts, pictures, dates, and what remains of the
    budget, the newest campaign first. Archived campaigns are not listed. The same with a test key, which can preview
    campaigns of every status."""
    found = campaigns_of(request).filter(archived_at=None)
    if status:
        found = found.filter(status=status)
    page, following = page_by_time(found, "created_at", limit, cursor)
    return CampaignsOut(data=shown(page, now=clock.now()), next=following)


@router.get("/campaigns/{campaign_id}", response={200: CampaignOut, **PROBLEMS}, summary="One campaign")
def get_campaign(request: CallerRequest, campaign_id: str) -> CampaignOut:
    """A campaign of your app with its moments and reward groups."""
    found = found_by_id(campaigns_of(request), campaign_id)
    if found is None:
        raise refusal(IssueOutcome.UNKNOWN_CAMPAIGN)
    return shown([found], now=clock.now())[0]


def campaigns_of(request: CallerRequest) -> QuerySet[Campaign]:
    found = Campaign.objects.filter(app=request.auth.app_id).select_related("organization", "banner")
    return found.prefetch_related(
        "moments__costs", "groups__marketplace", "groups__category", "groups__choices__product"
    )


def shown(campaigns: list[Campaign], *, now: dt.datetime) -> list[CampaignOut]:
    left = remaining_of(campaigns, now=now)
    return [_campaign(campaign, left[campaign.pk], now) for campaign in campaigns]


def _campaign(campaign: Campaign, left_cents: int, now: dt.datetime) -> CampaignOut:
    groups = list(campaign.groups.all())
    return CampaignOut(
        id=str(campaign.pk),
        name=campaign.name,
        kind=Campaign.Kind(campaign.kind),
        status=Status(campaign.status),
        starts_at=instant_or_none(campaign.starts_at),
        ends_at=instant_or_none(campaign.ends_at),
        time_zone=campaign.time_zone,
        rewards_expire_at=instant_or_none(campaign.rewards_expire_at),
        per_user_limit=campaign.per_user_limit,
        announcement_message=campaign.announcement_message,
        redemption_message=campaign.redemption_message,
        terms=campaign.terms,
        terms_url=terms_url(campaign) if campaign.is_announced else None,
        translations=campaign.translations,
        banner_url=absolute_url(campaign.banner.image.url) if campaign.banner else None,
        banner_alt=campaign.banner_alt or None,
        moments=[_moment(moment, groups, left_cents) for moment in campaign.moments.all()],
        groups=[_group(group, now) for group in groups],
    )


def _moment(moment: Moment, groups: list[RewardGroup], left_cents: int) -> MomentOut:
    costs = {cost.group_id: cost.cpa_cents for cost in moment.costs.all()}
    return MomentOut(
        key=moment.key,
        description=moment.description,
        rewards=[_offer(group.key, costs.get(group.pk, 0), left_cents) for group in groups],
    )


def _offer(group: str, cents: int, left_cents: int) -> OfferOut:
    charge = as_text(cents, "USD") if cents else None
    return OfferOut(group=group, charge=charge, currency="USD", remaining=left_cents // cents if cents else 0)


def _group(group: RewardGroup, now: dt.datetime) -> GroupOut:
    currency = group.marketplace.currency
    return GroupOut(
        key=group.key,
        marketplace=group.marketplace_id,
        kind=RewardGroup.Kind(group.kind),
        category=group.category.name if group.category else None,
        percent_off=group.percent_off,
        retail_value=as_text(retail_value(group, now=now), currency),
        retail_currency=currency,
        products=[_product(choice) for choice in group.choices.all()],
    )


def _product(choice: GroupProduct) -> ProductOut:
    product = choice.product
    return ProductOut(
        id=product.pk,
        title=product.title,
        image_url=absolute_url(product.picture.url) if product.picture else None,
        image_alt=product.picture_alt or None,
    )
