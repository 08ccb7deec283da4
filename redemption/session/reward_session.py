"""Exchange of the token in a link for a session handle, which is useless in any other session."""

import base64
import enum
import secrets
import uuid
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core import signing
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User
from campaigns.models import Campaign, RewardGroup
from campaigns.setup.translations import in_language
from catalog.models import Product, ProductSize
from moments.i18n.languages import expect_languages
from redemption.addresses.address import Address
from rewards.issuing.tokens import PREVIEW_PREFIX, campaign_of_preview, reward_of_token
from rewards.models import Reward

OPEN_REWARDS = "open_rewards"
# Session keys, each a dict by handle: the entered address and the id of the selected size.
ADDRESSES, SIZES = "addresses", "sizes"
KEPT = 20
RETURN_SALT = "moments.reward.return"
RANDOM, MARK = 9, 8  # bytes; with the campaign's id they make 44 characters
RETURN_SECONDS = 24 * 3600


class Opens(enum.StrEnum):
    REWARD, PREVIEW = "reward", "preview"


class Reference(NamedTuple):
    """The target of a link: the id of a reward, or of a campaign for its preview."""

    opens: Opens
    pk: uuid.UUID

    def as_json(self) -> list[str]:
        """Return the form for the session and for signed links."""
        return [self.opens, str(self.pk)]


def reference_from(found: Any) -> Reference | None:
    """Return the reference that ``as_json`` serialized; None for anything else, such as the format of an earlier
    version.
    """
    try:
        opens, pk = found
        return Reference(Opens(opens), uuid.UUID(pk))
    except (TypeError, ValueError, AttributeError):
        return None


@dataclass(frozen=True)
class OpenReward:
    """What a handle opens: a reward, or a campaign's preview if ``reward`` is None."""

    handle: str
    campaign: Campaign
    group: RewardGroup
    reward: Reward | None

    @property
    def is_preview(self) -> bool:
        return self.reward is None


@dataclass(frozen=True)
class ClaimedReward:
    """A reward opened by the customer who claimed it."""

    handle: str
    campaign: Campaign
    group: RewardGroup
    reward: Reward
    customer: User


def reference_of_token(token: str) -> Reference | None:
    """Return the target of a token, or None."""
    if token.startswith(PREVIEW_PREFIX):
        campaign = campaign_of_preview(token)
        return Reference(Opens.PREVIEW, campaign.pk) if campaign else None
    reward = reward_of_token(token)
    return Reference(Opens.REWARD, reward.pk) if reward else None


def remember(request: HttpRequest, reference: Reference) -> str:
    """Store ``reference`` in the session and return its handle; reuse the handle if it is already stored."""
    known_rewards = request.session.get(OPEN_REWARDS, {})
    found = next((handle for handle, known in known_rewards.items() if known == reference.as_json()), None)
    if found:
        return found
    of_reward, of_store = languages_of(reference)
    expect_languages(request, of_reward=of_reward, of_store=of_store)
    handle = new_handle(reference)
    request.session[OPEN_REWARDS] = dict([*list(known_rewards.items())[-(KEPT - 1) :], (handle, reference.as_json())])
    return handle


def languages_of(reference: Reference) -> tuple[str, str]:
    """Return the user's language according to the app, and the store's language; empty if unknown."""
    if reference.opens == Opens.REWARD:
        said = Reward.objects.filter(pk=reference.pk).values_list("locale", "group__marketplace__language").first()
        return said or ("", "")
    group = RewardGroup.objects.filter(campaign=reference.pk).select_related("marketplace").first()
    return "", group.marketplace.language if group else ""


