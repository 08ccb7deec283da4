"""An A/B split: which share of an app's users belongs to which moment. The app's server decides, by the user's id."""

import hashlib
import uuid
from collections.abc import Sequence

from django.utils.translation import gettext as _

from campaigns.models import Campaign, Moment
from campaigns.setup.service import editing
from moments.errors import RuleViolation


def is_split(moments: Sequence[Moment]) -> bool:
    return any(moment.share_percent is not None for moment in moments)


def bucket_of(campaign_id: uuid.UUID, user_id: str) -> int:
    """0 to 99, always the same for the same user of a campaign; the snippets reckon it the same way."""
    return int(hashlib.sha256(f"{campaign_id}:{user_id}".encode()).hexdigest()[:8], 16) % 100


def moment_for(campaign: Campaign, moments: Sequence[Moment], user_id: str) -> Moment:
    """The moment that a user belongs to; without a split the first."""
    bucket = bucket_of(campaign.pk, user_id)
    for moment in moments:
        bucket -= moment.share_percent or 0
        if bucket < 0:
            return moment
    return moments[0]


def set_shares(campaign: Campaign, shares: dict[int, int]) -> None:
    """Moment id → percent of the users, of every moment of a draft. Refused unless they make up 100."""
    with editing(campaign) as locked:
        moments = list(locked.moments.all())
        if shares.keys() != {moment.pk for moment in moments}:
            raise RuleViolation("other_moments", _("The moments changed meanwhile; look at them and save again."))
        for moment in moments:
            if not 0 <= shares[moment.pk] <= 100:
                values = {"key": moment.key, "given": shares[moment.pk]}
                message = _("The share of “%(key)s” is %(given)d %%; it lies between 0 and 100 %%.") % values
                raise RuleViolation("invalid_share", message, field=f"share_{moment.pk}")
        if (total := sum(shares.values())) != 100:
            raise RuleViolation("shares_do_not_add_up", _("The shares add up to %d %%, not to 100 %%.") % total)
        for moment in moments:
            Moment.objects.filter(pk=moment.pk).update(share_percent=shares[moment.pk])


def clear_shares(campaign: Campaign) -> None:
    """No split: the server sends whichever moment happened."""
    with editing(campaign) as locked:
        locked.moments.update(share_percent=None)
