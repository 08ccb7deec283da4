import datetime as dt

from moments.commands import NowCommand
from outbox.emails.delivery import deliver_due


class Command(NowCommand):
    help = "Sends every mail that is due, as the task of the same name does."

    def act(self, *, now: dt.datetime) -> str:
        return f"{deliver_due(now=now)} mails sent."
