import datetime as dt

from moments.commands import NowCommand
from outbox.webhooks.courier import deliver_due


class Command(NowCommand):
    help = "Delivers every webhook that is due, as the worker does all the time."

    def act(self, *, now: dt.datetime) -> str:
        return f"{deliver_due(now=now)} attempts made."
