"""What of a campaign differs from what was approved last, in words for its developers."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from campaigns.approval.snapshot import Difference, diff_versions, snapshot_campaign
from campaigns.approval.transitions import last_approved
from campaigns.models import Campaign, CampaignVersion, Moment, RewardGroup
from catalog.models import Marketplace
from moments.money import display

# These change while a campaign is frozen. That changes nothing, because approval has fixed their values.
MOVING = "exchange_rates."
FIXED = (".reward_value", ".title")


@dataclass(frozen=True)
class Comparison:
    """``approved`` is None where nothing was ever approved; ``version`` is what was submitted since and waits."""

    approved: CampaignVersion | None
    version: CampaignVersion | None
    differences: list[Difference]


def compare_with_approved(campaign: Campaign, *, now: dt.datetime) -> Comparison:
    """Of a submission that waits, the very comparison that the operator sees; else of the campaign as it is now."""
    approved = last_approved(campaign)
    waiting = campaign.versions.filter(decision=CampaignVersion.Decision.PENDING).first()
    current = waiting.content if waiting else snapshot_campaign(campaign, now=now)
    found = diff_versions(approved.content, current) if approved else []
    if not waiting and campaign.status not in Campaign.EDITABLE:
        found = [row for row in found if not row.field.startswith(MOVING) and not row.field.endswith(FIXED)]
    currencies = dict(Marketplace.objects.values_list("code", "currency"))
    return Comparison(approved, waiting, [_in_words(row, currencies) for row in found])


def _in_words(row: Difference, currencies: dict[str, str]) -> Difference:
    """The same difference with a label that people read; values of products as money."""
    if row.field.endswith(".reward_value"):
        currency = currencies.get(row.field.split(".")[1], "USD")
        before, after = (display(int(text), currency) if text else "" for text in (row.before, row.after))
        return Difference(label_of(row.field), before, after)
    return Difference(label_of(row.field), row.before, row.after)


def label_of(field: str) -> str:
    """``moments.level-10.cpa.US`` as “Moment “level-10”: cost per action in US”."""
    kind, _dot, rest = field.partition(".")
    if kind == "moments":
        key, _dot, group = rest.rpartition(".cpa.")
        if key:
            return _("Moment “%(key)s”: cost per action in %(group)s") % {"key": key, "group": group}
        key, _dot, column = rest.rpartition(".")
        name = _column(Moment, column)
        return _("Moment “%(key)s”: %(name)s") % {"key": key, "name": name}
    if kind == "groups":
        key, _dot, inner = rest.partition(".")
        return _("Rewards in %(key)s: %(name)s") % {"key": key, "name": _of_group(inner)}
    if kind == "translations":
        language, _dot, column = rest.partition(".")
        known = dict(settings.LANGUAGES).get(language, language)
        return _("%(name)s in %(language)s") % {"name": _column(Campaign, column).capitalize(), "language": known}
    if kind == "exchange_rates":
        return _("Exchange rate of %s") % rest
    names = {"total_budget": _("Total budget"), "monthly_limit": _("Monthly limit")}
    return names.get(field) or _column(Campaign, field).capitalize()


def _column(model: type[models.Model], name: str) -> str:
    return str(getattr(model._meta.get_field(name), "verbose_name", name))


def _of_group(inner: str) -> str:
    if inner.startswith("products."):
        sku, _dot, column = inner.removeprefix("products.").rpartition(".")
        return f"{sku}, {_('reward value') if column == 'reward_value' else _('title')}"
    return _column(RewardGroup, inner)
