"""Operators' pages: how much of a campaign one person may claim."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from campaigns.budget.claim_limits import NAMES, Limits
from campaigns.models import ClaimLimits
from moments.web.admin import NarrowAdmin


@admin.register(ClaimLimits)
class ClaimLimitsAdmin(NarrowAdmin):
    may_be_deleted = True
    list_display = ["__str__", *NAMES]
    list_select_related = ["campaign"]
    autocomplete_fields = ["campaign"]
    search_fields = ["campaign__name"]

    def get_form(
        self, request: HttpRequest, obj: ClaimLimits | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        """Beside each field the number that holds where nothing is entered."""
        form = super().get_form(request, obj, change=change, **kwargs)
        for name in NAMES:
            said = _("Where nothing is entered anywhere: %d.") % getattr(Limits(), name)
            form.base_fields[name].help_text = f"{form.base_fields[name].help_text} {said}"
        return form
