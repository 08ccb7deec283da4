"""Automatic exchanges: made with the event that earns them, delivered and listed, never for old balances."""

import datetime as dt
import json

import pytest
from django.urls import reverse

from campaigns.approval.transitions import resume, take_down
from moments.errors import RuleViolation
from outbox.models import Event, Mail
from rewards.issuing.service import reward_link
from rewards.ledger.reconciliation import reconcile
from rewards.models import PointAccount, PointEntry, PointEvent, PointExchange, Reward, StuckExchange
from rewards.points.automatic import dismiss_stuck_exchange, retry_stuck_exchange
from rewards.points.events import EventRequest, record_event
from rewards.points.exchanges import exchange_points
from rewards.points.settlement import settle_due
from rewards.points.setup.programs import create_program, leave_app
from rewards.points.setup.rule_editor import add_rule
from rewards.points.setup.tiers import add_tier
from tests import make


@pytest.fixture
def member(campaign):
    return campaign.organization.members.get()


@pytest.fixture
def other_app(member):
    """Sorts before the campaign's app, and its events cause nothing here."""
    return make.app(member, name="AAA")


@pytest.fixture
def program(campaign, member, other_app, now):
    apps = [other_app, campaign.app]
    made = create_program(member, name="Stars", time_zone="UTC", apps=apps, now=now - dt.timedelta(days=9))
    add_rule(made, action="level", points_per_event=60, now=now)
    add_rule(made, action="buy", points_per_quantity=1, now=now)
    return made


@pytest.fixture
def tier(program, campaign, now):
    return automatic(program, campaign, 100, now)


def automatic(program, campaign, points, now):
    return add_tier(program, points=points, group=campaign.groups.get(), is_automatic=True, now=now)


def tell(app, event_id, now, **fields):
    values = {"app_user_id": "ada", "action": "level", **fields}
    return record_event(app, EventRequest(event_id, **values), now=now)


def test_an_event_that_reaches_a_tier_answers_with_the_reward_also_when_it_is_repeated(campaign, tier, now):
    first, second = tell(campaign.app, "e1", now), tell(campaign.app, "e2", now)

    assert first.exchanged == ()
    assert len(second.exchanged) == 1 and second.available == 20
    again = tell(campaign.app, "e2", now)
    assert again.is_replay and again.exchanged[0].url == second.exchanged[0].url
    assert reconcile(now=now) == []


def test_an_exchange_is_booked_under_the_app_whose_event_caused_it(campaign, tier, other_app, now):
    for number in range(2):
        tell(campaign.app, f"e{number}", now)

    exchange = PointExchange.objects.get()
    assert (exchange.app, exchange.is_automatic, exchange.event.event_id) == (campaign.app, True, "e1")


def test_every_exchange_is_an_event_for_the_organization(campaign, program, tier, now):
    on_request = add_tier(program, points=10, group=campaign.groups.get(), is_automatic=False, now=now)
    for number in range(2):
        tell(campaign.app, f"e{number}", now)
    exchange_points(campaign.app, app_user_id="ada", tier=on_request, idempotency_key="x", now=now)

    text = list(Event.objects.filter(type="points.exchanged").order_by("id").values_list("payload", flat=True))
    rewards = PointExchange.objects.order_by("id").values_list("reward_id", flat=True)
    assert [payload["reward"] for payload in text] == [str(pk) for pk in rewards]
    assert {payload["user"] for payload in text} == {"ada"}
    assert not any("/r/" in json.dumps(payload) for payload in text)


def test_a_crash_while_exchanging_loses_neither_points_nor_reward(campaign, tier, now, monkeypatch):
    """Control: with the exchange after the commit of the credit, the points would be there and the reward would not."""
    tell(campaign.app, "e1", now)

    def dies(*args, **kwargs):
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr("rewards.points.events.exchange_automatically", dies)
        with pytest.raises(SystemExit):
            tell(campaign.app, "e2", now)
    assert PointEvent.objects.count() == PointEntry.objects.count() == 1

    retried = tell(campaign.app, "e2", now)

    assert not retried.is_replay and len(retried.exchanged) == 1 and retried.available == 20


def test_balances_from_before_a_tier_are_never_exchanged(campaign, program, now):
    tell(campaign.app, "e1", now - dt.timedelta(hours=1), action="buy", quantity=500)
    automatic(program, campaign, 100, now)

    later = now + dt.timedelta(minutes=1)
    assert tell(campaign.app, "e2", later).exchanged == ()
    second = tell(campaign.app, "e3", later)

    assert len(second.exchanged) == 1 and second.available == 520  # 120 new points, one exchange of 100
    assert tell(campaign.app, "e4", later).exchanged == ()
    assert Reward.objects.count() == 1


def test_old_points_are_spent_first_on_request(campaign, program, now):
    tell(campaign.app, "e1", now - dt.timedelta(hours=1), action="buy", quantity=500)
    automatic(program, campaign, 100, now)
    on_request = add_tier(program, points=450, group=campaign.groups.get(), is_automatic=False, now=now)
    later = now + dt.timedelta(minutes=1)
    tell(campaign.app, "e2", later)  # 560, 60 of them new

    exchange_points(campaign.app, app_user_id="ada", tier=on_request, idempotency_key="x", now=later)

    assert len(tell(campaign.app, "e3", later).exchanged) == 1  # 120 new points; 50 old ones are left
    assert PointAccount.objects.get().available == 70


