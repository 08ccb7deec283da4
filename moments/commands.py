"""Helpers for management commands."""

import argparse
import datetime as dt
import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from moments import clock


class NowCommand(BaseCommand):
    """A command that does the same as a task, optionally for another time (``--now``)."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--now", metavar="ISO", help="act as if it were this instant, such as 2026-12-31T23:59:59Z")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(self.act(now=instant(options["now"]) if options["now"] else clock.now()))

    def act(self, *, now: dt.datetime) -> str:
        """Run the command and return a sentence about the result."""
        raise NotImplementedError


def whole_number(text: str) -> int:
    """Parse a ``type=`` argument of ASCII digits only; ``int`` would accept “1_0” and digits of any script."""
    if not re.fullmatch("[0-9]{1,9}", text):
        raise argparse.ArgumentTypeError(f"“{text}” is not a whole number; write it like 100.")
    return int(text)


def instant(text: str) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text} is not an instant; write it like 2026-12-31T23:59:59Z.") from None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
