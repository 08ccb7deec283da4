from django.urls import path

from console.help import views

app_name = "help"

urlpatterns = [
    path("", views.index, name="index"),
    path("badge/", views.badge, name="badge"),
    path("<slug:slug>/", views.playbook, name="playbook"),
]
