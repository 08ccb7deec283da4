"""Webhook event types about rewards, uploads and points, and what is added to them when they are sent."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from moments.registry import bounced_emails, event_data, events
from outbox.service import record_event
from rewards.issuing.service import reward_link
from rewards.models import PointExchange, Reward

events.add("reward.issued")(_("A reward was issued."))
events.add("reward.voided")(_("A reward was voided."))
events.add("batch.finished")(_("All rewards of an upload have been issued or refused."))
events.add("reward.email_bounced")(_("The email with a reward that you asked us to send could not be delivered."))
events.add("points.credited")(_("Points were credited to a user. Select it only if you need an event for each credit."))
events.add("points.tier_reached")(_("A user reached an automatic tier, and its reward was issued."))
events.add("points.exchanged")(_("A user's points were exchanged for a reward. Contains the reward URL."))
events.add("points.expiring")(_("Points of a user expire soon."))


@event_data.add("points.exchanged")
def with_reward_urls(payloads: list[dict]) -> list[dict]:
    """Add the reward URL, which is derived and never stored."""
    rewards = Reward.objects.in_bulk([payload["reward"] for payload in payloads], field_name="id")
    found = {str(pk): reward_link(reward) for pk, reward in rewards.items()}
    return [{**payload, "reward_url": found.get(payload["reward"])} for payload in payloads]


@bounced_emails.add("reward_issued")
def announce_bounce(context: dict, now: dt.datetime) -> None:
    """Record that the email with a reward did not reach its recipient. Previews, which have none, are for members."""
    if reward_id := context.get("reward"):
        _record_bounce(Reward.objects.select_related("organization").get(pk=reward_id), now)


@bounced_emails.add("points_exchanged")
def announce_bounce_of_exchange(context: dict, now: dt.datetime) -> None:
    exchange = PointExchange.objects.select_related("reward__organization").get(pk=context["exchange"])
    if exchange.reward is not None:
        _record_bounce(exchange.reward, now)


def _record_bounce(reward: Reward, now: dt.datetime) -> None:
    payload = {"reward": str(reward.pk), "campaign": str(reward.campaign_id)}
    key = f"reward.email_bounced:{reward.pk}"
    record_event(reward.organization, "reward.email_bounced", payload, dedupe_key=key, now=now)
