"""When a campaign's rewards expire: one instant for all of them."""

import datetime as dt
import zoneinfo

from campaigns.models import Campaign

DAYS_AFTER_END = 30


def expiry_instant(ends_at: dt.datetime, time_zone: str) -> dt.datetime:
    """The end of the 30th day after the campaign's last day, in its time zone.

    The last day is the last local day that has an instant before ``ends_at``: an end at midnight belongs to the day
    before. "The end of that day" is the first instant of the next one, and at it the reward has expired.
    """
    zone = zoneinfo.ZoneInfo(time_zone)
    last_day = (ends_at - dt.timedelta(microseconds=1)).astimezone(zone).date()
    return first_instant(last_day + dt.timedelta(days=DAYS_AFTER_END + 1), zone)


def first_instant(day: dt.date, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """Where a day begins, in UTC. Where clocks jump over midnight that is the jump; where it comes twice, the first."""
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)


def rewards_expire_at(campaign: Campaign) -> dt.datetime | None:
    """When the campaign's rewards expire, in every state alike: as approved, or as approval would fix it now."""
    known = [campaign.rewards_expire_at] if campaign.rewards_expire_at else []
    known += [expiry_instant(campaign.ends_at, campaign.time_zone)] if campaign.ends_at else []
    return max(known, default=None)
