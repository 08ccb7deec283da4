"""A program over the app of a live campaign, with a rule and a tier."""

import pytest

from rewards.points.setup.programs import create_program


@pytest.fixture
def member(campaign):
    return campaign.organization.members.get()


@pytest.fixture
def app(campaign):
    return campaign.app


@pytest.fixture
def program(member, app, now):
    return create_program(member, name="Stars", time_zone="Europe/Berlin", apps=[app], now=now)
