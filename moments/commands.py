"""What management commands share."""

import argparse
import datetime as dt
import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from moments import clock


class NowCommand(BaseCommand):
    """A command that does what a task does, at an instant that can be given."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--now", metavar="ISO", help="act as if it were this instant, such as 2026-12-31T23:59:59Z")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(self.act(now=instant(options["now"]) if options["now"] else clock.now()))

    def act(self, *, now: dt.datetime) -> str:
        """Do it; the sentence that says what was done."""
        raise NotImplementedError


def whole_number(text: str) -> int:
    """For ``type=``: of digits 0 to 9 alone, where ``int`` takes “1_0” and the digits of every script."""
    if not re.fullmatch("[0-9]{1,9}", text):
        raise argparse.ArgumentTypeError(f"“{text}” is not a whole number; write it like 100.")
    return int(text)


def instant(text: str) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text} is not an instant; write it like 2026-12-31T23:59:59Z.") from None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
