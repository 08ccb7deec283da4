"""Operators' pages: who is sent things faster."""

from django.contrib import admin

from moments.admin import NarrowAdmin
from redemption.models import Membership


@admin.register(Membership)
class MembershipAdmin(NarrowAdmin):
    list_display = ["user", "starts_on", "ends_on", "granted_at"]
    search_fields = ["user__email"]
    autocomplete_fields = ["user"]
