"""What developers fill in about themselves, their organization and their apps."""

import zoneinfo

from allauth.account.adapter import get_adapter
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey, App, Member, Organization, SupportRequest, User
from accounts.organizations.eligibility import country_choices
from accounts.organizations.service import parse_allowlist
from moments.errors import RuleViolation
from moments.names import PlainName
from moments.web.forms import NarrowModelForm


class NameForm(forms.Form):
    """Joined to the sign-up form."""

    name = PlainName(label=_("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    field_order = ["name", "email", "password1"]

    def signup(self, request, user):
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])


class SignInLinkForm(forms.Form):
    """Its field has the name that it has on the sign-in page, whose button sends it here.

    The link may create an account, so addresses that signing up refuses are refused here too.
    """

    login = forms.EmailField(label=_("Email"), max_length=254, widget=forms.EmailInput({"autocomplete": "email"}))

    def clean_login(self):
        return get_adapter().clean_email(self.cleaned_data["login"].lower())


class OrganizationForm(forms.Form):
    name = PlainName(
        label=_("Organization's name"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    country = forms.ChoiceField(label=_("Country"), help_text=_("Where the organization is registered."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", _("Choose a country")), *country_choices()]


class OrganizationNameForm(NarrowModelForm):
    class Meta:
        model = Organization
        fields = ["name"]


class ProfileForm(NarrowModelForm):
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Times in the console are shown in it."))

    class Meta:
        model = User
        fields = ["name", "time_zone"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = [(zone, zone) for zone in sorted(zoneinfo.available_timezones())]


class NewAppForm(forms.Form):
    name = PlainName(label=_("Name"), max_length=120, help_text=_("As your users know it."))
    url = forms.URLField(label=_("Website or store page"), max_length=200, required=False, assume_scheme="https")
    opens_in = forms.ChoiceField(
        label=_("Reward pages open in"), choices=App.OpensIn.choices, widget=forms.RadioSelect, initial="browser"
    )


class AppForm(NarrowModelForm):
    url = forms.URLField(label=_("Website or store page"), max_length=200, required=False, assume_scheme="https")
    allowlist = forms.CharField(
        label=_("Allowed addresses"),
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("IP addresses or networks that may call the API with this app's keys, one a line. Empty: any."),
    )

    class Meta:
        model = App
        fields = ["name", "url", "opens_in", "legacy_missing_reward"]
        widgets = {"opens_in": forms.RadioSelect}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["allowlist"].initial = "\n".join(self.instance.ip_allowlist)

    def clean_allowlist(self):
        try:
            return parse_allowlist(self.cleaned_data["allowlist"])
        except RuleViolation as refusal:
            raise forms.ValidationError(refusal.message) from None

    def clean_name(self):
        name = self.cleaned_data["name"].strip()
        others = App.objects.filter(organization_id=self.instance.organization_id).exclude(pk=self.instance.pk)
        if others.filter(name=name).exists():
            raise forms.ValidationError(_("You already have an app named “%s”.") % name)
        return name

    def save(self, commit=True):
        app = super().save(commit=commit)
        if app.ip_allowlist != self.cleaned_data["allowlist"]:
            app.ip_allowlist = self.cleaned_data["allowlist"]
            app.save(update_fields=["ip_allowlist"])
        return app


class NewKeyForm(forms.Form):
    mode = forms.ChoiceField(
        label=_("Mode"),
        choices=[
            (ApiKey.Mode.LIVE, _("Live: issues real rewards and is charged")),
            (ApiKey.Mode.TEST, _("Test: answers every call with a preview, charges nothing")),
        ],
        widget=forms.RadioSelect,
        initial=ApiKey.Mode.TEST,
    )
    name = PlainName(
        label=_("Name"),
        max_length=80,
        required=False,
        help_text=_("To tell keys apart: “production”, “Ada’s laptop”."),
    )


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("Email"), max_length=254)
    role = forms.ChoiceField(
        label=_("Role"),
        choices=[
            (Member.Role.ANALYST, _("Analyst: looks at campaigns and spend")),
            (Member.Role.EDITOR, _("Editor: also makes and runs campaigns")),
            (Member.Role.ADMIN, _("Administrator: also apps, keys and the team")),
            (Member.Role.OWNER, _("Owner: everything")),
        ],
        widget=forms.RadioSelect,
        initial=Member.Role.EDITOR,
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Member.Role.choices)


class SupportForm(forms.Form):
    kind = forms.ChoiceField(label=_("About"), choices=SupportRequest.Kind.choices)
    subject = forms.CharField(label=_("Subject"), max_length=160)
    body = forms.CharField(label=_("Message"), max_length=5000, widget=forms.Textarea({"rows": 7}))


class ReplyForm(forms.Form):
    body = forms.CharField(label=_("Your reply"), max_length=5000, widget=forms.Textarea({"rows": 5}))
