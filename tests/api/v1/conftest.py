"""A program over the app of a live campaign, and a caller with its key."""

import json

import pytest

from rewards.points.setup.programs import create_program
from rewards.points.setup.rule_editor import add_rule
from rewards.points.setup.tiers import add_tier
from tests import make


@pytest.fixture
def program(campaign, now):
    member = campaign.organization.members.get()
    made = create_program(member, name="Stars", time_zone="Europe/Berlin", apps=[campaign.app], now=now)
    add_rule(made, action="level", points_per_event=60, now=now)
    return made


@pytest.fixture
def tier(program, campaign, now):
    return add_tier(program, points=100, group=campaign.groups.get(), now=now)


@pytest.fixture
def call(client, campaign, settings):
    settings.API_RATE = "1000/s"
    secret = make.api_key(campaign.app)

    def act(path, body=None, *, key=secret, method="", **headers):
        extra = {"Authorization": f"Bearer {key}", **headers}
        if body is None and method != "POST":
            return client.get(f"/api/v1/{path}", headers=extra)
        sent = "" if body is None else json.dumps(body)
        return client.post(f"/api/v1/{path}", sent, content_type="application/json", headers=extra)

    return act
