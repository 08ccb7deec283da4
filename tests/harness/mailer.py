"""Rewards that are mailed, claimed and ordered with, inside a running Moments.

``python -m tests.harness.mailer COUNT`` does COUNT of each over 4 threads, and prints how many mails that queued.
"""

import contextlib
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace


def main(count: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moments.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.db import OperationalError, connections

    from moments import clock
    from outbox.models import Mail
    from redemption.checkout.place_order import place_order
    from rewards.claims.service import claim_reward
    from rewards.issuing.service import issue_and_mail
    from rewards.models import Reward
    from tests import make

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    product = make.product(100, stock_units=count, kind="digital")
    campaign = make.campaign(products=[product], cpa_cents=110, brake_is_on=False)

    def issue(ask, email: str):
        """Again, where others held the counters for longer than a caller waits: then nothing was done."""
        for _attempt in range(20):
            with contextlib.suppress(OperationalError):
                return issue_and_mail(ask, to_email=email, now=clock.now())
        raise TimeoutError(email)

    def one(number: int) -> None:
        customer = make.customer()
        ask = make.ask(campaign, app_user_id=f"user-{number}")
        issued = issue(ask, f"user-{number}@example.com")
        reward = Reward.objects.select_related("campaign", "group__marketplace").get(pk=issued.reward_id)
        claim_reward(reward, customer=customer, now=clock.now())
        home = replace(make.PORTLAND, street=f"{number} Harbor Street")
        place_order(reward, customer=customer, product=product, address=home, now=clock.now())

    def share(begin: int) -> None:
        for number in range(begin, count, 4):
            one(number)
        connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(share, range(4)))
    kinds = Mail.objects.filter(kind__in=["reward_issued", "order_confirmed"])
    sys.stdout.write(json.dumps({"mails": kinds.count(), "campaign": str(campaign.pk)}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
