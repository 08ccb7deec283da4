"""Rewards and points in the console."""

import pytest
from django.urls import reverse

from outbox.models import Mail
from rewards.models import PointAccount, Reward
from rewards.points.setup.programs import create_program
from rewards.points.setup.rule_editor import add_rule
from rewards.points.setup.tiers import add_tier
from tests import make


@pytest.fixture
def campaign(member):
    return make.campaign(of=member)


def fields(console, campaign) -> dict:
    """What the form sends, its hidden key included."""
    form = console.get(reverse("console:rewards:send", args=[campaign.pk])).context["form"]
    return {
        "moment": campaign.moments.get().pk,
        "group": campaign.groups.get().pk,
        "email": "kim@example.com",
        "once": str(form["once"].value()),
    }


def test_a_reward_is_sent_by_mail_once_however_often_the_button_is_pressed(console, campaign):
    page, sent = reverse("console:rewards:send", args=[campaign.pk]), fields(console, campaign)

    for _click in range(2):
        console.post(page, sent)

    assert Reward.objects.get().source == "console"
    assert Mail.objects.filter(kind="reward_issued", to_email="kim@example.com").count() == 1


def test_a_users_reward_is_never_mailed_to_another_address(console, campaign):
    make.reward(campaign, app_user_id="ada")

    answer = console.post(
        reverse("console:rewards:send", args=[campaign.pk]), {**fields(console, campaign), "app_user_id": "ada"}
    )

    assert "as many rewards" in answer.text
    assert Mail.objects.filter(kind="reward_issued").count() == 0


@pytest.mark.slow
def test_an_approved_campaign_shows_its_preview(console, member):
    approved = make.campaign("approved", of=member)

    answer = console.post(reverse("console:rewards:send", args=[approved.pk]), fields(console, approved))

    assert "/r/preview-" in answer.text
    assert Reward.objects.count() == Mail.objects.filter(kind="reward_issued").count() == 0


def test_the_list_shows_issued_voided_and_nothing_that_redemption_moves(console, campaign):
    first, second = make.reward(campaign), make.reward(campaign)
    page = reverse("console:rewards:campaign", args=[campaign.pk])
    before = console.get(page).content

    make.order(first, by=make.customer())
    assert without_nonce(console.get(page).content) == without_nonce(before)

    console.post(reverse("console:rewards:void", args=[second.pk]))
    assert "voided" in console.get(page).text


def without_nonce(page: bytes) -> bytes:
    import re

    return re.sub(rb'csrfmiddlewaretoken" value="[^"]+"', b"", page)


def test_a_strangers_reward_cannot_be_voided(console):
    theirs = make.reward(make.campaign())

    assert console.post(reverse("console:rewards:void", args=[theirs.pk])).status_code == 404
    theirs.refresh_from_db()
    assert theirs.voided_at is None


def test_points_by_hand_count_once_and_are_exchanged(console, member, campaign, now):
    program = create_program(member, name="Stars", time_zone="UTC", apps=[campaign.app], now=now)
    add_rule(program, action="level", points_per_event=100, now=now)
    tier = add_tier(program, points=100, group=campaign.groups.get(), is_automatic=False, now=now)
    page = reverse("console:points:record", args=[program.pk])
    event = str(console.get(page).context["form"]["event_id"].value())
    shown = {"app": campaign.app_id, "app_user_id": "ada", "action": "level", "quantity": 1, "event_id": event}

    for _click in range(2):
        console.post(page, shown)
    assert PointAccount.objects.get().available == 100

    exchange = reverse("console:points:exchange", args=[program.pk, tier.pk])
    answers = [console.post(exchange, {"user": "ada", "once": "once"}).text for _click in range(2)]

    assert all("/r/" in answer for answer in answers)
    assert Reward.objects.count() == 1
    assert PointAccount.objects.get().available == 0


def test_a_preview_of_the_mail_tells_what_a_products_draft_is_worth(console, member):
    draft = make.campaign("draft", of=member, products=[make.product(2500), make.product(2100)], cpa_cents=9900)

    mail = console.get(reverse("console:rewards:email_preview", args=[draft.pk])).text

    assert "$25.00" in mail and "$99.00" not in mail
