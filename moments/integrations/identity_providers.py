"""Configuration of external identity providers for django-allauth."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from moments.devserver.redis_urls import LOOPBACK

OIDC = "sso"  # part of the redirect URL /accounts/oidc/sso/login/callback/


def openid_connect(issuer: str, client_id: str, secret: str, name: str) -> dict:
    """Return the settings for an OpenID Connect provider, identified by its issuer URL."""
    parts = urlsplit(issuer)
    if not (client_id and secret):
        raise ImproperlyConfigured("MOMENTS_OIDC_ISSUER takes MOMENTS_OIDC_CLIENT_ID and MOMENTS_OIDC_SECRET too.")
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise ImproperlyConfigured(f"MOMENTS_OIDC_ISSUER is {issuer!r}; it takes an address with https://.")
    app = {"provider_id": OIDC, "name": name or parts.hostname, "client_id": client_id, "secret": secret}
    settings = {"server_url": issuer.rstrip("/"), "oauth_pkce_enabled": True}
    return {"openid_connect": {"APPS": [{**app, "settings": settings}]}}


def amazon(client_id: str, secret: str) -> dict:
    if not secret:
        raise ImproperlyConfigured("MOMENTS_AMAZON_CLIENT_ID takes MOMENTS_AMAZON_SECRET too.")
    return {"amazon": {"APPS": [{"client_id": client_id, "secret": secret}]}}
