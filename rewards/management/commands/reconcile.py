import datetime as dt

from django.core.management.base import CommandError

from moments.commands import NowCommand
from moments.security.key_fingerprints import key_problems
from rewards.ledger.reconciliation import reconcile


class Command(NowCommand):
    help = "Compares counters, ledger and rewards. Exits with 1 where they differ."

    def act(self, *, now: dt.datetime) -> str:
        found = [*map(str, reconcile(now=now)), *key_problems()]
        if found:
            raise CommandError("\n".join(found))
        return "The books agree."
