"""What no path gets past: constraints and triggers under the code, states under every way to issue."""

import datetime as dt
import json
import random
import zoneinfo
from decimal import Decimal
from fractions import Fraction

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.urls import reverse

from campaigns.approval.expiry import expiry_instant
from campaigns.models import BudgetEntry, Campaign
from campaigns.setup.cpa import _suggestion
from catalog.models import Marketplace, Product
from moments.errors import RuleViolation
from rewards.issuing.preflight import preflight_reward
from rewards.issuing.service import issue_reward
from rewards.models import PointEntry, Reward
from tests import make

# Direct SQL


@pytest.fixture
def ordered(customer):
    """A campaign with one reward that was ordered with."""
    make.order(make.reward(make.campaign(), app_user_id="ada", idempotency_key="k"), by=customer)


COPY_REWARD = """
INSERT INTO rewards_reward SELECT (jsonb_populate_record(r, jsonb_build_object(
    'id', gen_random_uuid(), 'token_digest', repeat('a', 64)) || '{}'::jsonb)).* FROM rewards_reward r
"""
FORBIDDEN = {
    "past the total budget": "UPDATE campaigns_campaign SET total_spent_cents = total_budget_cents + 1",
    "below nothing": "UPDATE campaigns_campaign SET total_spent_cents = -1",
    "past the campaign's month": "UPDATE campaigns_campaignmonth SET spent_cents = limit_cents + 1",
    "past the organization's month": "UPDATE campaigns_organizationmonth SET spent_cents = limit_cents + 1",
    "a limit below what is spent": "UPDATE campaigns_campaignmonth SET limit_cents = spent_cents - 1",
    "a limit above the ceiling": "UPDATE campaigns_campaign SET monthly_limit_cents = monthly_ceiling_cents + 1",
    "a changed ledger": "UPDATE campaigns_budgetentry SET amount_cents = 0",
    "a shorter ledger": "DELETE FROM campaigns_budgetentry",
    "a changed stock ledger": "UPDATE catalog_stockmove SET units = 0",
    "a second entry for one reward": (
        "INSERT INTO campaigns_budgetentry "
        "(organization_id, campaign_id, moment_id, month, kind, amount_cents, reference, occurred_at) "
        "SELECT organization_id, campaign_id, moment_id, month, kind, amount_cents, reference, occurred_at "
        "FROM campaigns_budgetentry"
    ),
    "stock below nothing": "UPDATE catalog_product SET stock = -1",
    "a second reward for one key or one user": COPY_REWARD,
    "a second order with one reward": (
        "INSERT INTO redemption_order SELECT (jsonb_populate_record(o, jsonb_build_object("
        "'id', o.id + 1, 'number', 'AAAA-BBBB-CCCC'))).* FROM redemption_order o"
    ),
    "a claim by nobody": "UPDATE rewards_reward SET customer_id = NULL",
    "a negative charge": "UPDATE rewards_reward SET charge_cents = -1",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_database_refuses(ordered, what):
    with (
        pytest.raises(DatabaseError) as caught,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(FORBIDDEN[what])

    assert caught.value.__cause__.sqlstate in {"23000", "23505", "23514", "42501"}, caught.value


# Every state but live issues nothing, by any way there is


CODES = {
    "draft": "campaign_not_approved",
    "pending": "campaign_not_approved",
    "rejected": "campaign_not_approved",
    "suspended": "campaign_suspended",
    "finished": "campaign_finished",
}


def call_api(campaign: Campaign, client, name: str):
    moment, group = campaign.moments.get(), campaign.groups.get()
    body = {"appId": str(campaign.app_id), "campaignId": str(campaign.pk), "momentId": moment.key, "deviceType": "Web"}
    key = make.api_key(campaign.app)
    body["rewardGroupId"] = group.key
    return client.post(f"/prod/{name}", body, content_type="application/json", headers={"x-api-key": key})


@pytest.mark.parametrize("status", CODES)
def test_only_a_live_campaign_issues(client, now, status):
    owner = make.member()
    campaign = make.campaign(status, of=owner)
    client.force_login(owner.user)

    for name in ("GetReward", "GetRewardInfo"):
        assert call_api(campaign, client, name).json()["errorCode"] == CODES[status]
    form = {"email": "kim@example.com", "moment": campaign.moments.get().pk, "group": campaign.groups.get().pk}
    client.post(reverse("console:rewards:send", args=[campaign.pk]), form)
    for act in (issue_reward, lambda ask: preflight_reward(ask, now=now)):
        for source in Reward.Source.values:
            with pytest.raises(RuleViolation) as caught:
                act(make.ask(campaign, source=source))
            assert caught.value.code == CODES[status]

    assert not Reward.objects.exists() and not BudgetEntry.objects.exists() and not PointEntry.objects.exists()


def test_an_approved_one_shows_its_preview_and_issues_nothing(client, db):
    campaign = make.campaign("approved")

    urls = {call_api(campaign, client, "GetReward").json()["rewardNotificationUrl"] for _time in range(3)}

    assert len(urls) == 1 and not Reward.objects.exists()


def test_a_key_is_kept_for_ever(db):
    campaign = make.campaign(days=(-1, 30))
    ask = make.ask(campaign, idempotency_key="k-1", fingerprint="f")
    first = issue_reward(ask)

    for years in (1, 10):
        again = issue_reward(ask, shift=dt.timedelta(days=366 * years))
        assert (again.outcome, again.url, again.charge_cents) == ("replay", first.url, first.charge_cents)
    with pytest.raises(RuleViolation) as caught:
        issue_reward(make.ask(campaign, idempotency_key="k-1", fingerprint="g"), shift=dt.timedelta(days=366))
    assert caught.value.code == "idempotency_key_reused"


# Money and time


def test_ten_thousand_prices_and_taxes_cost_what_exact_fractions_say(db, numbers):
    seed = random.SystemRandom().randrange(1_000_000)
    plan, store = random.Random(seed), Marketplace.objects.get(code="US")
    book = Product(kind=Product.Kind.DIGITAL, marketplace=store)

    for _number in range(10_000):
        price, tax = plan.randrange(1, 500_000), Decimal(plan.randrange(0, 300_000)).scaleb(-6)
        exact = price * (1 + Fraction(tax))
        expected = int(exact + Fraction(1, 2))  # half up, for what is positive
        assert _suggestion(book, price, store, tax, Decimal(1)).usd_cents == expected, (seed, price, tax)
    numbers("prices and taxes against exact fractions", seed=seed, pairs=10_000, differences=0)


def test_no_column_and_no_answer_holds_a_binary_float(client, campaign):
    fields = [field for model in apps.get_models() for field in model._meta.concrete_fields]
    assert not [field for field in fields if isinstance(field, models.FloatField)]

    def refuse(text: str):
        raise AssertionError(text)

    for name in ("GetReward", "GetRewardInfo"):
        json.loads(call_api(campaign, client, name).content, parse_float=refuse)


@pytest.mark.slow
def test_at_every_change_of_clocks_the_thirtieth_day_ends_when_the_next_begins():
    """For ends at midnight and beside it around each change of a year, in every zone."""
    checked = 0
    for name in sorted(zoneinfo.available_timezones()):
        zone = zoneinfo.ZoneInfo(name)
        for day in changes(zone, 2027):
            for hours in (-30 * 24, -30 * 24 - 1, -31 * 24, 0, 24, 12):
                ends_at = dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC) + dt.timedelta(hours=hours)
                last = (ends_at - dt.timedelta(microseconds=1)).astimezone(zone).date()
                expires = expiry_instant(ends_at, name)
                assert expires.astimezone(zone).date() == last + dt.timedelta(days=31), (name, ends_at)
                before = (expires - dt.timedelta(microseconds=1)).astimezone(zone).date()
                assert before == last + dt.timedelta(days=30), (name, ends_at)
                checked += 1
    assert checked > 1000


def changes(zone: zoneinfo.ZoneInfo, year: int) -> list[dt.date]:
    days = [dt.datetime(year, 1, 1, 12, tzinfo=zone) + dt.timedelta(days=number) for number in range(366)]
    return [day.date() for day, after in zip(days, days[1:], strict=False) if day.utcoffset() != after.utcoffset()]
