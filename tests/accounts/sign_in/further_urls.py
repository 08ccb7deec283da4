"""Libraries that the product does not include, each under a prefix of its own."""

from allauth.account import urls as account_urls
from allauth.usersessions import urls as session_urls
from django.contrib.auth import urls as django_urls
from django.urls import include, path

from moments.urls import *  # noqa: F403
from moments.urls import urlpatterns as ours

LIBRARIES = {"sessions/": session_urls, "accounts/everything/": account_urls, "django/": django_urls}

urlpatterns = [*(path(prefix, include(library)) for prefix, library in LIBRARIES.items()), *ours]
