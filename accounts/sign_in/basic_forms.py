"""Forms that django-allauth builds its own on, so they import none of them."""

from allauth.account.adapter import get_adapter
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from moments.names import PlainName


class NameForm(forms.Form):
    """Joined to the sign-up form."""

    name = PlainName(label=_("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    field_order = ["name", "email", "password1"]

    def signup(self, request: HttpRequest, user: User) -> None:
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])


class SignInLinkForm(forms.Form):
    """Its field has the name that it has on the sign-in page, whose button sends it here.

    The link may create an account, so addresses that signing up refuses are refused here too.
    """

    login = forms.EmailField(label=_("Email"), max_length=254, widget=forms.EmailInput({"autocomplete": "email"}))

    def clean_login(self) -> str:
        return get_adapter().clean_email(self.cleaned_data["login"].lower())
