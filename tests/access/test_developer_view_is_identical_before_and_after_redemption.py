"""What a developer can fetch tells nothing of redemptions: everything is read before and after half of them."""

import json
import re
from dataclasses import replace

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from redemption.checkout.place_order import place_order
from redemption.shipping import transitions
from rewards.claims.service import claim_reward
from rewards.issuing.voiding import void_reward
from rewards.models import Reward
from tests import make
from tests.access.matrix import address, routes
from tests.access.test_matrix import GONE, world  # noqa: F401 - a fixture
from tests.conftest import SignedIn

REWARDS, REDEEMED = 30, 15
# What differs between two answers to the same question: the page's own secrets, signatures, and the time of day.
OF_THE_MOMENT = re.compile(
    r"nonce=\"[^\"]+\"|name=\"csrfmiddlewaretoken\" value=\"[^\"]+\"|\"X-CSRFToken\": ?\"[^\"]+\""
    r"|\"request_id\": ?\"[^\"]+\"|\d\d:\d\d(?::\d\d)?(?:\.\d+)?|name=\"once\" value=\"[^\"]+\""
    r"|/CreationDate \([^)]*\)|/ID\s*\[[^\]]*\]|Reference: <code>\w+|name=\"event_id\" value=\"[^\"]+\""
    r"|\d{8}-\d{4}(?=\.csv)"  # in a file's name
)


@pytest.fixture
def developer(world, settings):  # noqa: F811
    settings.API_RATE = "100000/s"
    client = SignedIn()
    client.force_login(world["people"]["owner"])
    campaign = world["people"]["owner"].memberships.get().organization.campaigns.get(status="live")
    keys = [make.api_key(campaign.app, mode) for mode in ("live", "test")]
    rewards = [
        make.reward(campaign, app_user_id=f"user-{number}", external_id=f"order-{number}") for number in range(REWARDS)
    ]
    return client, keys, campaign, rewards, world["known"]


def body_of(answer) -> str:
    content = answer.getvalue() if answer.streaming else answer.content
    return OF_THE_MOMENT.sub("", content.decode("latin-1"))


def everything(developer) -> dict[str, tuple]:
    """What each address answers, without what looking writes down itself: who downloaded, when a key was used."""
    with transaction.atomic():
        found = looked_at(developer)
        transaction.set_rollback(True)
    return found


def looked_at(developer) -> dict[str, tuple]:
    """By address: to the owner in the console, to a server with a live and with a test key."""
    client, keys, campaign, rewards, known = developer
    paths = [address(name, pattern, known) for name, pattern in sorted(set(routes())) if may_tell(name)]
    paths += [f"/console/rewards/{reward.pk}/" for reward in rewards[:6]]  # every other one is to be redeemed
    paths += [f"/console/rewards/?q=user-{number}" for number in (0, REWARDS - 1)]
    paths += api_paths(campaign, rewards)
    found = {path: shown(client.get(path)) for path in paths if not path.startswith("/admin/")}
    for number, key in enumerate(keys):
        server = Client(headers={"x-api-key": key, "authorization": f"Bearer {key}"})
        for path in paths:
            if path.startswith("/api/"):
                found[f"{number} {path}"] = shown(server.get(path))
        found[f"{number} GetRewardInfo"] = shown(look(campaign, key))
    return found


def api_paths(campaign, rewards: list[Reward]) -> list[str]:
    of_each = [f"/api/v1/rewards/{reward.pk}" for reward in rewards[:6]]
    lists = [f"status={state}" for state in ("issued", "voided", "window_closed")]
    lists += [f"campaign={campaign.pk}", "user_id=user-0", "user_id=user-1", "external_id=order-0", "limit=2"]
    return [*of_each, "/api/v1/rewards?limit=200", *(f"/api/v1/rewards?{query}" for query in lists)]


def look(campaign, key: str):
    ids = {"appId": str(campaign.app_id), "campaignId": str(campaign.pk), "deviceType": "Web"}
    ids |= {"momentId": campaign.moments.get().key, "rewardGroupId": campaign.groups.get().key}
    return Client().post("/prod/GetRewardInfo", json.dumps(ids), "application/json", headers={"x-api-key": key})


