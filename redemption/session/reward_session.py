"""From the token in a link to a short session: the address bar shows a handle that means nothing elsewhere."""

import base64
import re
import secrets
import uuid
from dataclasses import dataclass

from django.core import signing
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User
from campaigns.models import Campaign, RewardGroup
from campaigns.setup.translations import in_language
from moments.i18n.languages import expect_languages
from rewards.issuing.tokens import PREVIEW_PREFIX, campaign_of_preview, reward_of_token
from rewards.models import Reward

OPEN_REWARDS = "open_rewards"
REFERENCE = re.compile(r"(reward|preview):[0-9a-f-]{36}")
KEPT = 20
RETURN_SALT = "moments.reward.return"
RANDOM, MARK = 9, 8  # bytes; with the campaign's id they make 44 letters
RETURN_SECONDS = 24 * 3600


@dataclass(frozen=True)
class OpenReward:
    """What a handle opens: a reward, or (``reward`` is None) a campaign's preview."""

    handle: str
    campaign: Campaign
    group: RewardGroup
    reward: Reward | None

    @property
    def is_preview(self) -> bool:
        return self.reward is None


@dataclass(frozen=True)
class ClaimedReward:
    """What a handle opens for the customer who has claimed it: a reward that they may order with."""

    handle: str
    campaign: Campaign
    group: RewardGroup
    reward: Reward
    customer: User


def reference_of_token(token: str) -> str | None:
    """``reward:ID`` or ``preview:ID``; None for a token that opens nothing."""
    if token.startswith(PREVIEW_PREFIX):
        campaign = campaign_of_preview(token)
        return f"preview:{campaign.pk}" if campaign else None
    reward = reward_of_token(token)
    return f"reward:{reward.pk}" if reward else None


def remember(request: HttpRequest, reference: str) -> str:
    """Remember ``reference`` in the session; its handle, the same one if it is held already."""
    known_rewards = request.session.get(OPEN_REWARDS, {})
    found = next((handle for handle, known in known_rewards.items() if known == reference), None)
    if found:
        return found
    of_reward, of_store = languages_of(reference)
    expect_languages(request, of_reward=of_reward, of_store=of_store)
    handle = new_handle(reference)
    request.session[OPEN_REWARDS] = dict([*list(known_rewards.items())[-(KEPT - 1) :], (handle, reference)])
    return handle


def languages_of(reference: str) -> tuple[str, str]:
    """What the app says that its user speaks, and what is spoken in the store; "" where nobody says."""
    kind, _colon, pk = reference.partition(":")
    if kind == "reward":
        said = Reward.objects.filter(pk=pk).values_list("locale", "group__marketplace__language").first()
        return said or ("", "")
    group = RewardGroup.objects.filter(campaign=uuid.UUID(pk)).select_related("marketplace").first()
    return "", group.marketplace.language if group else ""


def open_reward_or_404(request: HttpRequest, handle: str) -> OpenReward:
    """What the session holds under ``handle``; 404 for anything else."""
    kind, _colon, pk = request.session.get(OPEN_REWARDS, {}).get(handle, "").partition(":")
    if kind == "reward":
        related = ("campaign__banner", "campaign__app", "campaign__organization", "group__marketplace")
        reward = Reward.objects.select_related(*related, "group__category").filter(pk=uuid.UUID(pk)).first()
        if reward:
            return OpenReward(handle, in_language(reward.campaign), reward.group, reward)
    if kind == "preview":
        campaign = Campaign.objects.select_related("banner", "app", "organization").filter(pk=uuid.UUID(pk)).first()
        group = campaign.groups.select_related("marketplace", "category").first() if campaign else None
        if campaign and group:
            return OpenReward(handle, in_language(campaign), group, None)
    raise Http404


def new_handle(reference: str) -> str:
    """At random, with the campaign's id and a mark of ours, so that a browser without cookies can be told on its page.

    Without the session it opens nothing, and nobody can have another campaign's page made by its id.
    """
    kind, _colon, pk = reference.partition(":")
    campaign = Reward.objects.values_list("campaign", flat=True).get(pk=pk) if kind == "reward" else uuid.UUID(pk)
    body = secrets.token_bytes(RANDOM) + campaign.bytes
    return base64.urlsafe_b64encode(body + _mark(body)).decode()


def campaign_of_handle(handle: str) -> Campaign | None:
    """The campaign that a handle of ours was made for."""
    try:
        found = base64.urlsafe_b64decode(handle)
    except ValueError:
        return None
    body, mark = found[:-MARK], found[-MARK:]
    if len(body) != RANDOM + 16 or not constant_time_compare(mark, _mark(body)):
        return None
    campaigns = Campaign.objects.select_related("banner", "app", "organization")
    campaign = campaigns.filter(pk=uuid.UUID(bytes=body[RANDOM:])).first()
    return in_language(campaign) if campaign else None


def _mark(body: bytes) -> bytes:
    return salted_hmac("moments.reward.handle", body, algorithm="sha256").digest()[:MARK]


def return_path(request: HttpRequest, handle: str) -> str:
    """Where to come back to after signing in, also in another browser: signed, for a day, without the token."""
    reference = request.session.get(OPEN_REWARDS, {}).get(handle, "")
    return reverse("redemption:back", args=[signing.dumps(reference, salt=RETURN_SALT, compress=True)])


def reference_of_return(signed: str) -> str | None:
    """What a way back leads to; None for one that is too old, forged, or was made when nothing was held."""
    try:
        reference = signing.loads(signed, salt=RETURN_SALT, max_age=RETURN_SECONDS)
    except signing.BadSignature:
        return None
    return reference if REFERENCE.fullmatch(reference) else None
