"""A program over the app of a live campaign, and a user with 250 points."""

import pytest
from django.urls import reverse

from rewards.models import PointAccount
from rewards.points.adjustments import adjust_points
from rewards.points.setup.programs import create_program
from rewards.points.setup.rule_editor import add_rule
from tests import make


@pytest.fixture
def campaign(member):
    return make.campaign(of=member)


@pytest.fixture
def app(campaign):
    return campaign.app


@pytest.fixture
def program(member, app, now):
    return create_program(member, name="Stars", time_zone="Europe/Berlin", apps=[app], now=now)


@pytest.fixture
def rule(program, now):
    return add_rule(program, action="buy", points_per_event=100, now=now)


@pytest.fixture
def ada(program, now):
    adjust_points(program, app_user_id="ada", points=250, reason="Welcome", idempotency_key="k", now=now)
    return PointAccount.objects.get(app_user_id="ada")


@pytest.fixture
def at(program):
    """The address of a page of the program."""
    return lambda name, *rest: reverse(f"console:points:{name}", args=[program.pk, *rest])


@pytest.fixture
def analyst(member, client):
    client.force_login(make.member("analyst", organization=member.organization).user)
    return client
