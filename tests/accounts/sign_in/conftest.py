"""An OpenID Connect provider that the settings name."""

import pytest

from moments.integrations import identity_providers
from tests.harness import openid


@pytest.fixture(scope="session")
def server():
    with openid.openid_server() as running:
        yield running


@pytest.fixture
def sso(server, settings, db):
    settings.SOCIALACCOUNT_PROVIDERS = identity_providers.openid_connect(
        server.url, openid.CLIENT_ID, openid.SECRET, openid.NAME
    )
    return server
