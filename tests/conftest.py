"""What tests share: people, a campaign that is live."""

import datetime as dt
import time

import pytest
from django.db import connection
from django.test import Client

from accounts.sign_in.sessions import SEEN, SIGNED_IN
from moments import clock
from moments.db import base as postgres
from moments.db.roles import owner_settings
from moments.integrations import rate_limits, task_dispatch
from moments.integrations.bounded_calls import guard
from outbox.emails import delivery
from tests import make, prepared
from tests.harness.owner import AS_APP, Flushing, Restoring
from tests.harness.stripe_server import stripe_server

PLAIN_STORAGE = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


def pytest_make_parametrize_id(val: object) -> str | None:
    """Each process tells the others the names of all tests: 20 MB of a file are no name."""
    if isinstance(val, str | bytes) and len(val) > 80:
        return f"{ascii(val[:40])}-{len(val)}"
    return None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """The run's database is migrated once; each worker's is a copy of it."""
    prepared.migrated()
    connection.settings_dict["TEST"] |= {"TEMPLATE": "moments", "MIGRATE": False}
    connection.settings_dict |= owner_settings()
    connection.ops.__class__ = Flushing
    connection.creation.__class__ = Restoring


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The owner makes the database; then every connection is the application's, as it is in production."""
    with django_db_blocker.unblock():
        connection.close()
    connection.settings_dict["OPTIONS"]["options"] = AS_APP
    yield
    del connection.settings_dict["OPTIONS"]["options"]
    with django_db_blocker.unblock():
        connection.close()


@pytest.fixture(autouse=True)
def apart(settings, tmp_path_factory, worker_id):
    """Files, the cache and the broker of this worker alone."""
    settings.STORAGES = PLAIN_STORAGE
    settings.SECOND_FACTOR_REQUIRED = False  # as in the demo; tests of it turn it on
    settings.EMAIL_BACKEND = "outbox.emails.backend.OutboxBackend"  # pytest-django puts another in its place
    settings.MEDIA_ROOT = tmp_path_factory.getbasetemp() / "media"
    number = int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0
    settings.REDIS_URL = settings.REDIS_URL.rpartition("=")[0] + f"={number}"
    yield


@pytest.fixture(autouse=True)
def closed_breakers():
    """What failed in one test is tried again in the next."""
    for breaker in (postgres.gone, task_dispatch.broker_gone, rate_limits.redis_gone, delivery.smtp_gone):
        breaker.close()
    guard.forget()


@pytest.fixture(autouse=True)
def fast_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


class SignedIn(Client):
    """Who is signed in by ``force_login`` has just given a password, as after the sign-in page."""

    def force_login(self, user, backend=None) -> None:
        super().force_login(user, backend)
        session = self.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
        session["account_authentication_methods_user"] = str(user.pk)
        session[SIGNED_IN] = session[SEEN] = int(time.time())
        session.save()


@pytest.fixture
def client() -> Client:
    return SignedIn()


@pytest.fixture
def now(db) -> dt.datetime:
    return clock.now()


@pytest.fixture
def member(db):
    return make.member()


@pytest.fixture
def campaign(db):
    """Live, $27.50 for one product of $25.00."""
    return make.campaign()


@pytest.fixture
def reward(campaign):
    return make.reward(campaign)


@pytest.fixture
def customer(db):
    return make.customer()


@pytest.fixture
def console(client, member):
    """A client signed in as the owner of ``member``'s organization."""
    client.force_login(member.user)
    return client


@pytest.fixture(scope="session")
def stripe_settings():
    """A Stripe of our own on this machine, which keeps what earlier tests made."""
    with stripe_server() as found:
        yield found


@pytest.fixture
def stripe(stripe_settings, settings):
    for name, value in stripe_settings.items():
        setattr(settings, name, value)
    return stripe_settings["STRIPE_API_BASE"]
