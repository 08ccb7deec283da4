"""Reward tokens. They are derived from the reward's id, so the URL can be shown again without storing the token."""

import base64
import hashlib
import hmac
import uuid

from django.conf import settings

from campaigns.models import Campaign
from moments.security.key_fingerprints import TOKEN
from moments.security.key_fingerprints import key_fingerprint as fingerprint_of
from moments.security.log_redaction import logger
from rewards.models import Reward

PREVIEW_PREFIX = "preview-"
LENGTH = 32
PREVIEW_LENGTH = len(PREVIEW_PREFIX) + 32 + 1 + LENGTH


def newest_version() -> int:
    return max(settings.TOKEN_KEYS)


def token_for(reward_id: uuid.UUID, version: int) -> str:
    """Return the first 192 bits of HMAC-SHA256(key of ``version``, reward id) as 32 characters."""
    return _mac(f"reward:{reward_id}", version)


class WrongTokenKey(Exception):
    """Raised if a reward's URL cannot be derived because its key is missing or differs."""


def known_token(reward_id: uuid.UUID, version: int, stored_digest: str) -> str:
    """Return the token of an issued reward. Raises ``WrongTokenKey`` if it does not match the stored digest."""
    key = settings.TOKEN_KEYS.get(version)
    if key is not None and hmac.compare_digest(token_digest(token := token_for(reward_id, version)), stored_digest):
        return token
    of_key = f"has the fingerprint {fingerprint_of(TOKEN, version, key)[:8]}" if key is not None else "is missing"
    message = f"The URL of reward {reward_id} cannot be derived: version {version} of MOMENTS_TOKEN_KEYS {of_key}"
    message += " and is not the key that issued it. Put the original key back."
    logger.error(message)
    raise WrongTokenKey(message)


def token_digest(token: str) -> str:
    """Return the SHA-256 of the token, which is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_in(text: str) -> str:
    """Return the token at the start of ``text``, without anything that a paste or an email program appended."""
    return text[: PREVIEW_LENGTH if text.startswith(PREVIEW_PREFIX) else LENGTH]


def reward_of_token(token: str) -> Reward | None:
    """Return the reward of a token with its related objects, or None."""
    return (
        Reward.objects.filter(token_digest=token_digest(token))
        .select_related("campaign__banner", "campaign__app", "campaign__organization", "group__marketplace")
        .first()
    )


def preview_token(campaign: Campaign) -> str:
    """Return the campaign's preview token. It is always the same and can be used like a reward's token."""
    return f"{PREVIEW_PREFIX}{campaign.pk.hex}-{_mac(f'preview:{campaign.pk}', min(settings.TOKEN_KEYS))}"


def campaign_of_preview(token: str) -> Campaign | None:
    """Return the campaign of a preview token, or None."""
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
