"""What the mails about rewards show. The URL is derived when the mail is rendered; no row holds it."""

from moments.instants import display_expiry
from moments.links import absolute_url
from moments.money import display
from rewards.issuing import reward_link
from rewards.models import Reward


def reward_context(context: dict) -> dict:
    reward = Reward.objects.select_related("campaign__banner", "group").get(pk=context["reward"])
    campaign = reward.campaign
    return {
        "campaign_name": campaign.name,
        "message": campaign.redemption_message,
        "banner_url": absolute_url(campaign.banner.url_at(1200)) if campaign.banner else "",
        "banner_alt": campaign.banner_alt,
        "reward_url": reward_link(reward),
        "retail_value": display(reward.group.retail_value_cents or reward.credit_cents, reward.currency),
        "expires": display_expiry(campaign.rewards_expire_at, campaign.time_zone),
        "terms": campaign.terms,
        "support_contact": campaign.support_contact,
    }
