"""Every page of the console over very many rewards: as small and, against an organization of few, nearly as quick; and
their books."""

import statistics
import time

import pytest
from django.urls import reverse

from campaigns.billing.statements import close_months
from rewards.ledger.reconciliation import find_discrepancies
from rewards.models import Reward
from tests.harness.million import organization_with
from tests.harness.numbers import FULL, size

FEW, MANY = size(20, 200), size(2_000, 1_000_000)
ROUNDS = size(1, 7)
MOST = 0.150  # seconds of server time; what takes longer must not come of how many there are:
TIMES = 2  # as long as among few
pytestmark = [pytest.mark.timeout(1800), pytest.mark.django_db]


def pages_of(owner, campaigns) -> list[str]:
    campaign, slug = campaigns[0], "{:%Y-%m}"
    reward = Reward.objects.filter(campaign=campaign).order_by("issued_at").first()
    month = owner.organization.statements.order_by("month").first().month
    of_campaign = [
        "console:campaigns:detail",
        "console:campaigns:history",
        "console:campaigns:compare",
        "console:campaigns:budget",
        "console:rewards:campaign",
    ]
    of_campaign += [
        "console:developers:test",
        "console:rewards:send",
        "console:rewards:uploads",
        "console:reports:compare",
    ]
    plain = [
        "console:home",
        "console:campaigns:list",
        "console:rewards:list",
        "console:reports:report",
        "console:limits:list",
    ]
    plain += [
        "console:billing:list",
        "console:audit:log",
        "console:catalog:list",
        "console:developers:apps",
        "console:team:list",
    ]
    plain += [
        "console:points:list",
        "console:support:list",
        "accounts:security",
        "console:help:index",
        "console:developers:reference",
    ]
    every = reverse("console:rewards:list")
    return [
        *(reverse(name) for name in plain),
        *(reverse(name, args=[campaign.pk]) for name in of_campaign),
        reverse("console:billing:statement", args=[slug.format(month)]),
        reverse("console:billing:statement_csv", args=[slug.format(month)]),
        reverse("console:billing:statement_pdf", args=[slug.format(month)]),
        reverse("console:rewards:detail", args=[reward.pk]),
        *(f"{every}?{query}" for query in ("state=voided", "state=window_closed", "state=issued", "source=csv")),
        *(f"{every}?{query}" for query in (f"q={reward.app_user_id}", f"q={reward.pk}", f"after={reward.pk}")),
        f"{every}?campaign={campaign.pk}&since=2020-01-01",
        *(f"{reverse('console:reports:report')}?by={by}&since=2026-01-01" for by in ("campaign", "moment", "device")),
        reverse("console:developers:app", args=[campaign.app_id]),
        *(reverse("console:developers:reference_group", args=[group]) for group in ("rewards", "points")),
    ]


def seconds(client, path: str) -> tuple[float, int]:
    """The median of a few, and how much is sent."""
    took = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        answer = client.get(path)
        took.append(time.perf_counter() - began)
        assert answer.status_code == 200, path
    return statistics.median(took), len(answer.getvalue())


def test_pages_over_very_many_rewards(client, now, numbers):
    few, some = organization_with(FEW, campaigns=20, days=360, now=now)
    many, campaigns = organization_with(MANY, campaigns=20, days=360, now=now)
    close_months(now=now)

    rows = []
    for one, other in zip(pages_of(few, some), pages_of(many, campaigns), strict=True):
        client.force_login(few.user)
        short, _small = seconds(client, one)
        client.force_login(many.user)
        long, sent = seconds(client, other)
        rows.append((long, long / short, sent, other.replace(str(campaigns[0].pk), "…")))

    began = time.perf_counter()
    assert find_discrepancies() == []
    numbers("books checked", rewards=MANY, seconds=round(time.perf_counter() - began, 2))
    slowest, steepest, largest = max(rows), max(rows, key=lambda row: row[1]), max(rows, key=lambda row: row[2])
    numbers("slowest page", rewards=MANY, ms=round(slowest[0] * 1000), times_few=round(slowest[1], 1), path=slowest[3])
    numbers("steepest page", rewards=MANY, ms=round(steepest[0] * 1000), times=round(steepest[1], 1), path=steepest[3])
    numbers("largest page", rewards=MANY, bytes=largest[2], path=largest[3])
    heavy = [row for row in rows if row[2] >= 100_000 and not row[3].endswith(".pdf")]
    assert heavy == []
    slow = [row for row in rows if row[0] > MOST and row[1] > TIMES]
    assert not (FULL and slow), slow
