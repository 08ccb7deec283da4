"""Two roles in PostgreSQL: the owner of the tables, which migrates, and the application's role, which reads and writes
rows.

An attacker who controls the application can then neither truncate a ledger nor disable its triggers.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import dj_database_url
from django.conf import settings
from django.core import checks
from django.db import connection

ROWS = "SELECT, INSERT, UPDATE, DELETE"
LACKING = """
    SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
        AND NOT has_table_privilege(%s, c.oid, 'SELECT')
"""
# Tables protected by a trigger, and whether it refuses every change or only some
KEPT = """
    SELECT c.relname, bool_or(p.proname = 'moments_refuse_change')
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE t.tgname IN ('append_only', 'keep_statement') AND c.relnamespace = 'public'::regnamespace GROUP BY 1
"""


def owner_settings() -> dict:
    """Return the owner's connection settings; empty if a single role is used."""
    if not settings.DATABASE_OWNER_URL:
        return {}
    found = dj_database_url.parse(settings.DATABASE_OWNER_URL)
    return {name: found.get(name, "") for name in ("USER", "PASSWORD", "HOST", "PORT")}


def has_two_roles() -> bool:
    return bool(owner_settings()) and owner_settings()["USER"] != app_role()


def app_role() -> str:
    return dj_database_url.parse(settings.DATABASE_URL).get("USER") or ""


@contextlib.contextmanager
def as_owner() -> Iterator[None]:
    """Connect this thread as the owner inside the block. Must not be used within a transaction."""
    before = {name: connection.settings_dict[name] for name in owner_settings()}
    if before == owner_settings():
        yield
        return
    connection.close()
    connection.settings_dict.update(owner_settings())
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def is_granted() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(LACKING, [app_role()])
        return cursor.fetchone()[0] == 0


def grant() -> None:
    """Grant the application's role access to all current and future tables, but no changes to append-only rows and
    migrations. Call as the owner.
    """
    role = connection.ops.quote_name(app_role())
    with connection.cursor() as cursor:
        for what in ("TABLES", "SEQUENCES"):
            rights = ROWS if what == "TABLES" else "USAGE, SELECT"
            cursor.execute(f"GRANT {rights} ON ALL {what} IN SCHEMA public TO {role}")
            cursor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {rights} ON {what} TO {role}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}")
        cursor.execute(KEPT)
        for table, is_append_only in cursor.fetchall():
            refused = "UPDATE, DELETE" if is_append_only else "DELETE"
            cursor.execute(f"REVOKE {refused} ON {connection.ops.quote_name(table)} FROM {role}")


def warn_of_one_role(app_configs: object, **options: Any) -> list[checks.CheckMessage]:
    if has_two_roles():
        return []
    message = "The application owns its tables in PostgreSQL, so it can switch off what keeps its ledgers."
    hint = "Set DATABASE_OWNER_URL, and give DATABASE_URL a role of its own (docs/settings.md, Two database roles)."
    return [checks.Warning(message, hint=hint, id="moments.W001")]
