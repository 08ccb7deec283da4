#!/usr/bin/env python
"""Django's command line. In a checkout where `make run` is up it finds the embedded servers by itself."""

import os
import sys


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moments.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db.utils import OperationalError, ProgrammingError

    try:
        execute_from_command_line(sys.argv)
    except (OperationalError, ProgrammingError, ImproperlyConfigured) as error:
        if "--traceback" in sys.argv or not (reason := why(error)):
            raise
        sys.stderr.write(f"{reason}\n")
        return 1
    return 0


def why(error: Exception) -> str:
    """In a sentence what has to be done first; "" for what is an error of ours."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db.utils import OperationalError
    from psycopg.errors import UndefinedColumn, UndefinedTable

    if isinstance(error, ImproperlyConfigured):
        return str(error)
    if isinstance(error, OperationalError):
        return f"No PostgreSQL answers ({str(error).strip().splitlines()[0]}). Start `make run`, or set DATABASE_URL."
    if isinstance(error.__cause__, UndefinedTable | UndefinedColumn):
        return "The database has not been migrated. Start `make run`, or run `manage.py migrate`."
    return ""


if __name__ == "__main__":
    sys.exit(main())
