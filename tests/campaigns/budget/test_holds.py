"""Campaigns that wait for a person: the brake, the books, and who may release what."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from campaigns.budget.holds import Held, hold_campaign, release_brake, release_campaign
from campaigns.budget.limits import set_brake, set_campaign_ceiling, set_organization_limit
from campaigns.budget.runaway_brake import brake_runaways
from campaigns.models import BudgetEntry, Campaign, CampaignMonth, OrganizationLimitChange
from moments.errors import RuleViolation
from outbox.models import Event, Mail
from rewards.issuing.preflight import preflight_reward
from rewards.issuing.service import issue_reward
from tests import make
from tests.harness.owner import owner

MINUTE = dt.timedelta(minutes=1)


def entries(campaign: Campaign, count: int, *, at: dt.datetime) -> None:
    """So many issues, as the ledger remembers them."""
    start = BudgetEntry.objects.count()
    BudgetEntry.objects.bulk_create(
        BudgetEntry(
            organization_id=campaign.organization_id,
            campaign=campaign,
            month=at.date().replace(day=1),
            amount_cents=0,
            kind=BudgetEntry.Kind.REWARD,
            reference=f"reward:made-{start + number}",
            occurred_at=at,
        )
        for number in range(count)
    )


def test_a_held_campaign_issues_nothing_and_says_so(campaign, now):
    assert hold_campaign(campaign, because=Held.BOOKS, why="Look.", now=now)
    assert not hold_campaign(campaign, because=Held.BRAKE, why="Again.", now=now)

    for act in (issue_reward, lambda ask: preflight_reward(ask, now=now)):
        with pytest.raises(RuleViolation) as caught:
            act(make.ask(campaign))
        assert caught.value.code == "held_for_review"
    assert not BudgetEntry.objects.exists()
    assert campaign.held_because == Held.BOOKS
    assert Event.objects.filter(type="campaign.held").count() == 1
    assert Mail.objects.filter(kind="campaign_held").count() == 1
    assert Mail.objects.filter(kind="plain", subject__startswith="Held for review").count() == 1


def test_a_repeat_is_answered_also_while_it_is_held(campaign, now):
    ask = make.ask(campaign, idempotency_key="k-1", fingerprint="f")
    first = issue_reward(ask)
    hold_campaign(campaign, because=Held.BRAKE, why="Look.", now=now)

    assert issue_reward(ask).url == first.url


def test_only_a_person_with_a_reason_releases_it(campaign, now):
    hold_campaign(campaign, because=Held.BOOKS, why="Look.", now=now)
    operator = make.operator()

    with pytest.raises(RuleViolation) as caught:
        release_campaign(campaign, why="  ", by=operator, now=now)
    assert caught.value.code == "no_reason"
    with pytest.raises(RuleViolation):
        release_brake(campaign, by=campaign.created_by, now=now)
    release_campaign(campaign, why="A counter was off; recounted.", by=operator, now=now)

    assert issue_reward(make.ask(campaign)).outcome == "issued"
    assert campaign.history.first().reason == "A counter was off; recounted."
    assert Mail.objects.filter(kind="campaign_released").count() == 1
    with pytest.raises(RuleViolation) as caught:
        release_campaign(campaign, why="Again.", by=operator, now=now)
    assert caught.value.code == "not_held"


def test_the_database_knows_no_hold_without_a_cause(campaign):
    with pytest.raises(IntegrityError), transaction.atomic():
        Campaign.objects.filter(pk=campaign.pk).update(held_because="brake")


# The brake: more in 5 minutes than the larger of the floor (200) and 5 × the mean of the day before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("recent", "before", "floor", "is_held"),
    [
        (200, 0, 200, False),
        (201, 0, 200, True),
        (300, 60 * 288, 200, False),
        (301, 60 * 288, 200, True),
        (21, 0, 20, True),
        (100, 0, 200, False),
    ],
)
def test_the_brake_takes_hold_above_the_floor_and_five_times_the_mean(campaign, now, recent, before, floor, is_held):
    set_brake(campaign, is_on=True, floor=floor, why="a test", by=make.operator(), now=now)
    entries(campaign, recent, at=now - MINUTE)
    entries(campaign, before, at=now - 600 * MINUTE)

    assert brake_runaways(now=now) == is_held

    campaign.refresh_from_db()
    assert (campaign.held_because == Held.BRAKE) == is_held


def test_what_was_issued_longer_ago_or_is_no_reward_does_not_count(campaign, now):
    entries(campaign, 201, at=now - 6 * MINUTE)
    assert brake_runaways(now=now) == 0

    BudgetEntry.objects.create(
        organization_id=campaign.organization_id,
        campaign=campaign,
        month=now.date().replace(day=1),
        amount_cents=0,
        kind="volume",
        reference="volume:1",
        occurred_at=now,
    )
    entries(campaign, 200, at=now - MINUTE)
    assert brake_runaways(now=now) == 0


def test_where_the_brake_is_off_nothing_is_held(campaign, now):
    set_brake(campaign, is_on=False, floor=1, why="A launch.", by=make.operator(), now=now)
    entries(campaign, 500, at=now)

    assert brake_runaways(now=now) == 0


def test_the_developer_releases_what_the_brake_stopped_and_it_counts_afresh(campaign, now):
    entries(campaign, 201, at=now - MINUTE)
    brake_runaways(now=now)
    campaign.refresh_from_db()

    release_brake(campaign, by=campaign.created_by, now=now)

    assert brake_runaways(now=now) == 0
    entries(campaign, 201, at=now + MINUTE)
    assert brake_runaways(now=now + MINUTE) == 1


def test_the_console_shows_the_hold_and_editors_release_it(client, now):
    owner, campaign = make.member(), None
    campaign = make.campaign(of=owner)
    hold_campaign(campaign, because=Held.BRAKE, why="201 in 5 minutes.", now=now)
    page, act = (
        reverse("console:campaigns:detail", args=[campaign.pk]),
        reverse("console:campaigns:act", args=[campaign.pk, "release"]),
    )
    client.force_login(make.member("analyst", organization=owner.organization).user)
    assert client.post(act).status_code == 403 and b"Held for review." in client.get(page).content
    assert " held</span>" in client.get(reverse("console:campaigns:list")).text

    client.force_login(owner.user)
    assert b"issuing as fast as your server asks" in client.get(act).content
    assert client.post(act).status_code == 302

    campaign.refresh_from_db()
    assert campaign.held_at is None
    assert b"Held for review." not in client.get(page).content


def test_the_console_does_not_release_what_the_books_hold(client, now):
    owner = make.member()
    campaign = make.campaign(of=owner)
    hold_campaign(campaign, because=Held.BOOKS, why="1 counted.", now=now)
    client.force_login(owner.user)

    answer = client.post(reverse("console:campaigns:act", args=[campaign.pk, "release"]), follow=True)

    campaign.refresh_from_db()
    assert campaign.held_at and b"mail you when it goes on" in answer.content
    assert b">Release<" not in answer.content


# What operators allow


def test_a_ceiling_that_comes_down_takes_the_limit_with_it_but_not_below_what_is_spent(campaign, now):
    operator = make.operator()
    issue_reward(make.ask(campaign))

    with pytest.raises(RuleViolation) as caught:
        set_campaign_ceiling(campaign, ceiling_cents=2_749, why="Too much.", by=operator, now=now)
    assert (caught.value.code, caught.value.field) == ("limit_too_low", "ceiling_cents")
    set_campaign_ceiling(campaign, ceiling_cents=2_750, why="Too much.", by=operator, now=now)

    assert (campaign.monthly_ceiling_cents, campaign.monthly_limit_cents) == (2_750, 2_750)
    assert CampaignMonth.objects.get(campaign=campaign).limit_cents == 2_750
    assert campaign.history.first().reason.endswith("Too much.")
    with pytest.raises(RuleViolation) as caught:
        issue_reward(make.ask(campaign))
    assert caught.value.code == "campaign_month_cap_reached"


def test_an_organizations_limit_moves_with_a_reason_that_cannot_be_rewritten(campaign, now):
    operator, organization = make.operator(), campaign.organization
    issue_reward(make.ask(campaign))

    with pytest.raises(RuleViolation) as caught:
        set_organization_limit(organization, limit_cents=9_000_000, why="", by=operator, now=now)
    assert caught.value.code == "no_reason"
    with pytest.raises(RuleViolation) as caught:
        set_organization_limit(organization, limit_cents=2_749, why="Less.", by=operator, now=now)
    assert caught.value.code == "limit_too_low"
    set_organization_limit(organization, limit_cents=2_000_000, why="A good year.", by=operator, now=now)

    change = OrganizationLimitChange.objects.get()
    assert (change.before_cents, change.after_cents, change.actor) == (1_500_000, 2_000_000, operator)
    with owner() as cursor, pytest.raises(Exception, match="append-only"), transaction.atomic():
        cursor.execute("UPDATE campaigns_organizationlimitchange SET reason = 'x'")
