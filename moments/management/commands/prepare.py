"""Steps before the first request, in one process: migrations, static files, translations and demo data."""

import hashlib
import pathlib
import time
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from moments import clock
from moments.db import roles
from moments.errors import RuleViolation
from moments.i18n.message_catalogs import compile_changed
from moments.installation.demo_guard import mark_live, why_it_may_not_start
from moments.security.key_fingerprints import record_keys
from moments.web import health

MIGRATION_ATTEMPTS = 40


class Command(BaseCommand):
    help = "Migrates, gathers static files, compiles translations and loads the demo; skips what has not changed since."

    def handle(self, *args: Any, **options: Any) -> None:
        with roles.as_owner():  # the application's role may not exist yet
            if reason := why_it_may_not_start():
                raise CommandError(reason)
            if health.missing_migrations() or (roles.has_two_roles() and not roles.is_granted()):
                self.migrate()
        try:
            record_keys(now=clock.now())
        except RuleViolation as refusal:
            raise CommandError(refusal.message) from None
        if not settings.DEMO:
            mark_live(now=clock.now())
        self.gather_static_files()
        compile_changed()
        if settings.DEMO and "demo" in get_commands():
            call_command("demo")

    def migrate(self) -> None:
        """Migrate with a short lock timeout and retries, because a migration that waits for a busy table blocks all
        other queries behind it.
        """
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '500ms'")
        for attempts_left in reversed(range(MIGRATION_ATTEMPTS)):
            try:
                call_command("migrate", verbosity=0)
                return
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable) or not attempts_left:
                    raise
            time.sleep(1)

    def gather_static_files(self) -> None:
        """Collect static files without deleting old ones, which pages served before a reload still use."""
        mark = pathlib.Path(settings.STATIC_ROOT) / ".made-from"
        now = fingerprint_of(settings.BASE_DIR / "static", settings.BASE_DIR / "requirements.txt")
        if not mark.exists() or mark.read_text() != now:
            call_command("collectstatic", verbosity=0, interactive=False)
            mark.write_text(now)


def fingerprint_of(*roots: pathlib.Path) -> str:
    """Return a digest that changes when a file below ``roots`` changes."""
    found = hashlib.sha256()
    for root in roots:
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file():
                found.update(f"{path}:{path.stat().st_size}:{path.stat().st_mtime_ns}\n".encode())
    return found.hexdigest()
