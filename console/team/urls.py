from django.urls import path

from console.team import views

app_name = "team"

urlpatterns = [
    path("", views.team, name="list"),
    path("invite/", views.invite, name="invite"),
    path("<int:pk>/", views.member, name="member"),
    path("<int:pk>/remove/", views.remove_member, name="remove"),
    path("invitations/<int:pk>/withdraw/", views.withdraw_invitation, name="withdraw_invitation"),
]
