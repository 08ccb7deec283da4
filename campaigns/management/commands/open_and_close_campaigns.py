import datetime as dt

from campaigns.approval.transitions import finish_due_campaigns, open_due_campaigns
from campaigns.budget.budget_alerts import send_budget_alerts
from moments.commands import NowCommand


class Command(NowCommand):
    help = "Opens and finishes campaigns whose time has come, as the task of the same name does."

    def act(self, *, now: dt.datetime) -> str:
        opened, finished = open_due_campaigns(now=now), finish_due_campaigns(now=now)
        send_budget_alerts(now=now)
        return f"{opened} campaigns went live, {finished} finished."
