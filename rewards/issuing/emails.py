"""Template contexts of the emails about rewards. The reward's URL is derived at rendering and never stored."""

import datetime as dt

from accounts.time_zones import zone_of_user
from campaigns.emails import people_of
from campaigns.models import Campaign, Moment, RewardGroup
from campaigns.setup.cpa import covers_every_choice, credit_of, retail_value
from campaigns.setup.translations import in_language
from moments import clock
from moments.i18n.datetimes import display_expiry
from moments.money import display
from moments.registry import absolute, absolute_url, emails, reward_url
from outbox.service import queue_mail
from rewards.issuing.reminders import days_left, stop_url
from rewards.issuing.service import reward_link
from rewards.issuing.tokens import preview_token
from rewards.models import PointExchange, Reward, StuckExchange


@emails.add("reward_issued")
def reward_context(context: dict) -> dict:
    """Return the context for a reward, or for a preview of a moment and reward group."""
    if "preview_of" in context:
        return _preview_context(**context["preview_of"])
    reward = _reward_of(context)
    value = display(reward.group.retail_value_cents or reward.credit_cents, reward.currency)
    is_free = covers_every_choice(reward.group, reward.credit_cents, now=clock.now())
    off = reward.group.percent_off
    zone = zone_of_user(reward.customer, reward.campaign.time_zone)
    url = reward_link(reward)
    return shown(reward.campaign, value=value, url=url, is_free=is_free, percent_off=off, time_zone=zone)


def _reward_of(context: dict) -> Reward:
    related = ("campaign__banner", "campaign__app", "group__marketplace", "customer")
    return Reward.objects.select_related(*related).get(pk=context["reward"])


@emails.add("reward_expiring")
def reminder_context(context: dict) -> dict:
    reward = _reward_of(context)
    left = days_left(reward.campaign.rewards_expire_at, now=clock.now())
    return {**reward_context(context), "days_left": left, "unsubscribe_url": stop_url(reward)}


def _preview_context(*, moment: int, group: int) -> dict:
    offered = RewardGroup.objects.select_related("campaign__banner", "campaign__app", "marketplace").get(pk=group)
    of_moment, now = Moment.objects.get(pk=moment), clock.now()
    value = display(retail_value(offered, of_moment, now=now), offered.marketplace.currency)
    is_free = covers_every_choice(offered, credit_of(offered, of_moment, now=now), now=now)
    url, off = reward_url(preview_token(offered.campaign)), offered.percent_off
    return shown(offered.campaign, value=value, url=url, is_free=is_free, percent_off=off)


def shown(
    campaign: Campaign, *, value: str, url: str, is_free: bool, percent_off: int | None = None, time_zone: str = ""
) -> dict:
    """Return the context of a reward's email; ``campaign`` may have unsaved changes.

    ``is_free``: nothing is left to pay for any choice. ``time_zone``: the recipient's, if known.
    """
    campaign = in_language(campaign)
    return {
        "app_name": campaign.app.name,
        "message": campaign.redemption_message,
        "banner_url": absolute_url(campaign.banner.url_at(1200)) if campaign.banner else "",
        "banner_alt": campaign.banner_alt,
        "reward_url": url,
        "retail_value": value,
        "is_free": is_free,
        "percent_off": percent_off,
        "expires": display_expiry(campaign.rewards_expire_at, time_zone or campaign.time_zone),
        "terms": campaign.terms,
        "support_contact": campaign.support_contact,
    }


# Emails to users of an app, at an address that the app sent with an event


def mail_exchange(exchange: PointExchange, *, to_email: str, now: dt.datetime) -> None:
    """Email the reward of an automatic exchange, once."""
    queue_mail(
        "points_exchanged",
        to_email=to_email,
        context={"exchange": exchange.pk},
        dedupe_key=f"points_exchanged:{exchange.pk}",
        now=now,
    )


@emails.add("points_exchanged")
def exchange_context(context: dict) -> dict:
    """Return the reward's context, from the app whose event caused the exchange."""
    exchange = PointExchange.objects.select_related("app").get(pk=context["exchange"])
    reward = reward_context({"reward": str(exchange.reward_id)})
    return {**reward, "app_name": exchange.app.name, "points": exchange.points}


# Emails to members


def mail_stuck_exchange(stuck: StuckExchange, *, now: dt.datetime) -> None:
    """Email the members of the tier's campaign, once per stuck exchange."""
    for user in people_of(stuck.tier.moment.campaign):
        dedupe_key = f"exchange_stuck:{stuck.pk}:{user.pk}"
        queue_mail(
            "exchange_stuck",
            to_email=user.email,
            user=user,
            context={"stuck": stuck.pk},
            dedupe_key=dedupe_key,
            now=now,
        )


@emails.add("exchange_stuck")
def stuck_exchange_context(context: dict) -> dict:
    related = ("account__program", "tier__moment__campaign")
    return about_stuck_exchange(StuckExchange.objects.select_related(*related).get(pk=context["stuck"]))


def about_stuck_exchange(stuck: StuckExchange) -> dict:
    program = stuck.account.program
    return {
        "program_name": program.name,
        "app_user_id": stuck.account.app_user_id,
        "points": stuck.tier.points,
        "campaign_name": stuck.tier.moment.campaign.name,
        "reason": stuck.reason,
        "program_url": absolute("console:points:program", program.pk),
    }
