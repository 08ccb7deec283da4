import datetime as dt

from moments.commands import NowCommand
from redemption.shipping.substitution import substitute_out_of_stock


class Command(NowCommand):
    help = "Offers equals for ordered items that are missing, as the task of the same name does."

    def act(self, *, now: dt.datetime) -> str:
        return f"{substitute_out_of_stock(now=now)} equals offered."
