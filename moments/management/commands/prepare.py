"""Everything between started servers and the first page, in one process: migrate, static files, demo data."""

import hashlib
import pathlib

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand

from moments import health


class Command(BaseCommand):
    help = "Migrates, gathers static files and loads the demo; skips what has not changed since."

    def handle(self, *args, **options):
        if health.missing_migrations():
            call_command("migrate", verbosity=0)
        self.gather_static_files()
        if settings.DEMO and "demo" in get_commands():
            call_command("demo")

    def gather_static_files(self):
        mark = pathlib.Path(settings.STATIC_ROOT) / ".made-from"
        now = fingerprint_of(settings.BASE_DIR / "static", settings.BASE_DIR / "requirements.txt")
        if not mark.exists() or mark.read_text() != now:
            call_command("collectstatic", verbosity=0, interactive=False, clear=True)
            mark.write_text(now)


def fingerprint_of(*roots: pathlib.Path) -> str:
    """Changes when a file below ``roots`` does."""
    found = hashlib.sha256()
    for root in roots:
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file():
                found.update(f"{path}:{path.stat().st_size}:{path.stat().st_mtime_ns}\n".encode())
    return found.hexdigest()
