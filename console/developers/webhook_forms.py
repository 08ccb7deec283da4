"""Forms for webhook endpoints."""

import datetime as dt
import zoneinfo
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from console.campaigns.forms import LocalInstantField
from moments.errors import RuleViolation
from moments.i18n.datetimes import instant_of
from moments.registry import events
from outbox.kinds import OPT_IN_EVENTS, PING, endpoint_event_types
from outbox.models import WebhookDelivery, WebhookEndpoint
from outbox.webhooks.endpoints import MAX_DESCRIPTION, MAX_URL

ALL, CHOSEN = "all", "chosen"


def event_choices() -> list[tuple[str, str]]:
    """Return (type, label with its sentence) of each type that can be chosen."""
    return [
        (type, format_html('<span class="id">{}</span> <span class="muted">{}</span>', type, events[type]))
        for type in endpoint_event_types()
    ]


class EndpointForm(forms.Form):
    url = forms.CharField(
        label=_("URL"),
        max_length=MAX_URL,
        widget=forms.URLInput({"placeholder": "https://example.com/webhooks"}),
        help_text=_("We send a POST request to it for each event. It must use HTTPS and be publicly reachable."),
    )
    description = forms.CharField(
        label=_("Description"), max_length=MAX_DESCRIPTION, required=False, help_text=_("Only your team sees it.")
    )
    which = forms.ChoiceField(
        label=_("Events"),
        choices=[
            (ALL, _("All events, including those that we add later")),
            (CHOSEN, _("Only the events selected below")),
        ],
        widget=forms.RadioSelect,
        initial=ALL,
    )
    event_types = forms.MultipleChoiceField(
        label=_("Selected events"), required=False, choices=event_choices, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, endpoint: WebhookEndpoint | None = None, **kwargs: Any) -> None:
        if endpoint is not None:
            kwargs["initial"] = {
                "url": endpoint.url,
                "description": endpoint.description,
                "which": CHOSEN if endpoint.event_types else ALL,
                "event_types": endpoint.event_types,
            }
        super().__init__(*args, **kwargs)
        opt_in = sorted(OPT_IN_EVENTS & set(events))
        if opt_in:
            self.fields["which"].help_text = _("“All events” does not include %s: select it if you need it.") % (
                ", ".join(opt_in)
            )

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or self.cleaned_data
        which, chosen = fields.get("which"), fields.get("event_types")
        if which == CHOSEN and chosen == []:
            self.add_error("event_types", _("Select at least one event, or choose “All events”."))
        return fields

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        fields = self.cleaned_data
        types = fields["event_types"] if fields["which"] == CHOSEN else []
        return {"url": fields["url"], "description": fields["description"], "event_types": types}


class DeliveryFilterForm(forms.Form):
    hides_optional = True

    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("All")), *WebhookDelivery.Status.choices]
    )
    type = forms.ChoiceField(
        label=_("Event"),
        required=False,
        choices=lambda: [("", _("All")), *((type, type) for type in [*endpoint_event_types(), PING])],
    )


class ReplayForm(forms.Form):
    """A time range, in the member's time zone."""

    start = LocalInstantField(label=_("From"))
    end = LocalInstantField(label=_("To"), help_text=_("Events at this time are not included."))

    def __init__(self, *args: Any, user: User, now: dt.datetime, **kwargs: Any) -> None:
        self.zone = zoneinfo.ZoneInfo(user.time_zone)
        here = now.astimezone(self.zone).replace(tzinfo=None, second=0, microsecond=0)
        kwargs["initial"] = {"start": here - dt.timedelta(days=1), "end": here + dt.timedelta(minutes=1)}
        super().__init__(*args, **kwargs)

    def _instant(self, name: str) -> dt.datetime:
        try:
            return instant_of(self.cleaned_data[name], self.zone)
        except RuleViolation as refusal:
            raise forms.ValidationError(refusal.message) from None

    def clean_start(self) -> dt.datetime:
        return self._instant("start")

    def clean_end(self) -> dt.datetime:
        return self._instant("end")
