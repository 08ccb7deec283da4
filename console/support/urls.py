from django.urls import path

from console.support import views

app_name = "support"

urlpatterns = [
    path("", views.support, name="list"),
    path("new/", views.new_request, name="new"),
    path("<int:pk>/", views.support_request, name="detail"),
    path("<int:pk>/close/", views.close_request, name="close"),
]
