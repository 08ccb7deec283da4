"""Addresses of both faces of the API: `/api/` for version 1, `/prod/` for the one compatible with Amazon Moments."""

from django.urls import include, path, re_path

from api.compatible import routes as compatible
from api.v1.routes import api as v1

compatible_urls = ([re_path(r"^(?P<path>.*)$", compatible.answer, name="compatible")], "compatible")

urlpatterns = [
    path("api/", v1.urls),
    path("prod/", include(compatible_urls)),
]
