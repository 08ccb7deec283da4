from django.urls import path

from console.developers import app_views, call_views, reference_views, test_views, webhook_views

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
    path("api/<slug:group>/", reference_views.reference_group, name="reference_group"),
    path("logs/", call_views.api_calls, name="api_calls"),
    path("logs/<int:pk>/", call_views.api_call, name="api_call"),
    path("test/<uuid:pk>/", test_views.test_campaign, name="test"),
    path("test/<uuid:pk>/call/", test_views.call, name="test_call"),
    path("webhooks/", webhook_views.webhooks, name="webhooks"),
    path("webhooks/new/", webhook_views.new_webhook, name="new_webhook"),
    path("webhooks/<uuid:pk>/", webhook_views.webhook, name="webhook"),
    path("webhooks/<uuid:pk>/edit/", webhook_views.edit_webhook, name="edit_webhook"),
    path("webhooks/<uuid:pk>/roll/", webhook_views.roll_webhook, name="roll_webhook"),
    path("webhooks/<uuid:pk>/disable/", webhook_views.disable_webhook, name="disable_webhook"),
    path("webhooks/<uuid:pk>/enable/", webhook_views.enable_webhook, name="enable_webhook"),
    path("webhooks/<uuid:pk>/ping/", webhook_views.ping_webhook, name="ping_webhook"),
    path("webhooks/<uuid:pk>/replay/", webhook_views.replay_webhook, name="replay_webhook"),
    path("webhooks/<uuid:pk>/<int:delivery_pk>/", webhook_views.delivery, name="webhook_delivery"),
    path("webhooks/<uuid:pk>/<int:delivery_pk>/again/", webhook_views.send_delivery_again, name="send_again"),
]
