from django.urls import path

from console.points import views

app_name = "points"

urlpatterns = [
    path("", views.points, name="list"),
    path("new/", views.new_program, name="new"),
    path("<uuid:pk>/", views.program, name="program"),
    path("<uuid:pk>/record/", views.record, name="record"),
    path("<uuid:pk>/exchange/<int:tier_pk>/", views.exchange, name="exchange"),
    path("<uuid:pk>/stuck/<int:stuck_pk>/retry/", views.retry_stuck, name="retry_stuck"),
    path("<uuid:pk>/stuck/<int:stuck_pk>/dismiss/", views.dismiss_stuck, name="dismiss_stuck"),
    path("<uuid:pk>/add/<str:what>/", views.add, name="add"),
    path("<uuid:pk>/rules/<int:rule_pk>/remove/", views.remove_rule, name="remove_rule"),
]
