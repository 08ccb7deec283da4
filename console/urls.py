"""URL configuration of the console: `/console/<folder>/` is defined in `console/<folder>/urls.py`."""

from django.urls import include, path

from console.home import views as home_views

app_name = "console"

FOLDERS = (
    "account",
    "audit",
    "billing",
    "campaigns",
    "catalog",
    "developers",
    "help",
    "limits",
    "organization",
    "points",
    "reports",
    "rewards",
    "support",
    "team",
)

urlpatterns = [
    path("", home_views.home, name="home"),
    *(path(f"{folder}/", include(f"console.{folder}.urls")) for folder in FOLDERS),
]
