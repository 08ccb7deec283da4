import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from moments import clock
from outbox.emails.bounces import MOST_BYTES, take_bounce

TRY_AGAIN = 75  # EX_TEMPFAIL: the mail server keeps the message and hands it over later


class Command(BaseCommand):
    help = "Reads a message that came back, as a mail server pipes it, and marks the address that was not reached."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", default="", help="the address it came to; without it, its headers say")

    def handle(self, *args: Any, **options: Any) -> None:
        raw = sys.stdin.buffer.read(MOST_BYTES)
        try:
            self.stdout.write(take_bounce(raw, to=options["to"], now=clock.now()))
        except DatabaseError as error:
            raise CommandError(f"The database does not answer: {error}", returncode=TRY_AGAIN) from error
