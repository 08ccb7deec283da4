"""Lists of a customer's rewards and orders for their account pages."""

import datetime as dt
from dataclasses import dataclass

from accounts.models import User
from campaigns.setup.translations import in_language
from redemption.models import Order
from rewards.claims.service import is_open
from rewards.models import Reward


@dataclass(frozen=True)
class ClaimedRewards:
    """A claimed reward. ``waits`` is set while the customer can still choose an item; ``order`` is the active order, if
    any. A reward with neither can no longer be used.
    """

    reward: Reward
    order: Order | None
    waits: bool
    days_left: int = 0


def claimed_by(user: User, *, now: dt.datetime) -> list[ClaimedRewards]:
    """Return the user's claimed rewards, those that expire first at the top."""
    found = Reward.objects.filter(customer=user).select_related("campaign__banner", "campaign__app")
    orders = {order.reward_id: order for order in orders_of(user) if order.status not in Order.ENDED}
    rows = [_claimed(reward, orders.get(reward.pk), now) for reward in found.order_by("campaign__rewards_expire_at")]
    for row in rows:
        row.reward.campaign = in_language(row.reward.campaign)
    return rows


def _claimed(reward: Reward, order: Order | None, now: dt.datetime) -> ClaimedRewards:
    expires = reward.campaign.rewards_expire_at
    waits = reward.status == Reward.Status.CLAIMED and is_open(reward, now=now)
    return ClaimedRewards(reward, order, waits, (expires - now).days if waits and expires else 0)


def orders_of(user: User) -> list[Order]:
    """Return the user's orders, newest first."""
    return list(
        user.orders.select_related("product", "reward__campaign__app", "reward__group__marketplace").order_by(
            "-placed_at"
        )
    )


def is_under_way(order: Order) -> bool:
    return order.status != Order.Status.DELIVERED and order.status not in Order.ENDED
