"""Reminders before a claimed reward expires, and their end by a click."""

import datetime as dt

import pytest
from django.test import Client

from outbox.emails.rendering import render_mail
from outbox.models import Mail
from redemption.shipping.transitions import cancel_order
from rewards.claims.service import claim_reward
from rewards.issuing.reminders import DAYS, remind_before_expiry, reward_to_stop, stop_url
from rewards.issuing.voiding import void_reward
from rewards.models import Reward
from tests import make

DAY = dt.timedelta(days=1)


def remind_hourly(reward, *, days):
    """As the scheduler does, on each of the ``days`` before the end; how many mails."""
    end = reward.campaign.rewards_expire_at
    return sum(remind_before_expiry(now=end - left * DAY) for left in days)


def reminders():
    return Mail.objects.filter(kind="reward_expiring").order_by("id")


def test_who_claimed_and_did_not_order_is_reminded_three_times(reward, customer, now):
    claim_reward(reward, customer=customer, now=now)
    end = reward.campaign.rewards_expire_at

    sent = {left: remind_before_expiry(now=end - left * DAY) for left in (15, 14, 13.9, 12, 4, 3, 2.9, 1, 0.9, 0, -1)}

    assert [left for left, mails in sent.items() if mails] == [14, 3, 1]
    assert {mail.to_email for mail in reminders()} == {customer.email}


def test_a_scheduler_that_was_dead_for_a_day_makes_up_for_it(reward, customer, now):
    claim_reward(reward, customer=customer, now=now)

    assert remind_hourly(reward, days=[12.5, 2.5, 0.5]) == 3


def test_who_has_just_claimed_is_not_reminded_of_it(reward, customer):
    end = reward.campaign.rewards_expire_at
    claim_reward(reward, customer=customer, now=end - 13 * DAY)

    assert remind_hourly(reward, days=[13, 12.1]) == 0
    assert remind_hourly(reward, days=[3]) == 1


def test_who_ordered_is_not_reminded_but_who_may_choose_again_is(reward, customer, now):
    order = make.order(reward, by=customer)

    assert remind_hourly(reward, days=[14]) == 0
    cancel_order(order, by=make.operator(), reason="Out of print.", now=now)
    assert remind_hourly(reward, days=[3]) == 1


@pytest.mark.parametrize("what", ["voided", "expired", "unclaimed"])
def test_what_cannot_be_ordered_with_is_not_reminded_of(reward, customer, now, what):
    if what != "unclaimed":
        claim_reward(reward, customer=customer, now=now)
    if what == "voided":
        void_reward(reward, now=now)
    if what == "expired":
        Reward.objects.update(status="expired")

    assert remind_hourly(reward, days=DAYS) == 0


def test_a_reminder_tells_the_days_left_and_the_expiry(reward, customer, now, monkeypatch):
    claim_reward(reward, customer=customer, now=now)
    remind_hourly(reward, days=[3])
    monkeypatch.setattr("moments.clock.now", lambda: reward.campaign.rewards_expire_at - 2.5 * DAY)

    mail = render_mail(reminders().get())

    assert mail.subject.startswith("3 days left: your reward expires on ")
    assert "3 days left for your reward" in mail.text and "3 days left for your reward" in mail.html


@pytest.mark.parametrize("locale", ["de", "klingon", "../../etc", "x" * 20])
def test_a_locale_that_we_do_not_speak_still_gets_its_mail(campaign, customer, now, locale):
    reward = make.reward(campaign, claimed_by=customer, locale=locale)

    assert remind_hourly(reward, days=[1]) == 1

    assert render_mail(reminders().get()).subject


def test_looking_at_the_link_stops_nothing_and_a_click_does(client, reward, customer, now):
    claim_reward(reward, customer=customer, now=now)
    path = stop_url(reward).removeprefix("http://testserver")

    assert client.get(path).status_code == client.head(path).status_code == 200
    assert remind_hourly(reward, days=[14]) == 1
    assert (
        "We remind you no more" in Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"}).text
    )

    assert remind_hourly(reward, days=[3, 1]) == 0
    assert client.post(path).status_code == 200


@pytest.mark.parametrize("signed", ["x", "eyJ", "ImEi:1abc:sig", "a" * 3000])
def test_a_link_that_we_did_not_sign_stops_nothing(client, reward, customer, now, signed):
    claim_reward(reward, customer=customer, now=now)

    assert client.post(f"/reminders/{signed}/stop/").status_code == 404

    assert reward_to_stop(signed) is None
    assert Reward.objects.get().reminders_stopped_at is None
