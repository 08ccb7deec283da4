from django.urls import path

from api.v1.routes import api

urlpatterns = [path("", api.urls)]
