import datetime as dt

from moments.commands import NowCommand
from operations.retention import forget_old_data


class Command(NowCommand):
    help = "Forget what is kept of people only for a while."

    def act(self, *, now: dt.datetime) -> str:
        done = forget_old_data(now=now)
        return "Forgotten: " + ", ".join(f"{what} {number}" for what, number in done.items()) + "."
