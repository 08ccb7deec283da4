"""Health and readiness checks."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse


def healthz(request: HttpRequest) -> HttpResponse:
    """Respond as long as the process runs. Accesses nothing else."""
    return HttpResponse("ok", content_type="text/plain")


def missing_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def readyz(request: HttpRequest) -> HttpResponse:
    """Respond with 200 if PostgreSQL is up and fully migrated, otherwise 503."""
    try:
        missing = missing_migrations()
    except DatabaseError:
        return HttpResponse("PostgreSQL does not answer", status=503, content_type="text/plain")
    if missing:
        return HttpResponse(f"{missing} migrations are missing", status=503, content_type="text/plain")
    return HttpResponse("ready", content_type="text/plain")
