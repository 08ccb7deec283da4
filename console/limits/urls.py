from django.urls import path

from console.limits import views

app_name = "limits"

urlpatterns = [
    path("", views.limits, name="list"),
    path("request/", views.ask, name="request"),
]
