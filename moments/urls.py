"""Root URL configuration."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from moments.web import health, site_views, views

handler400 = "moments.web.views.bad_request"
handler403 = "moments.web.views.forbidden"
handler404 = "moments.web.views.not_found"
handler500 = "moments.web.views.server_error"

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as allauth documents

urlpatterns = [
    path("", site_views.landing, name="landing"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("media/<path:path>", views.media, name="media"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/", admin.site.urls),
    path("accounts/2fa/", RedirectView.as_view(pattern_name="accounts:security"), name="mfa_index"),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/", include("accounts.sign_in.provider_urls")),
    path("accounts/", include("allauth.account.urls")),
    path("console/", include("console.urls")),
    path("", include("api.urls")),
    path("", include("accounts.urls")),
    path("", include("outbox.urls")),
    path("", include("rewards.points.hosted_page.urls")),
    path("", include("redemption.urls")),
    path("", include("operations.urls")),
]
