#!/usr/bin/env python
"""Django's command line. In a checkout where `make run` is up it finds the embedded servers by itself."""

import os
import sys


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moments.settings")
    from django.core.management import execute_from_command_line
    from django.db.utils import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        if "--traceback" in sys.argv:
            raise
        reason = str(error).strip().splitlines()[0]
        sys.stderr.write(f"No PostgreSQL answers ({reason}). Start `make run`, or set DATABASE_URL.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
