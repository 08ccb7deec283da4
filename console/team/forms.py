"""Forms for invitations and roles."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Member


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
