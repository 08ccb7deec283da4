from django.urls import path

from console.organization import views

app_name = "organization"

urlpatterns = [
    path("", views.organization, name="detail"),
    path("new/", views.new_organization, name="new"),
    path("choose/", views.choose_organization, name="choose"),
]
