"""Console page to test a campaign: preview, code snippets and test calls."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import qrcode
from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from qrcode.image.svg import SvgPathImage

from accounts.organizations.access import EDITORS, MemberRequest, member_required
from campaigns.models import Campaign, Moment, RewardGroup
from campaigns.setup.ab_split import is_split, moment_for
from console.campaigns.views import campaign_of
from console.developers.app_snippets import APP_LANGUAGES, app_snippet
from console.developers.snippets import CALLS, LANGUAGES, SAMPLE_USER, request_body, snippet, split_snippet
from console.developers.test_calls import FORCED, TestCall, try_call
from moments import clock
from moments.registry import reward_url
from rewards.issuing.listing import Device
from rewards.issuing.tokens import preview_token

EXPLAINED = {
    "GetRewardInfo": gettext_lazy("Looks: what there is to win. Consumes nothing."),
    "GetReward": gettext_lazy("Issues one reward and charges it."),
}


class TestCallForm(forms.Form):
    """A test call. Values can be invalid on purpose, so that the API's response is shown."""

    hides_optional = True

    call = forms.ChoiceField(
        label=_("Call"), choices=[(name, name) for name in reversed(CALLS)], widget=forms.RadioSelect
    )
    momentId = forms.CharField(label="momentId", max_length=200, required=False)  # noqa: N815
    rewardGroupId = forms.CharField(label="rewardGroupId", max_length=200, required=False)  # noqa: N815
    deviceType = forms.CharField(label="deviceType", max_length=200, required=False)  # noqa: N815
    userId = forms.CharField(label="userId", max_length=300, required=False)  # noqa: N815
    idempotencyKey = forms.CharField(label="idempotencyKey", max_length=300, required=False)  # noqa: N815
    refuse_with = forms.ChoiceField(
        label=gettext_lazy("Force a refusal"),
        required=False,
        choices=[("", gettext_lazy("None: answer as it comes")), *((code, code) for code in FORCED)],
        help_text=gettext_lazy("Sends moments-test-… as userId. A test key of yours can do the same."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field.widget, forms.TextInput):
                field.widget.attrs |= {"list": f"known-{name}", "autocomplete": "off", "spellcheck": "false"}


@dataclass(frozen=True)
class Chosen:
    """The moment, group and language of the snippets; by default the split's moment or the first one."""

    moments: list[Moment]
    groups: list[RewardGroup]
    moment: Moment
    group: RewardGroup | None
    language: str
    app_language: str

    @property
    def body(self) -> dict[str, str]:
        return request_body(self.moment.campaign, self.moment, self.group) if self.group else {}


def chosen_of(request: MemberRequest, campaign: Campaign) -> Chosen:
    moments, groups = list(campaign.moments.all()), list(campaign.groups.select_related("marketplace"))
    for moment in moments:
        moment.campaign = campaign
    language, usual = request.GET.get("language", ""), moment_for(campaign, moments, SAMPLE_USER)
    app_language = request.GET.get("app", "")
    return Chosen(
        moments,
        groups,
        named(moments, request.GET.get("moment")) or usual,
        named(groups, request.GET.get("group")) or next(iter(groups), None),
        language if language in LANGUAGES else "curl",
        app_language if app_language in APP_LANGUAGES else "kotlin",
    )


def named(rows: list, key: str | None) -> Any:
    return next((row for row in rows if row.key == key), None)


@require_safe
@member_required()
def test_campaign(request: MemberRequest, pk: UUID) -> HttpResponse:
    return page(request, campaign_of(request, pk))


@require_POST
@member_required(*EDITORS)
def call(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Make a test call and show its request and response."""
    campaign, form = campaign_of(request, pk), TestCallForm(request.POST)
    if not form.is_valid():
        return page(request, campaign, form)
    fields = dict(form.cleaned_data)
    name, refuse_with = fields.pop("call"), fields.pop("refuse_with")
    found = try_call(campaign, call=name, members=fields, refuse_with=refuse_with, now=clock.now())
    return page(request, campaign, form, found)


def page(
    request: MemberRequest, campaign: Campaign, form: TestCallForm | None = None, found: TestCall | None = None
) -> HttpResponse:
    chosen = chosen_of(request, campaign)
    url = reward_url(preview_token(campaign)) if chosen.groups else ""
    host = urlsplit(settings.BASE_URL).hostname or ""
    context = {
        "campaign": campaign,
        "chosen": chosen,
        "languages": LANGUAGES.items(),
        "snippets": [(name, EXPLAINED[name], snippet(chosen.language, name, chosen.body)) for name in CALLS],
        "app_languages": APP_LANGUAGES.items(),
        "app_snippet": app_snippet(chosen.app_language, campaign.app.opens_in, host=host),
        "split_snippet": split_snippet(chosen.language, campaign, chosen.moments) if is_split(chosen.moments) else "",
        "form": form or TestCallForm(initial={"call": "GetReward", "userId": SAMPLE_USER, **chosen.body}),
        "devices": Device.values,
        "found": found,
        "url": url,
        "code": qr_code(url) if url else "",
        "picked": urlencode({"moment": chosen.moment.key, "group": chosen.group.key if chosen.group else ""}),
    }
    return render(request, "console/developers/test.html", context)


def qr_code(text: str) -> SafeString:
    """Return a QR code of ``text`` as inline SVG."""
    drawn = qrcode.make(text, image_factory=SvgPathImage, border=2).to_string(encoding="unicode")
    return mark_safe(drawn)  # noqa: S308 - the SVG does not contain the text
