import datetime as dt

from moments.commands import NowCommand
from redemption.providers.dispatch import sweep_fulfillment


class Command(NowCommand):
    help = "Asks providers for every order that is due, as the task of the same name does."

    def act(self, *, now: dt.datetime) -> str:
        return f"{sweep_fulfillment(now=now)} orders accepted by a provider."
