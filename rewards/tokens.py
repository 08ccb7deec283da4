"""Reward tokens: derived from the reward's id, never stored, so that a repeat shows the same URL."""

import base64
import hashlib
import hmac
import uuid

from django.conf import settings

from campaigns.models import Campaign
from rewards.models import Reward

PREVIEW_PREFIX = "preview-"
LENGTH = 32
PREVIEW_LENGTH = len(PREVIEW_PREFIX) + 32 + 1 + LENGTH


def newest_version() -> int:
    return max(settings.TOKEN_KEYS)


def token_for(reward_id: uuid.UUID, version: int) -> str:
    """The first 192 bits of HMAC-SHA256(key of ``version``, reward id), as 32 characters."""
    return _mac(f"reward:{reward_id}", version)


def digest_of(token: str) -> str:
    """What is stored: the SHA-256 of the token."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_in(text: str) -> str:
    """The token that ``text`` begins with: whatever a sentence, a mail program or a paste put behind it is cut off."""
    return text[: PREVIEW_LENGTH if text.startswith(PREVIEW_PREFIX) else LENGTH]


def reward_of_token(token: str) -> Reward | None:
    """The reward behind a token, with what its page shows."""
    return (
        Reward.objects.filter(token_digest=digest_of(token))
        .select_related("campaign__banner", "campaign__app", "campaign__organization", "group__marketplace")
        .first()
    )


def preview_token(campaign: Campaign) -> str:
    """One for each campaign, the same at every call, of the same form in a URL as a reward's."""
    return f"{PREVIEW_PREFIX}{campaign.pk.hex}-{_mac(f'preview:{campaign.pk}', min(settings.TOKEN_KEYS))}"


def campaign_of_preview(token: str) -> Campaign | None:
    """The campaign that a preview token opens; None for any other text."""
    try:
        campaign_id = uuid.UUID(token.removeprefix(PREVIEW_PREFIX)[:32])
    except ValueError:
        return None
    found = Campaign.objects.filter(pk=campaign_id).select_related("banner", "app", "organization").first()
    return found if found and hmac.compare_digest(preview_token(found).encode(), token.encode()) else None


def _mac(text: str, version: int) -> str:
    key = settings.TOKEN_KEYS[version]
    digest = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()
