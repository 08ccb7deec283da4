"""A status moves through one function, from the status that was read, or not at all."""

import pytest

from campaigns.models import Campaign
from moments.errors import Conflict, IllegalMove
from moments.lifecycle import advance

Status = Campaign.Status


def as_stored(campaign) -> Campaign:
    return Campaign.objects.get(pk=campaign.pk)


def test_a_move_writes_the_status_and_the_columns_that_go_with_it(campaign):
    advance(campaign, Status.SUSPENDED, suspended_from=Status.LIVE)

    for row in (campaign, as_stored(campaign)):
        assert (row.status, row.suspended_from) == (Status.SUSPENDED, Status.LIVE)


def test_a_move_that_the_status_does_not_know_is_refused_in_words(campaign):
    with pytest.raises(IllegalMove) as caught:
        advance(campaign, Status.DRAFT, name="Another")

    assert caught.value.code == "illegal_move"
    assert caught.value.message == "This campaign is live, so it cannot become draft."
    assert campaign.status == as_stored(campaign).status == Status.LIVE
    assert as_stored(campaign).name == campaign.name != "Another"


def test_of_two_who_read_the_same_status_one_wins(campaign):
    same = as_stored(campaign)
    advance(campaign, Status.SUSPENDED)

    with pytest.raises(Conflict):
        advance(same, Status.FINISHED, name="Another")

    assert as_stored(campaign).status == Status.SUSPENDED and as_stored(campaign).name != "Another"
    assert same.status == Status.LIVE


def test_a_column_that_moved_since_it_was_read_is_a_conflict_too(campaign):
    same = as_stored(campaign)
    Campaign.objects.filter(pk=campaign.pk).update(name="Renamed")

    with pytest.raises(Conflict):
        advance(same, Status.SUSPENDED, as_read=("name",))

    assert as_stored(campaign).status == Status.LIVE
    advance(same, Status.SUSPENDED)  # control: the status alone has not moved
    assert as_stored(campaign).status == Status.SUSPENDED
