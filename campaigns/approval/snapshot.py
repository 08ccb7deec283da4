"""A campaign word for word, as it is submitted, and what differs between two of them."""

import datetime as dt
from dataclasses import dataclass

from campaigns.models import Campaign, RewardGroup
from campaigns.setup.cpa import products_of
from campaigns.setup.moment_costs import costs_of
from catalog.pricing.exchange_rates import usd_rate
from catalog.pricing.prices import reward_values
from moments.money import as_text

TEXTS = ["name", "kind", "time_zone", "goes_live", "announcement_message", "redemption_message", "terms"]
TEXTS += ["banner_alt", "support_contact", "return_link"]


def snapshot_campaign(campaign: Campaign, *, now: dt.datetime) -> dict:
    """Plain JSON: every field that is reviewed, with the values and rates that approval will fix."""
    groups = list(campaign.groups.select_related("marketplace", "category"))
    costs = costs_of(campaign)
    currencies = sorted({group.marketplace.currency for group in groups})
    return {
        **{name: getattr(campaign, name) for name in TEXTS},
        "translations": campaign.translations,
        "app": campaign.app.name,
        "starts_at": campaign.starts_at.isoformat() if campaign.starts_at else "",
        "ends_at": campaign.ends_at.isoformat() if campaign.ends_at else "",
        "per_user_limit": campaign.per_user_limit,
        "total_budget": as_text(campaign.total_budget_cents),
        "monthly_limit": as_text(campaign.monthly_limit_cents),
        "banner": campaign.banner.sha256 if campaign.banner else "",
        "moments": {
            moment.key: {
                "description": moment.description,
                "cpa": {group.key: as_text(costs.get((moment.pk, group.pk), 0)) for group in groups},
                "audience_note": moment.audience_note,
                "share_percent": moment.share_percent,
            }
            for moment in campaign.moments.all()
        },
        "groups": {group.key: _group(group, now) for group in groups},
        "exchange_rates": {currency: str(usd_rate(currency, now=now)) for currency in currencies},
    }


def _group(group: RewardGroup, now: dt.datetime) -> dict:
    found = {"marketplace": group.marketplace_id, "kind": group.kind, "percent_off": group.percent_off}
    if group.kind == RewardGroup.Kind.CATEGORY:
        return {**found, "category": group.category.name if group.category else ""}
    products = products_of(group)
    values = reward_values(products, now=now)
    return {
        **found,
        "products": {product.sku: {"title": product.title, "reward_value": values[product.pk]} for product in products},
    }


@dataclass(frozen=True)
class Difference:
    field: str
    before: str
    after: str


def diff_versions(old: dict | None, new: dict) -> list[Difference]:
    """Field by field, nested ones with dots: ``moments.level-10.cpa``. Against nothing, everything is new."""
    before, after = _flat(old or {}), _flat(new)
    names = sorted(before.keys() | after.keys())
    return [
        Difference(name, before.get(name, ""), after.get(name, ""))
        for name in names
        if before.get(name, "") != after.get(name, "")
    ]


def _flat(value: dict, prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, inner in value.items():
        path = f"{prefix}{name}"
        if isinstance(inner, dict):
            found |= _flat(inner, f"{path}.")
        else:
            found[path] = "" if inner is None else str(inner)
    return found
