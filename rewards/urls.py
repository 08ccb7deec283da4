from django.urls import path, re_path

from api.compatible import routes as compatible
from console.developers import test_views
from console.points import views
from console.rewards import bulk_views, send_views
from console.rewards import views as list_views

app_name = "rewards"

urlpatterns = [
    re_path(r"^prod/(?P<path>.*)$", compatible.answer, name="compatible"),
    path("console/rewards/", list_views.rewards, name="all"),
    path("console/rewards/export.csv", list_views.export, name="export_all"),
    path("console/rewards/<uuid:pk>/", list_views.detail, name="detail"),
    path("console/rewards/<uuid:pk>/void/", list_views.void, name="void"),
    path("console/campaigns/<uuid:pk>/rewards-issued/", list_views.rewards, name="list"),
    path("console/campaigns/<uuid:pk>/rewards-issued/export.csv", list_views.export, name="export"),
    path("console/campaigns/<uuid:pk>/send-reward/", send_views.send, name="send"),
    path("console/campaigns/<uuid:pk>/send-reward/mail/", send_views.mail_preview, name="mail_preview"),
    path("console/campaigns/<uuid:pk>/test/", test_views.trial, name="trial"),
    path("console/campaigns/<uuid:pk>/test/call/", test_views.call, name="call"),
    path("console/campaigns/<uuid:pk>/uploads/", bulk_views.uploads, name="uploads"),
    path("console/campaigns/<uuid:pk>/uploads/check/", bulk_views.check, name="check_upload"),
    path("console/uploads/<uuid:pk>/", bulk_views.upload, name="upload"),
    path("console/uploads/<uuid:pk>/progress/", bulk_views.progress, name="upload_progress"),
    path("console/uploads/<uuid:pk>/confirm/", bulk_views.confirm, name="confirm_upload"),
    path("console/uploads/<uuid:pk>/cancel/", bulk_views.cancel, name="cancel_upload"),
    path("console/uploads/<uuid:pk>/discard/", bulk_views.discard, name="discard_upload"),
    path("console/uploads/<uuid:pk>/errors.csv", bulk_views.errors, name="upload_errors"),
    path("console/uploads/<uuid:pk>/result.csv", bulk_views.result, name="upload_result"),
    path("console/points/", views.points, name="points"),
    path("console/points/new/", views.new_programme, name="new_programme"),
    path("console/points/<uuid:pk>/", views.programme, name="programme"),
    path("console/points/<uuid:pk>/record/", views.record, name="record"),
    path("console/points/<uuid:pk>/exchange/<int:tier_pk>/", views.exchange, name="exchange"),
    path("console/points/<uuid:pk>/stuck/<int:stuck_pk>/retry/", views.retry_stuck, name="retry_stuck"),
    path("console/points/<uuid:pk>/stuck/<int:stuck_pk>/dismiss/", views.dismiss_stuck, name="dismiss_stuck"),
    path("console/points/<uuid:pk>/add/<str:what>/", views.add, name="add"),
    path("console/points/<uuid:pk>/rules/<int:rule_pk>/remove/", views.remove_rule, name="remove_rule"),
]
