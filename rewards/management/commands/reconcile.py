from django.core.management.base import CommandError

from moments.commands import NowCommand
from rewards.reconcile import reconcile


class Command(NowCommand):
    help = "Compares counters, ledger and rewards. Exits with 1 where they differ."

    def act(self, *, now):
        found = reconcile(now=now)
        if found:
            raise CommandError("\n".join(str(discrepancy) for discrepancy in found))
        return "The books agree."
