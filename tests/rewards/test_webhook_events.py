"""What webhooks say about rewards and points: with the reward URL, without a trace of redemption."""

import json
import re

import pytest

from outbox.emails.suppression import suppress_address
from outbox.kinds import endpoint_event_types
from outbox.models import EmailSuppression, Event, Mail, WebhookAttempt, WebhookDelivery
from outbox.webhooks.courier import deliver_due
from outbox.webhooks.endpoints import create_endpoint
from outbox.webhooks.listing import shown_attempts
from outbox.webhooks.messages import MAX_BYTES, shown_body
from redemption.checkout.place_order import place_order
from redemption.shipping import transitions
from rewards.claims.service import claim_reward
from rewards.issuing.service import issue_and_mail
from rewards.issuing.voiding import void_reward
from rewards.models import Reward
from rewards.points.adjustments import adjust_points
from rewards.points.events import EventRequest, record_event
from rewards.points.exchanges import exchange_points
from rewards.points.setup.programs import create_program
from rewards.points.setup.rule_editor import add_rule
from rewards.points.setup.tiers import add_tier
from tests import make
from tests.harness.webhook_sink import sink
from tests.stack import ROOT


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_LOOPBACK = True
    with sink() as started:
        yield started


@pytest.fixture
def endpoint(campaign, receiver, now):
    """Of every event, the opt-in ones too."""
    types = endpoint_event_types()
    return create_endpoint(campaign.organization, url=receiver.url, event_types=types, by=None, now=now)[0]


@pytest.fixture
def program(campaign, now):
    member = campaign.organization.members.get()
    made = create_program(member, name="Stars", time_zone="UTC", apps=[campaign.app], now=now)
    add_rule(made, action="level", points_per_event=100, now=now)
    return made


def documented() -> dict[str, set[str]]:
    """Type → members of its data, as the manual has them."""
    rows = re.findall(r"^\| `([\w.]+)` \| [^|]+ \| ([\w, ]+) \|$", (ROOT / "docs/webhooks.md").read_text(), re.M)
    return {type: set(members.split(", ")) for type, members in rows}


def received(receiver, type: str) -> list[dict]:
    bodies = [json.loads(request.body) for request in receiver.requests]
    return [body["data"] for body in bodies if body["type"] == type]


# Points


def test_an_automatic_exchange_reaches_the_app_with_the_reward_url(campaign, program, endpoint, receiver, now):
    add_tier(program, points=100, group=campaign.groups.get(), is_automatic=True, now=now)
    [issued] = record_event(campaign.app, EventRequest("e1", "ada", "level"), now=now).exchanged
    deliver_due(now=now)

    [data] = received(receiver, "points.exchanged")
    assert data["reward_url"] == issued.url and data["user"] == "ada"
    assert len(received(receiver, "points.tier_reached")) == 1


def test_the_reward_url_is_in_no_row_and_masked_wherever_it_is_shown(campaign, program, endpoint, receiver, now):
    tier = add_tier(program, points=100, group=campaign.groups.get(), now=now)
    record_event(campaign.app, EventRequest("e1", "ada", "level"), now=now)
    url = exchange_points(campaign.app, app_user_id="ada", tier=tier, idempotency_key="k", now=now).url
    receiver.body = json.dumps({"thanks for": url}).encode()  # a receiver that echoes what it gets
    deliver_due(now=now)

    token = url.rpartition("/r/")[2].strip("/")
    assert token in str(receiver.requests)
    rows = [list(model.objects.values()) for model in (Event, WebhookDelivery, WebhookAttempt)]
    assert token not in str(rows)
    delivery = WebhookDelivery.objects.get(event__type="points.exchanged")
    shown = shown_body(delivery.event) + str(shown_attempts(delivery))
    assert token not in shown and "/r/…" in shown


def test_credits_are_announced_only_where_they_were_chosen(campaign, program, receiver, now, settings):
    record_event(campaign.app, EventRequest("e1", "ada", "level"), now=now)
    plain, _secret = create_endpoint(campaign.organization, url=receiver.url, by=None, now=now)
    record_event(campaign.app, EventRequest("e2", "ada", "level"), now=now)
    assert not Event.objects.filter(type="points.credited").exists()

    plain.event_types = ["points.credited"]
    plain.save(update_fields=["event_types"])
    member = campaign.organization.members.get()
    record_event(campaign.app, EventRequest("e3", "ada", "level"), now=now)
    record_event(campaign.app, EventRequest("e4", "ada", "level"), is_live=False, now=now)
    for points, key in ((50, "a"), (-20, "b")):
        fields = {"app_user_id": "ada", "points": points, "reason": "Sorry", "idempotency_key": key}
        adjust_points(program, **fields, by=member, now=now)
    deliver_due(now=now)

    assert [data["points"] for data in received(receiver, "points.credited")] == [100, 50]
    assert received(receiver, "points.credited")[0] == {
        "user": "ada",
        "program": str(program.pk),
        "points": 100,
        "action": "level",
    }


