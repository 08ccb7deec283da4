from django.urls import path

from rewards.api.version1 import api

urlpatterns = [path("", api.urls)]