def test_the_highest_tier_within_reach_is_exchanged_first_and_repeatedly(campaign, program, tier, now):
    automatic(program, campaign, 300, now)

    credit = tell(campaign.app, "e1", now, action="buy", quantity=730)

    assert list(PointExchange.objects.order_by("id").values_list("points", flat=True)) == [300, 300, 100]
    assert len(credit.exchanged) == 3 and credit.available == 30


def test_one_event_makes_at_most_so_many_exchanges(campaign, tier, now, monkeypatch):
    monkeypatch.setattr("rewards.points.automatic.MOST_PER_EVENT", 2)

    assert len(tell(campaign.app, "e1", now, action="buy", quantity=1000).exchanged) == 2

    assert StuckExchange.objects.get().code == "too_many_exchanges"


def test_pending_points_are_exchanged_when_they_become_available(campaign, program, tier, now):
    add_rule(program, action="walk", points_per_event=130, pending_days=1, now=now)
    assert tell(campaign.app, "e1", now, action="walk").exchanged == ()

    later = now + dt.timedelta(days=2)
    assert [settle_due(now=later), settle_due(now=later)] == [1, 0]

    exchange = PointExchange.objects.get()
    assert (exchange.event.event_id, PointAccount.objects.get().available) == ("e1", 30)
    assert Event.objects.filter(type="points.exchanged").count() == 1
    again = tell(campaign.app, "e1", later, action="walk")
    assert again.is_replay and len(again.exchanged) == 1 and reconcile(now=later) == []


@pytest.fixture
def stuck(campaign, tier, now):
    take_down(campaign, by=None, now=now)
    for number in range(3):
        tell(campaign.app, f"e{number}", now)
    return StuckExchange.objects.get()


def test_what_the_campaign_refuses_debits_nothing_and_waits_for_a_member(campaign, stuck, now):
    resume(campaign, by=None, now=now)

    assert (stuck.code, stuck.outcome) == ("campaign_suspended", "open")
    assert PointAccount.objects.get().available == 180
    assert Reward.objects.count() == 0
    assert Mail.objects.filter(kind="exchange_stuck").count() == 1  # three events met it


def test_a_member_makes_a_stuck_exchange_once(campaign, member, stuck, now):
    resume(campaign, by=None, now=now)

    issued = [retry_stuck_exchange(stuck, by=member, now=now).url for _time in range(2)]

    assert issued[0] == issued[1]
    exchange = PointExchange.objects.get()
    assert (exchange.app, exchange.event.event_id) == (campaign.app, "e2")
    assert PointAccount.objects.get().available == 80
    stuck.refresh_from_db()
    assert stuck.outcome == "exchanged"


def test_a_member_makes_a_stuck_exchange_of_an_app_that_has_left(campaign, member, program, stuck, now):
    resume(campaign, by=None, now=now)
    leave_app(program, campaign.app, by=member, now=now)
    create_program(member, name="Moons", time_zone="UTC", apps=[campaign.app], now=now)

    retry_stuck_exchange(stuck, by=member, now=now)

    exchange = PointExchange.objects.get()
    assert (exchange.app, exchange.account.program) == (campaign.app, program)
    assert PointAccount.objects.get().available == 80 and reconcile(now=now) == []


def test_a_refused_retry_leaves_it_stuck(campaign, member, stuck, now):
    with pytest.raises(RuleViolation) as caught:
        retry_stuck_exchange(stuck, by=member, now=now)

    assert caught.value.code == "campaign_suspended"
    stuck.refresh_from_db()
    assert (stuck.outcome, PointAccount.objects.get().available) == ("open", 180)


def test_a_dismissed_exchange_leaves_the_points_with_the_user(campaign, member, stuck, now):
    dismiss_stuck_exchange(stuck, by=member, now=now)
    resume(campaign, by=None, now=now)

    with pytest.raises(RuleViolation):
        retry_stuck_exchange(stuck, by=member, now=now)

    assert PointAccount.objects.get().available == 180
    assert Reward.objects.count() == 0


def test_the_console_lists_stuck_exchanges_and_makes_or_dismisses_them(client, campaign, member, stuck, program, now):
    client.force_login(member.user)
    page = reverse("console:points:program", args=[program.pk])
    assert "was taken down" in client.get(page).content.decode()
    resume(campaign, by=None, now=now)

    shown = client.post(reverse("console:points:retry_stuck", args=[program.pk, stuck.pk])).content.decode()

    assert reward_link(Reward.objects.get()) in shown
    assert "Stuck exchanges" not in client.get(page).content.decode()
    client.post(reverse("console:points:dismiss_stuck", args=[program.pk, stuck.pk]))
    stuck.refresh_from_db()
    assert stuck.outcome == "exchanged"  # what was exchanged cannot be dismissed


def test_the_users_exchanges_are_listed_with_their_urls_page_by_page(client, campaign, program, tier, settings, now):
    settings.API_RATE = "1000/s"
    tell(campaign.app, "e1", now, action="buy", quantity=300)
    headers = {"Authorization": f"Bearer {make.api_key(campaign.app)}"}

    def listed(query=""):
        return client.get(f"/api/v1/users/ada/exchanges{query}", headers=headers)

    first = listed("?limit=2").json()
    rest = listed(f"?limit=2&cursor={first['next']}").json()

    urls = [row["reward_url"] for row in first["data"] + rest["data"]]
    assert urls == [reward_link(reward) for reward in Reward.objects.order_by("-point_exchange__id")]
    assert (len(urls), rest["next"]) == (3, None)
    assert {row["app"] for row in first["data"]} == {str(campaign.app.pk)}
    assert listed("?cursor=%C2%B2").status_code == listed("?cursor=" + "9" * 30).status_code == 400
    assert listed("?limit=0").status_code == 422
