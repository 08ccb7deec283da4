"""Console pages for webhook endpoints and their deliveries."""

from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.organizations.access import EDITORS, MemberRequest, member_required
from console.developers.webhook_forms import DeliveryFilterForm, EndpointForm, ReplayForm
from moments import clock
from moments.errors import RuleViolation
from moments.web.confirmation import confirm_first
from moments.web.forms import add_refusal
from outbox.models import WebhookDelivery, WebhookEndpoint
from outbox.webhooks import endpoints, replay
from outbox.webhooks.listing import deliveries_of, shown_attempts
from outbox.webhooks.messages import message_id, shown_body

PAGE = 50
LARGEST = 2**63 - 1


def endpoint_of(request: MemberRequest, pk: UUID) -> WebhookEndpoint:
    found = WebhookEndpoint.objects.select_related("organization")
    return get_object_or_404(found, pk=pk, organization_id=request.member.organization_id)


def page_of(endpoint: WebhookEndpoint) -> str:
    return reverse("console:developers:webhook", args=[endpoint.pk])


@require_safe
@member_required()
def webhooks(request: MemberRequest) -> HttpResponse:
    found = request.member.organization.webhook_endpoints.all()
    return render(request, "console/developers/webhooks.html", {"endpoints": found})


@never_cache
@member_required(*EDITORS)
@reauthentication_required
def new_webhook(request: MemberRequest) -> HttpResponse:
    form = EndpointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            endpoint, secret = endpoints.create_endpoint(
                request.member.organization, **form.values(), by=request.member, now=clock.now()
            )
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            return _show_secret(request, endpoint, secret)
    return render(request, "console/developers/webhook_form.html", {"form": form})


def _show_secret(request: MemberRequest, endpoint: WebhookEndpoint, secret: str) -> HttpResponse:
    context = {"endpoint": endpoint, "secret": secret}
    return render(request, "console/developers/webhook_secret.html", context)


@require_safe
@member_required()
def webhook(request: MemberRequest, pk: UUID) -> HttpResponse:
    """An endpoint and its deliveries, the newest first."""
    endpoint, now = endpoint_of(request, pk), clock.now()
    form = DeliveryFilterForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    found = deliveries_of(endpoint.organization_id).filter(endpoint=endpoint)
    if status := wanted.get("status"):
        found = found.filter(status=status)
    if type := wanted.get("type"):
        found = found.filter(event__type=type)
    before = request.GET.get("before", "")
    is_first = not (before.isascii() and before.isdigit() and int(before[:20]) <= LARGEST)
    rows = list((found if is_first else found.filter(pk__lt=int(before[:20])))[: PAGE + 1])
    context = {
        "endpoint": endpoint,
        "now": now,
        "form": form,
        "is_narrowed": any(wanted.values()),
        "filters": urlencode({name: value for name, value in wanted.items() if value}),
        "deliveries": rows[:PAGE],
        "is_first": is_first,
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "is_rolling": endpoint.former_secret_expires_at is not None and endpoint.former_secret_expires_at > now,
    }
    return render(request, "console/developers/webhook.html", context)


@member_required(*EDITORS)
@reauthentication_required
def edit_webhook(request: MemberRequest, pk: UUID) -> HttpResponse:
    endpoint = endpoint_of(request, pk)
    form = EndpointForm(request.POST or None, endpoint=endpoint)
    if request.method == "POST" and form.is_valid():
        try:
            endpoints.change_endpoint(endpoint, **form.values(), by=request.member, now=clock.now())
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect(page_of(endpoint))
    return render(request, "console/developers/webhook_form.html", {"form": form, "endpoint": endpoint})


@never_cache
@member_required(*EDITORS)
@reauthentication_required
def roll_webhook(request: MemberRequest, pk: UUID) -> HttpResponse:
    endpoint = endpoint_of(request, pk)
    if request.method != "POST":
        consequence = _(
            "You get a new secret at once. For 24 hours we sign with both secrets, so that your server can change over."
        )
        return _confirm(request, endpoint, _("Roll the secret?"), consequence, verb=_("Roll secret"), harms=False)
    return _show_secret(request, endpoint, endpoints.roll_secret(endpoint, by=request.member, now=clock.now()))


def _confirm(
    request: MemberRequest, endpoint: WebhookEndpoint, question: str, consequence: str, *, verb: str, harms: bool = True
) -> HttpResponse:
    return confirm_first(
        request, question, consequence, verb=verb, back=page_of(endpoint), about=endpoint.url, harms=harms
    )


@member_required(*EDITORS)
@reauthentication_required
def disable_webhook(request: MemberRequest, pk: UUID) -> HttpResponse:
    endpoint = endpoint_of(request, pk)
    if request.method != "POST":
        consequence = _(
            "We send no more events to it, and pending deliveries fail. You can enable it later and replay what it "
            "missed."
        )
        return _confirm(request, endpoint, _("Disable this endpoint?"), consequence, verb=_("Disable endpoint"))
    try:
        endpoints.disable_endpoint(endpoint, by=request.member, now=clock.now())
        messages.success(request, _("The endpoint is disabled."))
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    return redirect(page_of(endpoint))


@require_POST
@member_required(*EDITORS)
@reauthentication_required
def enable_webhook(request: MemberRequest, pk: UUID) -> HttpResponse:
    endpoint = endpoint_of(request, pk)
    try:
        endpoints.enable_endpoint(endpoint, by=request.member, now=clock.now())
        messages.success(request, _("The endpoint is active. Replay a time range to send what it missed."))
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    return redirect(page_of(endpoint))


@require_POST
@member_required(*EDITORS)
def ping_webhook(request: MemberRequest, pk: UUID) -> HttpResponse:
    endpoint = endpoint_of(request, pk)
    try:
        endpoints.send_test_event(endpoint, by=request.member, now=clock.now())
        messages.success(request, _("The test event is on its way. Reload this page to see what your server answered."))
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    return redirect(page_of(endpoint))


@member_required(*EDITORS)
def replay_webhook(request: MemberRequest, pk: UUID) -> HttpResponse:
    endpoint, now = endpoint_of(request, pk), clock.now()
    form = ReplayForm(request.POST or None, user=request.user, now=now)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            done = replay.replay(endpoint, start=fields["start"], end=fields["end"], by=request.member, now=now)
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            sent = ngettext("%d event is on its way.", "%d events are on their way.", done) % done
            messages.success(request, sent)
            return redirect(page_of(endpoint))
    return render(request, "console/developers/webhook_replay.html", {"form": form, "endpoint": endpoint})


def delivery_of(request: MemberRequest, pk: UUID, delivery_pk: int) -> WebhookDelivery:
    found = deliveries_of(request.member.organization_id)
    return get_object_or_404(found, pk=delivery_pk, endpoint_id=pk)


@require_safe
@member_required()
def delivery(request: MemberRequest, pk: UUID, delivery_pk: int) -> HttpResponse:
    found = delivery_of(request, pk, delivery_pk)
    context = {
        "delivery": found,
        "endpoint": found.endpoint,
        "message_id": message_id(found.event),
        "body": shown_body(found.event),
        "attempts": shown_attempts(found),
    }
    return render(request, "console/developers/webhook_delivery.html", context)


@require_POST
@member_required(*EDITORS)
def send_delivery_again(request: MemberRequest, pk: UUID, delivery_pk: int) -> HttpResponse:
    found = delivery_of(request, pk, delivery_pk)
    try:
        replay.send_again(found, by=request.member, now=clock.now())
        messages.success(request, _("The event is on its way again."))
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    return redirect("console:developers:webhook_delivery", pk, delivery_pk)
