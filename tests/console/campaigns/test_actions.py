"""What can be done with a campaign in each of its states."""

import pytest

from campaigns.models import Campaign
from console.campaigns.actions import ACTIONS, NEEDS_CONFIRMATION, POSSIBLE, actions_of

Status = Campaign.Status


def names(**fields) -> list[str]:
    return [name for name, _label, _is_asked in actions_of(Campaign(**fields))]


def test_every_state_has_its_acts_and_every_act_a_label_and_a_service():
    assert set(POSSIBLE) == set(Status)
    assert all(str(label) and callable(service) for label, service in ACTIONS.values())
    assert {name for possible in POSSIBLE.values() for name in possible} <= set(ACTIONS)
    assert set(NEEDS_CONFIRMATION) <= set(ACTIONS)


@pytest.mark.parametrize(("status", "first"), [(status, POSSIBLE[status][0]) for status in Status])
def test_the_main_act_comes_first(status, first):
    assert names(status=status)[0] == first


def test_what_costs_money_or_cannot_be_undone_is_asked_once_more():
    asked = {name: is_asked for status in Status for name, _label, is_asked in actions_of(Campaign(status=status))}

    assert asked["go-live"] and asked["finish"] and asked["take-down"]
    assert not asked["submit"] and not asked["withdraw"] and not asked["resume"]


def test_a_campaign_that_the_brake_holds_is_released_first():
    assert names(status=Status.SUSPENDED, held_because=Campaign.Held.BRAKE) == ["release", "resume", "finish"]


def test_a_campaign_that_is_held_for_its_books_is_not_released_by_its_developer():
    assert "release" not in names(status=Status.LIVE, held_because=Campaign.Held.BOOKS)


def test_an_archived_campaign_is_only_brought_back(now):
    assert names(status=Status.FINISHED, archived_at=now) == ["unarchive"]
