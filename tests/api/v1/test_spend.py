"""Spend over HTTP."""

import datetime as dt

import pytest

from accounts.models import ApiKey
from campaigns.models import Campaign
from rewards.issuing.voiding import void_reward
from rewards.models import DailyRewardTotals
from tests import make


@pytest.fixture
def issued(campaign, now):
    """Two rewards of one campaign, one of them voided, and one of another, yesterday."""
    other = make.campaign(of=campaign.organization.members.get(), cpa_cents=3000)
    void_reward([make.reward(campaign) for _time in range(2)][0], now=now)
    make.reward(other)
    Campaign.objects.filter(pk=other.pk).update(app=campaign.app)
    yesterday = now.astimezone(dt.UTC).date() - dt.timedelta(days=1)
    DailyRewardTotals.objects.filter(campaign=other).update(day=yesterday)
    return campaign, other, yesterday


def test_spend_by_day_has_every_day(call, issued):
    _campaign, _other, yesterday = issued
    today = yesterday + dt.timedelta(days=1)

    answer = call("spend").json()

    assert (answer["to"], answer["from"]) == (str(today), str(today - dt.timedelta(days=29)))
    assert (answer["by"], answer["currency"], answer["actions"], answer["charge"]) == ("day", "USD", 3, "85.00")
    assert [row["day"] for row in answer["data"]] == [str(today - dt.timedelta(days=29 - n)) for n in range(30)]
    assert [(row["actions"], row["charge"]) for row in answer["data"][-3:]] == [(0, "0.00"), (1, "30.00"), (2, "55.00")]


def test_spend_by_campaign_and_by_moment(call, issued):
    campaign, other, yesterday = issued

    of_campaigns = call("spend?by=campaign").json()["data"]
    of_moments = call(f"spend?by=moment&from={yesterday}&to={yesterday}").json()

    assert [(row["campaign"], row["moment"], row["actions"], row["charge"]) for row in of_campaigns] == [
        (str(campaign.pk), None, 2, "55.00"),
        (str(other.pk), None, 1, "30.00"),
    ]
    assert of_moments["charge"] == "30.00"
    assert of_moments["data"] == [
        {
            "day": None,
            "campaign": str(other.pk),
            "moment": other.moments.get().key,
            "actions": 1,
            "charge": "30.00",
        }
    ]


def test_others_and_test_keys_see_no_spend(call, issued):
    campaign, _other, _yesterday = issued
    member = campaign.organization.members.get()

    for key in (make.api_key(campaign.app, ApiKey.Mode.TEST), make.api_key(make.app(member)), make.api_key(make.app())):
        answer = call("spend?by=campaign", key=key).json()
        assert (answer["actions"], answer["charge"], answer["data"]) == (0, "0.00", [])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=2026-05-02&to=2026-05-01", 400),
        ("from=2024-01-01&to=2026-05-01", 400),
        ("to=0001-01-01&from=0001-01-01", 200),
        ("to=0001-01-05", 200),
        ("from=9999-12-31", 200),
        ("from=2026-02-30", 400),
        ("from=0", 422),
        ("from=", 422),
        ("by=customer", 422),
    ],
)
def test_dates_that_cannot_be_meant_are_refused(call, campaign, query, status):
    answer = call(f"spend?{query}")

    assert answer.status_code == status
    assert status == 200 or answer.json()["code"] == "invalid_request"
