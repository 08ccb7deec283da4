"""Is it up, and may it be sent work?"""

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import RequestFactory

from moments.web.health import healthz, missing_migrations, readyz


@pytest.fixture
def request_():
    return RequestFactory().get("/readyz")


def test_a_process_that_answers_is_up_without_a_database(request_):
    assert (healthz(request_).status_code, healthz(request_).text) == (200, "ok")


def test_with_every_migration_it_is_ready(db, request_):
    assert missing_migrations() == 0
    assert (readyz(request_).status_code, readyz(request_).text) == (200, "ready")


def test_a_missing_migration_is_counted_and_no_work_is_taken(db, request_, monkeypatch):
    applied = MigrationRecorder(connection).applied_migrations()
    latest = max(name for app, name in applied if app == "outbox")
    monkeypatch.setattr(
        MigrationRecorder,
        "applied_migrations",
        lambda self: {key: row for key, row in applied.items() if key[1] != latest},
    )

    answer = readyz(request_)

    assert answer.status_code == 503 and "missing" in answer.text
