"""Which app answers which path."""

from django.contrib import admin
from django.urls import include, path

from moments import health, views

handler400 = "moments.views.bad_request"
handler403 = "moments.views.forbidden"
handler404 = "moments.views.not_found"
handler500 = "moments.views.server_error"

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("media/<path:path>", views.media, name="media"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("api/", include("rewards.api.urls")),
    path("", include("accounts.urls")),
    path("", include("catalog.urls")),
    path("", include("outbox.urls")),
    path("", include("campaigns.urls")),
    path("", include("rewards.urls")),
    path("", include("redemption.urls")),
]
