from django.urls import path

from console.developers import app_views, reference_views, test_views

app_name = "developers"

urlpatterns = [
    path("apps/", app_views.apps, name="apps"),
    path("apps/new/", app_views.new_app, name="new_app"),
    path("apps/<uuid:pk>/", app_views.app, name="app"),
    path("apps/<uuid:pk>/brand/", app_views.app_brand, name="app_brand"),
    path("apps/<uuid:pk>/keys/new/", app_views.new_key, name="new_key"),
    path("apps/<uuid:pk>/keys/<int:key_pk>/roll/", app_views.roll_key, name="roll_key"),
    path("apps/<uuid:pk>/keys/<int:key_pk>/revoke/", app_views.revoke_key, name="revoke_key"),
    path("api/", reference_views.reference, name="reference"),
    path("test/<uuid:pk>/", test_views.test_campaign, name="test"),
    path("test/<uuid:pk>/call/", test_views.call, name="test_call"),
]
