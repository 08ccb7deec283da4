"""Admin pages for back-in-stock alerts."""

from django.contrib import admin

from accounts.privacy.access_log_admin import BreakGlassAdmin
from moments.web.admin import ReadOnlyAdmin
from redemption.models import BackInStockAlert


@admin.register(BackInStockAlert)
class BackInStockAlertAdmin(BreakGlassAdmin, ReadOnlyAdmin):
    list_display = ["product", "asked_at", "notified_at"]
    list_filter = ["notified_at"]
    search_fields = ["product__title", "product__sku"]
    list_select_related = ["product"]
    fields = ["product", "language", "asked_at", "notified_at"]

    def is_personal_search(self, term: str) -> bool:
        """Return False: the search covers products only."""
        return False
