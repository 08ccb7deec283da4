from django.urls import path

from console.account import views

app_name = "account"

urlpatterns = [
    path("profile/", views.profile, name="profile"),
]
