"""Read-only admin pages for rewards and points."""

from django.contrib import admin

from moments.web.admin import ReadOnlyAdmin, ReadOnlyInline
from rewards.models import (
    PointAccount,
    PointAdjustment,
    PointBatch,
    PointEntry,
    PointEvent,
    PointExchange,
    PointReversal,
    PointRule,
    PointsProgram,
    PointTier,
    Reward,
    RewardBatch,
    StuckExchange,
)


@admin.register(Reward)
class RewardAdmin(ReadOnlyAdmin):
    list_display = ["id", "campaign", "status", "source", "charge_cents", "issued_at", "voided_at", "claimed_at"]
    list_filter = ["status", "source", "device_type"]
    search_fields = ["id", "campaign__name"]
    list_select_related = ["campaign"]
    exclude = ["customer", "token_digest"]
    date_hierarchy = "issued_at"


@admin.register(RewardBatch)
class RewardBatchAdmin(ReadOnlyAdmin):
    list_display = ["file_name", "campaign", "status", "uploaded_at", "confirmed_by", "confirmed_at", "ended_at"]
    list_filter = ["status"]
    search_fields = ["file_name", "campaign__name"]
    list_select_related = ["campaign", "confirmed_by"]


class RuleInline(ReadOnlyInline):
    model = PointRule
    show_change_link = False


class TierInline(ReadOnlyInline):
    model = PointTier
    show_change_link = False


@admin.register(PointsProgram)
class PointsProgramAdmin(ReadOnlyAdmin):
    list_display = ["name", "organization", "time_zone", "created_at"]
    search_fields = ["name", "organization__name"]
    inlines = [RuleInline, TierInline]


@admin.register(PointAccount)
class PointAccountAdmin(ReadOnlyAdmin):
    list_display = ["app_user_id", "program", "test_ledger", "available", "pending", "owed"]
    search_fields = ["app_user_id"]


@admin.register(PointEntry)
class PointEntryAdmin(ReadOnlyAdmin):
    list_display = ["id", "recorded_at", "account", "kind", "amount", "reference"]
    list_filter = ["kind"]
    search_fields = ["reference"]


admin.site.register(PointEvent, ReadOnlyAdmin)
admin.site.register(PointBatch, ReadOnlyAdmin)
admin.site.register(PointReversal, ReadOnlyAdmin)
admin.site.register(PointAdjustment, ReadOnlyAdmin)
admin.site.register(PointExchange, ReadOnlyAdmin)
admin.site.register(StuckExchange, ReadOnlyAdmin)
