"""What the emails about rewards show. The URL is derived when an email is rendered; no row holds it."""

import datetime as dt

import pytest

from campaigns.approval.transitions import take_down
from outbox.models import Mail
from rewards.issuing.emails import mail_stuck_exchange, reminder_context, reward_context, stuck_exchange_context
from rewards.issuing.service import reward_link
from rewards.models import StuckExchange
from rewards.points.events import EventRequest, record_event
from rewards.points.setup.programs import create_program
from rewards.points.setup.rule_editor import add_rule
from rewards.points.setup.tiers import add_tier


def test_a_reward_is_shown_with_its_url_its_value_and_its_end(reward):
    shown = reward_context({"reward": str(reward.pk)})

    assert shown["reward_url"] == reward_link(reward)
    assert (shown["retail_value"], shown["is_free"], shown["percent_off"]) == ("$25.00", True, None)
    assert shown["app_name"] == reward.campaign.app.name and shown["message"] == "You reached level 10."
    assert shown["expires"] and shown["terms"] == "One each."


def test_no_row_holds_the_url(reward, now):
    token = reward_link(reward).rstrip("/").rpartition("/")[2]

    assert not Mail.objects.filter(context__icontains=token).exists()
    assert token not in str(vars(reward))


def test_the_preview_of_an_email_shows_a_preview_and_no_reward(campaign):
    moment, group = campaign.moments.get(), campaign.groups.get()

    shown = reward_context({"preview_of": {"moment": moment.pk, "group": group.pk}})

    assert shown["reward_url"] and shown["retail_value"] == "$25.00"
    assert not campaign.rewards.exists()


@pytest.mark.parametrize(("hours", "days"), [(71, 3), (73, 4), (1, 1)])
def test_a_reminder_counts_begun_days_and_can_be_stopped(reward, customer, now, hours, days):
    type(reward.campaign).objects.update(rewards_expire_at=now + dt.timedelta(hours=hours))

    shown = reminder_context({"reward": str(reward.pk)})

    assert shown["days_left"] == days and shown["unsubscribe_url"].startswith("http")


def test_expiry_is_told_in_the_customers_zone_where_it_is_known(reward, customer):
    type(reward).objects.update(customer=customer, status="claimed", claimed_at=reward.issued_at)
    customer.time_zone = "Asia/Tokyo"
    customer.save(update_fields=["time_zone"])

    assert "(Tokyo)" in reward_context({"reward": str(reward.pk)})["expires"]


@pytest.fixture
def stuck(campaign, now) -> StuckExchange:
    member = campaign.organization.members.get()
    program = create_program(member, name="Stars", time_zone="UTC", apps=[campaign.app], now=now)
    add_rule(program, action="level", points_per_event=100, now=now)
    add_tier(program, points=100, group=campaign.groups.get(), is_automatic=True, now=now)
    take_down(campaign, by=None, now=now)
    record_event(campaign.app, EventRequest("e1", "kim", "level"), now=now)
    return StuckExchange.objects.get()


def test_a_stuck_exchange_is_mailed_to_the_campaigns_people_once(stuck, now):
    Mail.objects.all().delete()
    Mail.objects.all()

    for _time in range(2):
        mail_stuck_exchange(stuck, now=now)

    mail = Mail.objects.filter(kind="exchange_stuck").get()
    assert mail.context == {"stuck": stuck.pk}


def test_a_stuck_exchange_names_the_user_the_points_and_the_reason(stuck):
    shown = stuck_exchange_context({"stuck": stuck.pk})

    assert (shown["program_name"], shown["app_user_id"], shown["points"]) == ("Stars", "kim", 100)
    assert shown["reason"] == stuck.reason and str(stuck.account.program.pk) in shown["program_url"]
