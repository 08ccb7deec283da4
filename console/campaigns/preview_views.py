"""Previews of the reward page and email with unsaved texts, for the campaign editor."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods

from accounts.organizations.access import MemberRequest, member_required
from accounts.sign_in.basic_forms import SignInLinkForm
from campaigns.approval.expiry import expiry_instant
from campaigns.models import Campaign, RewardGroup
from campaigns.setup.cpa import covers_every_choice, credit_of, retail_value
from campaigns.setup.offers import shown_to_anybody
from campaigns.setup.terms import DEFAULT_TERMS
from campaigns.setup.translations import in_language
from catalog.models import Marketplace
from console.campaigns.views import campaign_of
from moments import clock
from moments.i18n.languages import nearest_language
from moments.money import display
from moments.web.context import of_mails
from outbox.emails.frames import FRAME_POLICY
from rewards.issuing.emails import shown

# No scripts, forms or external content; allow-same-origin lets it load its style sheets.
PAGE_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-same-origin"
)
TYPED = ["redemption_message", "banner_alt", "terms"]
NOWHERE = "#"  # target of links in previews


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@xframe_options_sameorigin
@member_required()
def preview(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Render the preview for a frame. Posted texts replace the saved ones and are not stored."""
    campaign = as_typed(campaign_of(request, pk), request.POST)
    return preview_of(request, campaign, request.POST if request.method == "POST" else request.GET)


def preview_of(request: HttpRequest, campaign: Campaign, wanted: Mapping[str, str]) -> HttpResponse:
    """Render the page or email for the store and language in ``wanted``."""
    group = group_of(campaign, wanted.get("store", ""))
    with translation.override(nearest_language(wanted.get("language", "")) or "en"):
        if wanted.get("show") == "mail":
            response, policy = mail_of(request, campaign, group), FRAME_POLICY
        else:
            response, policy = page_of(request, in_language(campaign), group), PAGE_POLICY
    response["Content-Security-Policy"] = policy
    return response


def as_typed(campaign: Campaign, typed: Mapping[str, str]) -> Campaign:
    """Apply texts from the form to the campaign in memory, truncated to the maximum length."""
    for name in TYPED:
        if name in typed:
            setattr(campaign, name, cut(name, typed[name]))
    for code, _name in settings.LANGUAGES:
        said = {name: cut(name, typed[f"{code}-{name}"]) for name in TYPED if f"{code}-{name}" in typed}
        campaign.translations[code] = campaign.translations.get(code, {}) | said
    campaign.redemption_message = campaign.redemption_message or _("Your redemption message stands here.")
    campaign.terms = campaign.terms or (str(DEFAULT_TERMS) if not typed else "")
    campaign.return_link = campaign.return_link and NOWHERE
    if campaign.ends_at and not campaign.rewards_expire_at:
        campaign.rewards_expire_at = expiry_instant(campaign.ends_at, campaign.time_zone)
    return campaign


def cut(name: str, text: str) -> str:
    most = getattr(Campaign._meta.get_field(name), "max_length", None)
    return text.replace("\x00", "")[:most]


def group_of(campaign: Campaign, store: str) -> RewardGroup:
    """Return the reward group for ``store``, else the first one, else an empty one."""
    groups = list(campaign.groups.select_related("marketplace", "category"))
    found = next((group for group in groups if group.marketplace_id == store), None)
    return found or next(iter(groups), None) or RewardGroup(campaign=campaign, marketplace=Marketplace.objects.first())


def page_of(request: HttpRequest, campaign: Campaign, group: RewardGroup) -> HttpResponse:
    context = {
        "is_free": is_free(group, clock.now()),
        "held": {"is_preview": False},
        "campaign": campaign,
        "group": group,
        "store": group.marketplace,
        "products": shown_to_anybody(campaign, group) if group.pk else [],
        "by_email": SignInLinkForm(),
        "sign_in": NOWHERE,
        "sign_up": NOWHERE,
        "user": AnonymousUser(),
        "messages": [],
    }
    return render(request, "redemption/claim/reward.html", context)


def mail_of(request: HttpRequest, campaign: Campaign, group: RewardGroup) -> HttpResponse:
    now = clock.now()
    value = display(retail_value(group, now=now), group.marketplace.currency)
    context = shown(campaign, value=value, url=NOWHERE, is_free=is_free(group, now), percent_off=group.percent_off)
    return render(request, "emails/reward_issued.html", {**of_mails(), **context, "messages": []})


def is_free(group: RewardGroup, now: dt.datetime) -> bool:
    """Return whether the credit covers every choice; True if nothing is chosen yet."""
    return not group.pk or covers_every_choice(group, credit_of(group, now=now), now=now)
