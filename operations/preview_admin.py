"""Admin page that shows a campaign as customers will see it, linked from its review."""

from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from campaigns.admin.campaigns import CampaignAdmin
from campaigns.models import Campaign
from console.campaigns.preview_views import as_typed, preview_of

admin.site.unregister(Campaign)


@admin.register(Campaign)
class PreviewedCampaignAdmin(CampaignAdmin):
    """Adds the preview here, because the campaigns app must not depend on reward pages."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview)
        return [path("<uuid:pk>/preview/", view, name="campaigns_campaign_preview"), *super().get_urls()]

    @method_decorator([require_safe, never_cache])
    def preview(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show the saved campaign. Its links and forms are disabled."""
        campaign = self.get_object(request, str(pk))
        if campaign is None or not self.has_review_permission(request):
            return redirect("admin:campaigns_campaign_changelist")
        return preview_of(request, as_typed(campaign, {}), request.GET)
