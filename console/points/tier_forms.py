"""What developers fill in about tiers and statuses."""

from typing import Any

from django import forms
from django.db.models import Model, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, RewardGroup
from console.points.fields import MOST_DAYS, MOST_POINTS, OpenedForm, not_listed
from moments.names import PlainName
from moments.web.forms import WholeNumberField, field_of
from rewards.models import PointsProgram, PointStatus, PointTier


class GroupField(forms.ModelChoiceField):
    """A reward group of any campaign, so the campaign is named with it."""

    def label_from_instance(self, obj: Model) -> str:
        return f"{obj.campaign} ({obj.key})" if isinstance(obj, RewardGroup) else super().label_from_instance(obj)


class TierForm(OpenedForm):
    """``seen`` is what the outlook was shown for; the tier is saved only as it was seen."""

    points = WholeNumberField(label=_("Points"), min_value=1, max_value=MOST_POINTS, initial=100)
    group = GroupField(
        label=_("Reward"),
        queryset=RewardGroup.objects.none(),
        empty_label=None,
        error_messages=not_listed(_("Choose a reward of an approved or live campaign from the list.")),
    )
    name = PlainName(
        label=_("Name"), max_length=120, required=False, help_text=_("Leave empty to use the name of the reward.")
    )
    status = forms.ModelChoiceField(
        label=_("Status"),
        queryset=PointStatus.objects.none(),
        required=False,
        empty_label=_("All users"),
        error_messages=not_listed(_("Choose a status from the list.")),
        help_text=_("Users need this status or a higher one."),
    )
    is_once = forms.BooleanField(
        label=_("Once per user"), required=False, help_text=_("A user can exchange points for this tier once.")
    )
    is_automatic = forms.BooleanField(
        label=_("Exchange automatically"),
        required=False,
        help_text=_("Exchange points as soon as a user has earned enough. Applies to points earned from now on."),
    )
    includes_old_balances = forms.BooleanField(
        label=_("Also exchange points that users already have"),
        required=False,
        help_text=_("Only for automatic tiers. Each user's points are exchanged when the user's next event arrives."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)

    def __init__(self, *args: Any, program: PointsProgram, tier: PointTier | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usable = Q(campaign__status__in=[Campaign.Status.APPROVED, Campaign.Status.LIVE])
        if tier is not None:
            usable |= Q(pk=tier.group_id)
        groups = RewardGroup.objects.filter(usable, campaign__organization=program.organization_id)
        field_of(self, "group", GroupField).queryset = groups.select_related("campaign", "marketplace")
        field_of(self, "status", forms.ModelChoiceField).queryset = program.statuses.all()
        if not program.statuses.exists():
            del self.fields["status"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.cleaned_data.get("includes_old_balances") and not self.cleaned_data.get("is_automatic"):
            self.add_error("includes_old_balances", _("Select “Exchange automatically” as well, or clear this box."))
        return self.cleaned_data

    @property
    def wanted(self) -> str:
        """What the outlook depends on, in one line."""
        found = self.cleaned_data
        chosen = "".join(str(int(found[name])) for name in ("is_once", "is_automatic", "includes_old_balances"))
        return f"{found['points']}:{found['group'].pk}:{chosen}"

    def values(self) -> dict[str, Any]:
        found = super().values()
        del found["seen"]
        return {"status": None, **found}

    def note_conflict(self) -> None:
        """The outlook is shown again before the tier is saved."""
        super().note_conflict()
        self.send_again(seen="")

    @staticmethod
    def initial_of(tier: PointTier) -> dict[str, Any]:
        names = ("points", "name", "group", "status", "is_once", "is_automatic")
        return {name: getattr(tier, name) for name in names}


class StatusForm(OpenedForm):
    name = PlainName(label=_("Name"), max_length=60, help_text=_("Such as “Gold”."))
    threshold = WholeNumberField(
        label=_("Points to earn"),
        min_value=1,
        max_value=MOST_POINTS,
        help_text=_("Points that users have spent count as well."),
    )
    period_days = WholeNumberField(label=_("Within days"), min_value=1, max_value=MOST_DAYS, initial=365)
    grace_days = WholeNumberField(
        label=_("Grace period (days)"),
        min_value=0,
        max_value=MOST_DAYS,
        initial=30,
        help_text=_("How long users keep the status after they fall below."),
    )
