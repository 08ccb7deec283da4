"""Admin pages for shipping memberships."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import User
from accounts.privacy.access_log import masked_email
from accounts.privacy.access_log_admin import BreakGlassAdmin
from moments.web.admin import NarrowAdmin
from redemption.models import Membership


@admin.register(Membership)
class MembershipAdmin(BreakGlassAdmin, NarrowAdmin):
    may_be_deleted = True
    personal = {"user": masked_email}
    list_display = ["user", "starts_on", "ends_on", "granted_at"]
    search_fields = ["user__email"]
    list_select_related = ["user"]
    raw_id_fields = ["user"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Exclude erased users from the choices."""
        here = User.objects.filter(erased_at=None)
        return super().formfield_for_foreignkey(db_field, request, **kwargs, queryset=here)
