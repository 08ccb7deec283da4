"""What a campaign still lacks before it can be submitted."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from campaigns.budget.spending import LEAST_TOTAL_CENTS
from campaigns.models import Campaign, Moment, RewardGroup
from campaigns.setup.contacts import clean_return_link, clean_support_contact
from campaigns.setup.cpa import CpaSuggestion, suggest_cpa
from campaigns.setup.moment_costs import Pair, pairs_of
from moments.errors import RuleViolation
from moments.integrations import stripe
from moments.money import display


@dataclass(frozen=True)
class Problem:
    """One thing to correct, and the step of the editor where."""

    step: str
    message: str


def suggestions_of(campaign: Campaign, *, now: dt.datetime) -> dict[int, CpaSuggestion | None]:
    """Reward group id → what a reward of it should cost, in its own marketplace."""
    groups = campaign.groups.select_related("marketplace", "category")
    return {group.pk: suggest_cpa(group, now=now) for group in groups}


def problems_of(campaign: Campaign, *, now: dt.datetime) -> list[Problem]:
    """In the order of the editor's steps; empty when it can be submitted."""
    return [
        Problem(step, message)
        for step, find in (
            ("details", _details),
            ("moments", _split),
            ("rewards", _rewards),
            ("message", _message),
            ("budget", _costs),
            ("budget", _budget),
        )
        for message in find(campaign, now)
    ]


def refuse_unready(campaign: Campaign, *, now: dt.datetime) -> None:
    if problems := problems_of(campaign, now=now):
        raise RuleViolation("incomplete", " ".join(problem.message for problem in problems))


def _details(campaign: Campaign, now: dt.datetime) -> Iterator[str]:
    if not campaign.starts_at or not campaign.ends_at:
        yield _("Say when the campaign starts and ends.")
    elif campaign.ends_at <= now:
        yield _("The end has passed; choose a later one.")
    if not campaign.support_contact:
        yield _("Enter a support contact: whom your users ask before they open the reward.")
    for clean, text in (
        (clean_support_contact, campaign.support_contact),
        (clean_return_link, campaign.return_link),
    ):
        try:
            clean(text)
        except RuleViolation as refusal:
            yield refusal.message


def _split(campaign: Campaign, now: dt.datetime) -> Iterator[str]:
    moments = list(campaign.moments.all())
    shares = [moment.share_percent for moment in moments if moment.share_percent is not None]
    if not shares:
        return
    for moment in moments:
        if moment.share_percent is None:
            yield _("Say which share of your users “%s” gets, or split nothing.") % moment.key
    if sum(shares) != 100:
        yield _("The shares of the moments add up to %d %%, not to 100 %%.") % sum(shares)


def _rewards(campaign: Campaign, now: dt.datetime) -> Iterator[str]:
    groups = list(campaign.groups.select_related("marketplace", "category"))
    if not groups:
        yield _("Choose what the campaign offers.")
    for group in groups:
        if (group.percent_off or 100) < 100 and not stripe.is_set_up():
            text = _("At %d %% off, users would have to pay the rest, and this installation takes no payments.")
            yield text % group.percent_off
        if suggest_cpa(group, now=now) is None:
            if group.kind == RewardGroup.Kind.CATEGORY:
                yield _("Nothing is on the shelf “%(category)s” in %(store)s; choose another category.") % {
                    "category": group.category,
                    "store": group.marketplace,
                }
            else:
                yield _("Choose at least one product for %s.") % group.marketplace
        for choice in group.choices.select_related("product"):
            if not choice.product.is_offered_to(campaign.organization_id):
                yield _("“%s” is no longer offered; remove it.") % choice.product


def _costs(campaign: Campaign, now: dt.datetime) -> Iterator[str]:
    suggestions = suggestions_of(campaign, now=now)
    for moment, group, cents in pairs_of(campaign):
        if problem := cost_problem(moment, group, cents, suggestions[group.pk]):
            yield problem
        elif cents > campaign.monthly_limit_cents:
            yield _("One reward of “%s” costs more than the campaign may spend in a month.") % moment.key


