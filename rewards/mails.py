"""What the mails about rewards show. The URL is derived when the mail is rendered; no row holds it."""

from campaigns.cpa import worth_of
from campaigns.models import Campaign, Moment, RewardGroup
from campaigns.texts import in_language
from moments import clock
from moments.instants import display_expiry
from moments.links import absolute_url, reward_url
from moments.money import display
from rewards.issuing import reward_link
from rewards.models import Reward
from rewards.reminders import days_left, stop_url
from rewards.tokens import preview_token


def reward_context(context: dict) -> dict:
    """Of a reward, or of the preview of what a moment and a group would send."""
    if "preview_of" in context:
        return _preview_context(**context["preview_of"])
    reward = _reward_of(context)
    value = display(reward.group.retail_value_cents or reward.credit_cents, reward.currency)
    return shown(reward.campaign, value=value, url=reward_link(reward))


def _reward_of(context: dict) -> Reward:
    return Reward.objects.select_related("campaign__banner", "campaign__app", "group").get(pk=context["reward"])


def reminder_context(context: dict) -> dict:
    reward = _reward_of(context)
    left = days_left(reward.campaign.rewards_expire_at, now=clock.now())
    return {**reward_context(context), "days_left": left, "unsubscribe_url": stop_url(reward)}


def _preview_context(*, moment: int, group: int) -> dict:
    offered = RewardGroup.objects.select_related("campaign__banner", "campaign__app", "marketplace").get(pk=group)
    cents = worth_of(offered, Moment.objects.get(pk=moment), now=clock.now())
    value = display(cents, offered.marketplace.currency)
    return shown(offered.campaign, value=value, url=reward_url(preview_token(offered.campaign)))


def shown(campaign: Campaign, *, value: str, url: str) -> dict:
    """What the template of a reward's mail shows; of a campaign that may not be saved as it is."""
    campaign = in_language(campaign)
    return {
        "app_name": campaign.app.name,
        "message": campaign.redemption_message,
        "banner_url": absolute_url(campaign.banner.url_at(1200)) if campaign.banner else "",
        "banner_alt": campaign.banner_alt,
        "reward_url": url,
        "retail_value": value,
        "expires": display_expiry(campaign.rewards_expire_at, campaign.time_zone),
        "terms": campaign.terms,
        "support_contact": campaign.support_contact,
    }
