"""Console pages for apps and their API keys."""

from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import ApiKey, App
from accounts.organizations import app_logo
from accounts.organizations import service as organizations
from accounts.organizations.access import (
    MANAGERS,
    MemberRequest,
    member_required,
    refuse_other_roles,
)
from accounts.sign_in.recent_authentication import require_recent
from console.developers.forms import AppForm, BrandForm, NewAppForm, NewKeyForm
from moments import clock
from moments.errors import RuleViolation
from moments.web.confirmation import confirm_first
from moments.web.forms import add_refusal


@require_safe
@member_required()
def apps(request: MemberRequest) -> HttpResponse:
    found = request.member.organization.apps.filter(archived_at=None).prefetch_related("api_keys")
    return render(request, "console/developers/apps.html", {"apps": found})


@member_required(*MANAGERS)
def new_app(request: MemberRequest) -> HttpResponse:
    form = NewAppForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            app = organizations.create_app(request.member, **form.cleaned_data, now=clock.now())
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("%s is registered. Create a key for its server next.") % app)
            return redirect("console:developers:app", app.pk)
    return render(request, "console/developers/new_app.html", {"form": form})


def app_of(request: MemberRequest, pk: UUID) -> App:
    return get_object_or_404(App, pk=pk, organization_id=request.member.organization_id)


@member_required()
def app(request: MemberRequest, pk: UUID) -> HttpResponse:
    found = app_of(request, pk)
    if request.method == "POST":
        refuse_other_roles(request.member, *MANAGERS)
    form = AppForm(request.POST or None, instance=found) if request.member.may_manage else None
    if request.method == "POST" and form and form.is_valid():
        if form.cleaned_data["allowlist"] != found.ip_allowlist:
            require_recent(request)
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        organizations.change_app(found, by=request.user, **changes)
        messages.success(request, _("Saved."))
        return redirect("console:developers:app", pk)
    found.refresh_from_db()
    context = {"app": found, "form": form, "keys": found.api_keys.all(), "now": clock.now()}
    return render(request, "console/developers/app.html", context)


@member_required(*MANAGERS)
def app_brand(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The app's color and logo, as its points page shows them."""
    found = app_of(request, pk)
    form = BrandForm(request.POST or None, request.FILES or None, app=found)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            if fields["color"] != found.color:
                organizations.change_app(found, color=fields["color"], by=request.user)
            if fields["logo"]:
                app_logo.set_logo(found, fields["logo"], by=request.user, now=clock.now())
            elif fields.get("remove_logo"):
                app_logo.remove_logo(found, by=request.user)
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("console:developers:app", pk)
    return render(request, "console/developers/app_brand.html", {"app": found, "form": form})


@never_cache
@member_required(*MANAGERS)
@reauthentication_required
def new_key(request: MemberRequest, pk: UUID) -> HttpResponse:
    found = app_of(request, pk)
    form = NewKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key, secret = organizations.create_api_key(found, **form.cleaned_data, by=request.user, now=clock.now())
        return render(request, "console/developers/key_made.html", {"app": found, "key": key, "secret": secret})
    return render(request, "console/developers/new_key.html", {"app": found, "form": form})


def key_of(request: MemberRequest, pk: UUID, key_pk: int) -> ApiKey:
    return get_object_or_404(ApiKey.objects.select_related("app"), pk=key_pk, app=app_of(request, pk))


@never_cache
@member_required(*MANAGERS)
@reauthentication_required
def roll_key(request: MemberRequest, pk: UUID, key_pk: int) -> HttpResponse:
    key = key_of(request, pk, key_pk)
    if request.method != "POST":
        consequence = _(
            "You get a new key at once. The old one works for another 24 hours, so that your servers can change over."
        )
        return ask_key(request, key, _("Roll %s?") % key, consequence, verb=_("Roll key"), harms=False)
    try:
        made, secret = organizations.roll_api_key(key, by=request.user, now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect("console:developers:app", pk)
    return render(
        request, "console/developers/key_made.html", {"app": key.app, "key": made, "secret": secret, "rolled": key}
    )


@member_required(*MANAGERS)
@reauthentication_required
def revoke_key(request: MemberRequest, pk: UUID, key_pk: int) -> HttpResponse:
    key = key_of(request, pk, key_pk)
    if request.method != "POST":
        consequence = _("Calls with this key are refused from the next moment on, for good.")
        return ask_key(request, key, _("Revoke %s?") % key, consequence, verb=_("Revoke key"))
    try:
        organizations.revoke_api_key(key, by=request.user, now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("%s is revoked. Calls with it are refused from now on.") % key)
    return redirect("console:developers:app", pk)


def ask_key(request: MemberRequest, key: ApiKey, question: str, consequence: str, **rest: Any) -> HttpResponse:
    return confirm_first(
        request, question, consequence, back=reverse("console:developers:app", args=[key.app_id]), **rest
    )
