"""The command that makes a program for harnesses."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from rewards.models import PointsProgram, PointTier


def made(*arguments: str) -> dict:
    out = io.StringIO()
    call_command("make_program", *arguments, stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.slow
def test_a_program_is_made_with_rules_tiers_and_keys(db, client, settings):
    settings.API_RATE = "1000/s"
    rules = ("--rule", "level=60", "--rule", "buy:books=10")

    ids = made(*rules, "--tier", "100", "--tier", "300", "--automatic", "--expires-days", "30", "--pending-days", "2")

    program = PointsProgram.objects.get(pk=ids["programId"])
    assert (program.points_valid_days, program.pending_days) == (30, 2)
    assert sorted(map(str, program.rules.all())) == ["buy (books)", "level"]
    tiers = PointTier.objects.filter(pk__in=ids["tiers"])
    assert [(tier.points, tier.is_automatic) for tier in tiers] == [(100, True), (300, True)]
    headers = {"Authorization": f"Bearer {ids['apiKey']}"}
    event = {"event_id": "e1", "user_id": "ada", "action": "buy", "category": "books"}
    answer = client.post("/api/v1/events", json.dumps(event), content_type="application/json", headers=headers)
    assert (answer.json()["points"], answer.json()["pending"]) == (10, 10)
    assert set(ids) == {
        *("organizationId", "appId", "apiKey", "testApiKey", "programId"),
        *("campaignId", "momentId", "rewardGroupId", "tiers"),
    }


@pytest.mark.parametrize("rule", ["level", "level=", "=5", "level=-5", "level=0"])
def test_a_rule_that_cannot_be_read_is_refused(db, rule):
    with pytest.raises(CommandError):
        made("--rule", rule)

    assert not PointsProgram.objects.exists()
