"""What developers fill in about rewards and points."""

import zoneinfo

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import App
from campaigns.models import Campaign, Moment, RewardGroup


class SendForm(forms.Form):
    """One reward, by mail, to one person: for support and for testing with colleagues."""

    moment = forms.ModelChoiceField(label=_("Moment"), queryset=Moment.objects.none(), empty_label=None)
    group = forms.ModelChoiceField(label=_("Reward group"), queryset=RewardGroup.objects.none(), empty_label=None)
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("The reward URL is mailed here; it is used for nothing else."),
    )
    app_user_id = forms.CharField(
        label=_("Your app's user id"), max_length=128, required=False, help_text=_("Counts towards the per-user limit.")
    )
    once = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args, campaign: Campaign, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["moment"].queryset = campaign.moments.all()
        self.fields["group"].queryset = campaign.groups.all()


class ProgrammeForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    time_zone = forms.ChoiceField(label=_("Time zone"), initial="UTC", help_text=_("Daily caps count its days."))
    apps = forms.ModelMultipleChoiceField(
        label=_("Apps"),
        queryset=App.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Users are the same in all of them. An app is in one programme."),
    )

    def __init__(self, *args, organization, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = [(zone, zone) for zone in sorted(zoneinfo.available_timezones())]
        self.fields["apps"].queryset = organization.apps.filter(archived_at=None, programme_link=None)


class RuleForm(forms.Form):
    action = forms.CharField(label=_("Action"), max_length=60, help_text=_("What your server sends as action."))
    points_per_event = forms.IntegerField(label=_("Points per event"), min_value=0, max_value=1_000_000, initial=10)
    points_per_unit = forms.IntegerField(label=_("Points per unit spent"), min_value=0, max_value=1_000_000, initial=0)
    daily_cap = forms.IntegerField(label=_("Daily cap per user"), min_value=1, max_value=10**9, required=False)
    lifetime_cap = forms.IntegerField(label=_("Lifetime cap per user"), min_value=1, max_value=10**9, required=False)


class ActionForm(forms.Form):
    """An action told by hand: to make good for one that was lost, or to try the rules."""

    app = forms.ModelChoiceField(label=_("App"), queryset=App.objects.none(), empty_label=None)
    app_user_id = forms.CharField(label=_("Your app's user id"), max_length=128)
    action = forms.ChoiceField(label=_("Action"))
    units = forms.IntegerField(label=_("Units"), min_value=0, max_value=1_000_000, initial=1)
    event_id = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args, programme, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["app"].queryset = programme.apps.all()
        actions = programme.rules.filter(is_active=True).order_by("action").values_list("action", flat=True)
        self.fields["action"].choices = [(action, action) for action in actions]


class TierForm(forms.Form):
    points = forms.IntegerField(label=_("Points"), min_value=1, max_value=10**9, initial=100)
    group = forms.ModelChoiceField(label=_("Reward"), queryset=RewardGroup.objects.none(), empty_label=None)
    is_automatic = forms.BooleanField(
        label=_("Exchange by itself"), required=False, help_text=_("As soon as the points are there.")
    )

    def __init__(self, *args, organization, **kwargs):
        super().__init__(*args, **kwargs)
        usable = [Campaign.Status.APPROVED, Campaign.Status.LIVE]
        groups = RewardGroup.objects.filter(campaign__organization=organization, campaign__status__in=usable)
        self.fields["group"].queryset = groups.select_related("campaign", "marketplace")
        self.fields["group"].label_from_instance = lambda group: f"{group.campaign} ({group.key})"
