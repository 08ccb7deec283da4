"""The console's addresses: `/console/<folder>/` leads to `console/<folder>/urls.py`."""

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
