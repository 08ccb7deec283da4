"""The owner of the tables, for what only it may do.

Tests run as the application's role, so that a missing grant shows.
"""

import contextlib
from collections.abc import Iterator

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.backends.postgresql.creation import DatabaseCreation
from django.db.backends.postgresql.operations import DatabaseOperations

from moments.devserver.embedded import APP

AS_APP = f"-c role={APP}"
OWNER = "SET {local} ROLE NONE"
UNGUARDED = "SET {local} session_replication_role = replica"  # triggers keep ledgers from being truncated, by anybody


@contextlib.contextmanager
def owner(*, is_guarded: bool = True) -> Iterator:
    """A cursor. What is created by it belongs to the owner."""
    with connection.cursor() as cursor:
        cursor.execute(OWNER.format(local=""))
        if not is_guarded:
            cursor.execute(UNGUARDED.format(local=""))
        try:
            yield cursor
        finally:
            cursor.execute("SET session_replication_role = origin")
            cursor.execute(f"SET ROLE {APP}")


class Flushing(DatabaseOperations):
    """Empties the tables between two tests that commit.

    Few tables have rows. Deleting those takes far less time than truncating all, which makes new files for each.
    """

    def sql_flush(self, style, tables, **_options) -> list[str]:
        names = [self.quote_name(table) for table in tables]
        lines = [f"IF EXISTS (SELECT FROM {name}) THEN DELETE FROM {name}; END IF;" for name in names]
        return [f"DO $$ BEGIN {' '.join(lines)} END $$"] if lines else []

    def execute_sql_flush(self, sql_list: list[str]) -> None:
        local = [line.format(local="LOCAL") for line in (OWNER, UNGUARDED)]
        super().execute_sql_flush([*local, *sql_list])


class Restoring(DatabaseCreation):
    """Puts back what migrations have written, row by row as PostgreSQL has them, not one object after the other."""

    def serialize_db_to_string(self) -> str:
        statements = []
        with self.connection.cursor() as cursor:
            for table in tables_with_models():
                cursor.execute(f"SELECT quote_literal(jsonb_agg(each)) FROM {table} AS each")
                if rows := cursor.fetchone()[0]:
                    statements.append(
                        f"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, {rows})"
                    )
        return ";\n".join(statements)

    def deserialize_db_from_string(self, data: str) -> None:
        statements = self.connection.ops.sql_flush(no_style(), connection.introspection.django_table_names())
        with transaction.atomic(), self.connection.cursor() as cursor:
            for line in (OWNER, UNGUARDED):
                cursor.execute(line.format(local="LOCAL"))
            for statement in [*statements, data]:
                cursor.execute(statement)


def tables_with_models() -> list[str]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return [connection.ops.quote_name(name) for name in names]
