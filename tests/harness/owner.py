"""The owner of the tables, for what only it may do.

Tests run as the application's role, so that a missing grant shows.
"""

import contextlib
from collections.abc import Iterator

from django.db import connection
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