# Emails with rewards


@pytest.mark.parametrize(("method", "expected"), [("refused", 1), ("returned", 1), ("complaint", 0)])
def test_a_reward_email_that_bounces_is_announced_once_without_the_address(campaign, now, method, expected):
    issue_and_mail(make.ask(campaign, app_user_id="ada"), to_email="ada@example.com", now=now)
    mail, reward = Mail.objects.get(kind="reward_issued"), Reward.objects.get()
    for _time in range(2):
        suppress_address(mail, method=method, status="5.1.1", why="No such user", now=now)

    found = Event.objects.filter(type="reward.email_bounced")
    assert [event.payload for event in found] == [
        {"reward": str(reward.pk), "campaign": str(campaign.pk)} for _number in range(expected)
    ]


def test_the_email_about_an_exchange_that_bounces_is_announced(campaign, program, now):
    tier = add_tier(program, points=100, group=campaign.groups.get(), now=now)
    record_event(campaign.app, EventRequest("e1", "ada", "level"), now=now)
    done = exchange_points(campaign.app, app_user_id="ada", tier=tier, idempotency_key="k", now=now)
    mail = Mail.objects.create(
        kind="points_exchanged", to_email="ada@example.com", context={"exchange": done.exchange.pk}
    )
    suppress_address(mail, method="returned", status="5.1.1", why="No such user", now=now)

    assert Event.objects.get(type="reward.email_bounced").payload["reward"] == str(done.reward_id)


def test_the_bounce_of_another_email_to_that_address_says_nothing(campaign, now):
    issue_and_mail(make.ask(campaign, app_user_id="ada"), to_email="ada@example.com", now=now)
    other = Mail.objects.create(kind="plain", to_email="ada@example.com")
    assert suppress_address(other, method=EmailSuppression.Method.REFUSED, status="5.1.1", why="No", now=now)

    assert not Event.objects.filter(type="reward.email_bounced").exists()


# Redemption


def test_webhooks_are_the_same_whether_rewards_are_redeemed_or_not(campaign, endpoint, receiver, now):
    rewards = [make.reward(campaign, app_user_id=f"user-{number}") for number in range(6)]
    deliver_due(now=now)
    before = list(Event.objects.values()), list(WebhookDelivery.objects.values()), len(receiver.requests)

    for reward in rewards[::2]:
        customer = make.customer()
        claim_reward(reward, customer=customer, now=now)
        product = reward.group.choices.get().product
        order = place_order(reward, customer=customer, product=product, address=make.PORTLAND, now=now)
        transitions.ship_order(order, by=make.operator(), carrier="Post", tracking_number="1", now=now)
    deliver_due(now=now)

    assert Reward.objects.filter(status="redeemed").count() == 3
    after = list(Event.objects.values()), list(WebhookDelivery.objects.values()), len(receiver.requests)
    assert before == after
    assert before[2] > 6


def test_control_a_voided_reward_is_announced(campaign, endpoint, receiver, now):
    void_reward(make.reward(campaign), now=now)
    deliver_due(now=now)

    assert len(received(receiver, "reward.voided")) == 1


def test_payloads_are_thin_and_contain_no_email_address(campaign, program, endpoint, receiver, now):
    tier = add_tier(program, points=100, group=campaign.groups.get(), is_automatic=True, now=now)
    record_event(campaign.app, EventRequest("e1", "ada", "level"), now=now)
    issue_and_mail(make.ask(campaign, app_user_id="bob"), to_email="bob@example.com", now=now)
    deliver_due(now=now)

    assert tier and len({json.loads(request.body)["type"] for request in receiver.requests}) >= 4
    for request in receiver.requests:
        body = json.loads(request.body)
        assert set(body["data"]) == documented()[body["type"]]
        assert len(request.body) < MAX_BYTES / 20 and b"@" not in request.body
