from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from moments import clock
from moments.errors import RuleViolation
from moments.security.key_fingerprints import retire_key


class Command(BaseCommand):
    help = "No longer asks for a key at the start. What the key sealed or signed can never be read again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("fingerprint", help="its first 8 characters, as the refusal to start shows them")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            key = retire_key(options["fingerprint"], now=clock.now())
        except RuleViolation as refusal:
            raise CommandError(refusal.message) from None
        self.stdout.write(f"{key} is no longer needed to start.")
