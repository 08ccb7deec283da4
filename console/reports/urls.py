from django.urls import path

from console.reports import subscription_views, views

app_name = "reports"

urlpatterns = [
    path("", views.reports, name="report"),
    path("export.csv", views.export, name="export"),
    path("compare/<uuid:pk>/", views.compare, name="compare"),
    path("subscribe/", subscription_views.start, name="subscribe"),
    path("subscriptions/<str:signed>/stop/", subscription_views.stop, name="unsubscribe"),
]
