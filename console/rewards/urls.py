from django.urls import path

from console.rewards import bulk_views, send_views, views

app_name = "rewards"

urlpatterns = [
    path("", views.rewards, name="list"),
    path("export.csv", views.export, name="export"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/void/", views.void, name="void"),
    path("campaigns/<uuid:pk>/", views.rewards, name="campaign"),
    path("campaigns/<uuid:pk>/export.csv", views.export, name="export_campaign"),
    path("campaigns/<uuid:pk>/send/", send_views.send, name="send"),
    path("campaigns/<uuid:pk>/send/email/", send_views.mail_preview, name="email_preview"),
    path("campaigns/<uuid:pk>/uploads/", bulk_views.uploads, name="uploads"),
    path("campaigns/<uuid:pk>/uploads/check/", bulk_views.check, name="check_upload"),
    path("uploads/<uuid:pk>/", bulk_views.upload, name="upload"),
    path("uploads/<uuid:pk>/progress/", bulk_views.progress, name="upload_progress"),
    path("uploads/<uuid:pk>/confirm/", bulk_views.confirm, name="confirm_upload"),
    path("uploads/<uuid:pk>/cancel/", bulk_views.cancel, name="cancel_upload"),
    path("uploads/<uuid:pk>/discard/", bulk_views.discard, name="discard_upload"),
    path("uploads/<uuid:pk>/errors.csv", bulk_views.errors, name="upload_errors"),
    path("uploads/<uuid:pk>/result.csv", bulk_views.result, name="upload_result"),
]