def may_tell(name: str) -> bool:
    """Secrets of a second factor are made anew at each look, and say nothing of rewards."""
    return name not in GONE and not name.startswith("mfa_")


def shown(answer) -> tuple:
    names = ("Content-Type", "Content-Disposition", "Retry-After", "Location")
    return answer.status_code, *(OF_THE_MOMENT.sub("", answer.get(name, "")) for name in names), body_of(answer)


def redeem(reward: Reward, number: int, now) -> None:
    customer = make.customer()
    claim_reward(reward, customer=customer, now=now)
    home = replace(make.PORTLAND, street=f"{number} Harbor Street")
    product = reward.group.choices.get().product
    order = place_order(reward, customer=customer, product=product, address=home, now=now)
    if number % 3 == 0:
        transitions.ship_order(order, by=make.operator(), carrier="Post", tracking_number="1", now=now)


def differences(before: dict, after: dict) -> list[str]:
    return [path for path in before if before[path] != after[path]]


@pytest.mark.slow
def test_nothing_that_a_developer_fetches_differs_after_half_of_the_rewards_are_redeemed(developer, now):
    _client, _keys, campaign, rewards, _known = developer
    product = campaign.groups.get().choices.get().product
    product.__class__.objects.filter(pk=product.pk).update(stock=REDEEMED)  # the last unit goes too
    before = everything(developer)

    for number, reward in enumerate(rewards[::2]):
        redeem(reward, number, now)

    assert campaign.rewards.filter(status="redeemed").count() >= REDEEMED
    assert differences(before, everything(developer)) == []


def test_control_one_more_reward_is_seen_by_the_console_and_by_the_key(developer):
    client, keys, campaign, _rewards, _known = developer
    before = shown(client.get("/console/rewards/")), shown(look(campaign, keys[0]))

    make.reward(campaign, app_user_id="one more")

    after = shown(client.get("/console/rewards/")), shown(look(campaign, keys[0]))
    assert before[0] != after[0] and before[1] != after[1]


def test_to_void_a_redeemed_reward_is_the_same_work_as_to_void_another(campaign, now):
    """The same statements, so the same time; and the same answer: no refund, nothing said."""
    redeemed, issued = make.reward(campaign), make.reward(campaign)
    redeem(redeemed, 1, now)

    done = []
    for reward in (Reward.objects.get(pk=pk) for pk in (redeemed.pk, issued.pk)):
        with CaptureQueriesContext(connection) as found:
            assert void_reward(reward, now=now) is None
        done.append([re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in found.captured_queries])

    assert done[0] == done[1] and done[0]


def test_the_api_answers_the_same_for_a_redeemed_reward_as_for_another(campaign, now, settings):
    """To a look, to a repeat of the call that issued it, and to a void; by the same statements."""
    settings.API_RATE = "1000/s"
    rewards = [make.reward(campaign, app_user_id=user) for user in ("ada", "bob")]
    redeem(rewards[0], 1, now)
    server = Client(headers={"authorization": f"Bearer {make.api_key(campaign.app)}"})
    server.get("/api/v1/rewards")  # notes when the key was used

    answers, statements = [], []
    for reward in rewards:
        with CaptureQueriesContext(connection) as found:
            seen = server.get(f"/api/v1/rewards/{reward.pk}"), server.post(f"/api/v1/rewards/{reward.pk}/void")
        answers.append([without_ids(answer.json()) for answer in seen])
        statements.append([re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in found.captured_queries])

    assert answers[0] == answers[1] and [answer["status"] for answer in answers[0]] == ["issued", "voided"]
    assert statements[0] == statements[1]


def without_ids(answer: dict) -> dict:
    return {name: value for name, value in answer.items() if name not in {"id", "user_id", "url"} | INSTANTS}


INSTANTS = {"issued_at", "voided_at"}  # of the moment of the call