def cost_problem(moment: Moment, group: RewardGroup, cents: int, suggestion: CpaSuggestion | None) -> str:
    """Why ``cents`` cannot be the cost of a moment in the group's marketplace; "" where it can."""
    if cents < 1:
        values = {"key": moment.key, "store": group.marketplace}
        return _("Set a cost per action for “%(key)s” in %(store)s.") % values
    if suggestion and cents < least_cents(suggestion):
        return below_suggestion(moment.key, cents, suggestion)
    return ""


def cost_problems(campaign: Campaign, costs: dict[Pair, int], *, now: dt.datetime) -> dict[Pair, str]:
    """What is wrong with costs that are being entered, by (moment id, reward group id)."""
    suggestions = suggestions_of(campaign, now=now)
    found = {
        (moment.pk, group.pk): cost_problem(moment, group, costs[moment.pk, group.pk], suggestions[group.pk])
        for moment, group, _cents in pairs_of(campaign)
        if (moment.pk, group.pk) in costs
    }
    return {pair: problem for pair, problem in found.items() if problem}


def least_cents(suggestion: CpaSuggestion) -> int:
    """The item's price; where nobody could pay the rest, all that is suggested."""
    return suggestion.item_usd_cents if stripe.is_set_up() else suggestion.usd_cents


def warnings_of(campaign: Campaign, *, now: dt.datetime) -> list[str]:
    """What may be submitted and should be known: who will have to pay what."""
    suggestions = suggestions_of(campaign, now=now)
    shares = [
        _("At %(percent)d %% off, users pay the rest of what they choose from “%(category)s” themselves, by card.")
        % {"percent": group.percent_off, "category": group.category}
        for group in campaign.groups.exclude(percent_off=None).select_related("category")
        if stripe.is_set_up()  # else it cannot be submitted at all
    ]
    text = _(
        "At %(cpa)s, users of “%(key)s” pay %(missing)s of tax and shipping for “%(product)s” themselves, by card."
    )
    return shares + [
        text
        % {
            "cpa": display(cents),
            "key": moment.key,
            "missing": display(suggestion.usd_cents - cents),
            "product": suggestion.product,
        }
        for moment, group, cents in pairs_of(campaign)
        if (suggestion := suggestions[group.pk]) and least_cents(suggestion) <= cents < suggestion.usd_cents
    ]


def below_suggestion(key: str, cpa_cents: int, suggestion: CpaSuggestion) -> str:
    """Why a moment's CPA is too low: who would have to pay what."""
    missing = display(suggestion.usd_cents - cpa_cents)
    if cpa_cents < suggestion.item_usd_cents:
        text = _(
            "The cost per action of “{key}”, {cpa}, is below the price of “{product}”; at least {needed} is needed."
        )
    else:
        text = _(
            "At {cpa}, users of “{key}” would have to pay {missing} of tax and shipping for “{product}”, and this "
            "installation takes no payments; at least {needed} is needed."
        )
    values = {
        "key": key,
        "cpa": display(cpa_cents),
        "product": str(suggestion.product),
        "needed": display(least_cents(suggestion)),
        "missing": missing,
    }
    return text.format(**values)


def _message(campaign: Campaign, now: dt.datetime) -> Iterator[str]:
    if campaign.is_announced and not campaign.announcement_message:
        yield _("Write the announcement message.")
    if campaign.is_announced and not campaign.terms:
        yield _("Write the terms: users read them before they take part.")
    if not campaign.redemption_message:
        yield _("Write the redemption message.")
    for code, texts in campaign.translations.items():
        name = dict(settings.LANGUAGES).get(code, code)
        if campaign.is_announced and not (texts.get("announcement_message") and texts.get("redemption_message")):
            yield _("In %s, write both messages or none, so that users never see two languages.") % name
        elif not texts.get("redemption_message"):
            yield _("In %s, write the redemption message or nothing, so that users never see two languages.") % name
    if not campaign.banner:
        yield _("Upload a banner of 3000 × 600 pixels.")
    elif not campaign.banner_alt:
        yield _("Describe the banner in words, for those who cannot see it.")


def _budget(campaign: Campaign, now: dt.datetime) -> Iterator[str]:
    if campaign.total_budget_cents < LEAST_TOTAL_CENTS:
        yield _("Set a total budget of at least %s.") % display(LEAST_TOTAL_CENTS)
    if campaign.monthly_limit_cents < 1:
        yield _("Set a monthly limit.")
