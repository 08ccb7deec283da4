"""Forms for support requests and replies."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import SupportRequest


class SupportForm(forms.Form):
    kind = forms.ChoiceField(label=_("About"), choices=SupportRequest.Kind.choices)
    subject = forms.CharField(label=_("Subject"), max_length=160)
    body = forms.CharField(label=_("Message"), max_length=5000, widget=forms.Textarea({"rows": 7}))


class ReplyForm(forms.Form):
    body = forms.CharField(label=_("Your reply"), max_length=5000, widget=forms.Textarea({"rows": 5}))
