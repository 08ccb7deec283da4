import datetime as dt

from moments.commands import NowCommand
from rewards.claims.service import close_due_windows, expire_due_rewards
from rewards.issuing.reminders import remind_before_expiry


class Command(NowCommand):
    help = "Expires rewards, closes campaigns' windows and reminds customers, as the tasks do."

    def act(self, *, now: dt.datetime) -> str:
        reminded = remind_before_expiry(now=now)
        expired, closed = expire_due_rewards(now=now), close_due_windows(now=now)
        return f"{expired} rewards expired, {closed} campaigns' windows closed, {reminded} reminders queued."
