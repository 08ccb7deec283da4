"""Form to request a higher limit. Operators receive it as a support request."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import App, Member
from campaigns.models import Campaign
from moments.money import display
from moments.web.forms import MoneyField, WholeNumberField, field_of

ORGANIZATION = "organization"


class LimitForm(forms.Form):
    """The request form. ``what`` is the organization's or a campaign's monthly limit, or an app's call rate."""

    MOST = 200  # campaigns in the menu

    what = forms.ChoiceField(label=gettext_lazy("Which limit"))
    amount = MoneyField(
        label=gettext_lazy("New monthly limit (US dollars)"),
        required=False,
        help_text=gettext_lazy("For a month of money."),
    )
    calls = WholeNumberField(
        label=gettext_lazy("Calls per second"),
        required=False,
        min_value=1,
        max_value=10_000,
        help_text=gettext_lazy("For an app's calls."),
    )
    why = forms.CharField(
        label=gettext_lazy("What you need it for"),
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("How many rewards you expect, and from when on."),
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member
        organization = member.organization
        campaigns = Campaign.objects.visible_to(member).filter(archived_at=None)
        campaigns = campaigns.exclude(status=Campaign.Status.FINISHED)
        apps = App.objects.filter(organization=organization, archived_at=None)
        self.of_calls = {f"app:{found.pk}": _("Calls of %s") % found.name for found in apps}
        self.labels = {
            ORGANIZATION: _("Month of the organization: %s") % display(organization.monthly_limit_cents),
            **{
                f"campaign:{found.pk}": _("Month of “%(name)s”: up to %(most)s")
                % {"name": found.name, "most": display(found.monthly_ceiling_cents)}
                for found in campaigns.order_by("-created_at")[: self.MOST]
            },
            **self.of_calls,
        }
        field_of(self, "what", forms.ChoiceField).choices = list(self.labels.items())

    def clean(self) -> dict:
        super().clean()
        fields = self.cleaned_data
        of_calls = fields.get("what") in self.of_calls
        if of_calls and not fields.get("calls") and "calls" not in self.errors:
            self.add_error("calls", _("Say how many calls a second you need."))
        if not of_calls and fields.get("what") and not fields.get("amount") and "amount" not in self.errors:
            self.add_error("amount", _("Say how much a month you need."))
        return fields

    def subject(self) -> str:
        return (_("Raise a limit: %s") % self.labels[self.cleaned_data["what"]])[:160]

    def body(self) -> str:
        """Return the request's text for operators."""
        given = self.cleaned_data
        is_calls = given["what"] in self.of_calls
        wanted = _("%d calls a second") % given["calls"] if is_calls else _("%s a month") % display(given["amount"])
        lines = [self.labels[given["what"]], _("Wanted: %s") % wanted, f"({given['what']})", "", given["why"]]
        return "\n".join(lines)
