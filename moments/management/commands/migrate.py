"""Django's migrate, run as the owner of the tables, followed by grants for the application's role."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate

from moments.db import roles
from moments.db.first_migrations import Executor
from moments.installation.demo_guard import why_it_cannot_be_migrated

migrate.MigrationExecutor = Executor  # type: ignore[attr-defined]


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with roles.as_owner():
            if reason := why_it_cannot_be_migrated():
                raise CommandError(reason)
            super().handle(*args, **options)
            if roles.has_two_roles():
                roles.grant()
