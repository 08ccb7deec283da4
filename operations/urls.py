from django.urls import path

from operations import digest_views, views

app_name = "operations"

urlpatterns = [
    path("statusz", views.statusz, name="statusz"),
    path("operations/digest/", digest_views.switch, name="switch_digest"),
    path("operations/digest/<str:signed>/stop/", digest_views.stop, name="stop_digest"),
]
