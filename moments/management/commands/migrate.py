"""Django's, as the owner of the tables; then the application's role is granted what it needs."""

from django.core.management.commands import migrate

from moments.db import roles


class Command(migrate.Command):
    def handle(self, *args, **options):
        with roles.as_owner():
            super().handle(*args, **options)
            if roles.has_two_roles():
                roles.grant()
