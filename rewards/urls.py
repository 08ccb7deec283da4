from django.urls import path, re_path

from rewards import views
from rewards.api import compatible

app_name = "rewards"

urlpatterns = [
    re_path(r"^prod/(?P<path>.*)$", compatible.answer, name="compatible"),
    path("console/campaigns/<uuid:pk>/rewards-issued/", views.rewards, name="list"),
    path("console/campaigns/<uuid:pk>/send-reward/", views.send, name="send"),
    path("console/rewards/<uuid:pk>/void/", views.void, name="void"),
    path("console/points/", views.points, name="points"),
    path("console/points/new/", views.new_programme, name="new_programme"),
    path("console/points/<uuid:pk>/", views.programme, name="programme"),
    path("console/points/<uuid:pk>/record/", views.record, name="record"),
    path("console/points/<uuid:pk>/exchange/<int:tier_pk>/", views.exchange, name="exchange"),
    path("console/points/<uuid:pk>/add/<str:what>/", views.add, name="add"),
    path("console/points/<uuid:pk>/rules/<int:rule_pk>/remove/", views.remove_rule, name="remove_rule"),
]