def open_reward_or_404(request: HttpRequest, handle: str) -> OpenReward:
    """Return what ``handle`` opens in this session. Raises ``Http404`` if it opens nothing."""
    reference = reference_from(request.session.get(OPEN_REWARDS, {}).get(handle))
    if reference and reference.opens == Opens.REWARD:
        related = ("campaign__banner", "campaign__app", "campaign__organization", "group__marketplace")
        reward = Reward.objects.select_related(*related, "group__category").filter(pk=reference.pk).first()
        if reward:
            return OpenReward(handle, in_language(reward.campaign), reward.group, reward)
    if reference and reference.opens == Opens.PREVIEW:
        campaign = Campaign.objects.select_related("banner", "app", "organization").filter(pk=reference.pk).first()
        group = campaign.groups.select_related("marketplace", "category").first() if campaign else None
        if campaign and group:
            return OpenReward(handle, in_language(campaign), group, None)
    raise Http404


def new_handle(reference: Reference) -> str:
    """Return a random handle with the campaign's id and a signature, so that a browser without cookies can be shown its
    page.

    It opens nothing without the session, and it cannot be forged for another campaign.
    """
    campaign_id = reference.pk
    if reference.opens == Opens.REWARD:
        campaign_id = Reward.objects.values_list("campaign", flat=True).get(pk=reference.pk)
    body = secrets.token_bytes(RANDOM) + campaign_id.bytes
    return base64.urlsafe_b64encode(body + _mark(body)).decode()


def campaign_of_handle(handle: str) -> Campaign | None:
    """Return the campaign of a handle with a valid signature, or None."""
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
    """Return a signed path back to the reward after signing in. It is valid for a day, in any browser, and has no
    token.
    """
    reference = request.session.get(OPEN_REWARDS, {}).get(handle)
    return reverse("redemption:back", args=[signing.dumps(reference, salt=RETURN_SALT, compress=True)])


def reference_of_return(signed: str) -> Reference | None:
    """Return the target of a return path; None if it is expired, forged or was made without a session."""
    try:
        return reference_from(signing.loads(signed, salt=RETURN_SALT, max_age=RETURN_SECONDS))
    except signing.BadSignature:
        return None


def claimed_reward_or_404(request: HttpRequest, handle: str) -> ClaimedReward:
    """Return the reward that the signed-in customer claimed. Raises ``Http404`` otherwise."""
    mine = claimed_or_none(request, open_reward_or_404(request, handle))
    if mine is None:
        raise Http404
    return mine


def claimed_or_none(request: HttpRequest, held: OpenReward) -> ClaimedReward | None:
    """Return ``held`` as a claimed reward, or None if the signed-in customer did not claim it."""
    customer, reward = request.user, held.reward
    if reward is None or not customer.is_authenticated or reward.customer_id != customer.pk:
        return None
    return ClaimedReward(held.handle, held.campaign, held.group, reward, customer)


def size_of(product: Product, typed: str) -> ProductSize | None:
    """Return the product's size with id ``typed``; None if it is not a size of ``product``."""
    is_id = typed.isascii() and typed.isdigit() and len(typed) < 19
    return product.sizes.filter(pk=int(typed)).first() if is_id else None


def remember_size(request: HttpRequest, handle: str, size: ProductSize | None) -> None:
    request.session[SIZES] = {**request.session.get(SIZES, {}), handle: str(size.pk) if size else ""}


def chosen_size(request: HttpRequest, handle: str, product: Product) -> ProductSize | None:
    """Return the size in the session; None if it is not a size of ``product``."""
    return size_of(product, request.session.get(SIZES, {}).get(handle, ""))


def remember_address(request: HttpRequest, handle: str, address: Address) -> None:
    request.session[ADDRESSES] = {**request.session.get(ADDRESSES, {}), handle: address.as_fields()}


def typed_address(request: HttpRequest, handle: str) -> Address | None:
    """Return the address that was entered last, or None."""
    known = request.session.get(ADDRESSES, {}).get(handle)
    return Address(**known) if known else None


def forget_choices(request: HttpRequest, handle: str) -> None:
    """Remove the address and size from the session once the order is placed."""
    for kept in {ADDRESSES, SIZES} & set(request.session.keys()):
        request.session[kept] = {key: value for key, value in request.session[kept].items() if key != handle}
