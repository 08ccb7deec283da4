"""A member that occurs twice in a JSON body is refused: one reader would take the first, another the last."""

import json
from decimal import Decimal

import pytest

from campaigns.models import BudgetEntry
from moments.integrations.exact_json import read_json
from moments.web import strict_json
from rewards.models import PointEntry, Reward
from rewards.points.setup.programs import create_program
from rewards.points.setup.rule_editor import add_rule
from tests import make

TWICE = ['{"a": 1, "a": 1}', '{"a": 1, "\\u0061": 2}', '{"a": {"b": 1, "b": 2}}', '[{"a": {}}, {"a": [], "a": []}]']


@pytest.mark.parametrize("text", TWICE)
def test_no_reader_takes_a_member_twice(text):
    for read in (strict_json.read, lambda raw: read_json(raw.encode())):
        with pytest.raises(ValueError, match="twice|not JSON"):
            read(text)


def test_what_names_each_member_once_is_read_as_before():
    text = '{"a": [1, {"a": 2.50}], "b": {"a": null}}'

    assert strict_json.read(text) == json.loads(text)
    assert read_json(text.encode())["a"][1]["a"] == Decimal("2.50")


@pytest.mark.parametrize("member", ["userId", "idempotencyKey", "campaignId"])
def test_the_compatible_face_refuses_it(client, campaign, member):
    body = {
        **{"appId": str(campaign.app_id), "campaignId": str(campaign.pk), "momentId": campaign.moments.get().key},
        **{"rewardGroupId": "US", "deviceType": "Web", "userId": "ada", "idempotencyKey": "k-1"},
    }
    twice = json.dumps(body)[:-1] + f', "{member}": "eve"}}'
    headers = {"x-api-key": make.api_key(campaign.app)}

    answer = client.post("/prod/GetReward", twice, content_type="application/json", headers=headers)

    assert answer.status_code == 400 and answer.json()["errorCode"] == "invalid_request"
    assert not Reward.objects.exists() and not BudgetEntry.objects.exists()
    assert client.post("/prod/GetReward", body, content_type="application/json", headers=headers).status_code == 200


def test_version_1_refuses_it(client, campaign, now):
    owner = campaign.organization.members.first()
    program = create_program(owner, name="All", time_zone="UTC", apps=[campaign.app], now=now)
    add_rule(program, action="play", points_per_event=10, now=now)
    headers = {"Authorization": f"Bearer {make.api_key(campaign.app)}"}
    body = '{"user_id": "ada", "event_id": "e-1", "action": "play", "user_id": "eve"}'

    answer = client.post("/api/v1/events", body, content_type="application/json", headers=headers)

    assert answer.status_code == 400 and answer.json()["code"] == "invalid_request"
    assert not PointEntry.objects.exists()
