"""Forms for apps and API keys."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from PIL import Image

from accounts.models import ApiKey, App
from accounts.organizations.app_logo import MAX_BYTES, read_logo
from accounts.organizations.service import parse_allowlist
from moments.errors import RuleViolation
from moments.names import PlainName
from moments.web.colors import HEX
from moments.web.forms import NarrowModelForm


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
        fields = ["name", "url", "opens_in", "legacy_missing_reward", "logs_calls"]
        widgets = {"opens_in": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["allowlist"].initial = "\n".join(self.instance.ip_allowlist)

    def clean_allowlist(self) -> list[str]:
        try:
            return parse_allowlist(self.cleaned_data["allowlist"])
        except RuleViolation as refusal:
            raise forms.ValidationError(refusal.message) from None

    def clean_name(self) -> str:
        name = self.cleaned_data["name"].strip()
        others = App.objects.filter(organization_id=self.instance.organization_id).exclude(pk=self.instance.pk)
        if others.filter(name=name).exists():
            raise forms.ValidationError(_("You already have an app named “%s”.") % name)
        return name


class BrandForm(forms.Form):
    """How the app looks on its points page."""

    color = forms.CharField(
        label=_("Color"),
        max_length=7,
        required=False,
        help_text=_("Six hexadecimal digits, such as #5433c9. Text on it is black or white, whichever is readable."),
    )
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        widget=forms.FileInput({"accept": "image/png,image/jpeg"}),
        help_text=_("A square PNG or JPEG, 96 to 2048 pixels, at most 1 MB."),
    )
    remove_logo = forms.BooleanField(label=_("Remove the logo"), required=False)

    def __init__(self, *args: Any, app: App, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["color"].initial = app.color
        if not app.logo:
            del self.fields["remove_logo"]

    def clean_color(self) -> str:
        typed = self.cleaned_data["color"].strip().lower()
        color = typed if not typed or typed.startswith("#") else f"#{typed}"
        if color and not HEX.fullmatch(color):
            raise forms.ValidationError(
                _("“%s” is not a color; enter six hexadecimal digits, such as #5433c9.") % typed
            )
        return color

    def clean_logo(self) -> Image.Image | None:
        upload = self.cleaned_data["logo"]
        if not upload:
            return None
        try:
            return read_logo(upload.read(MAX_BYTES + 1))
        except RuleViolation as refusal:
            raise forms.ValidationError(refusal.message) from None


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
