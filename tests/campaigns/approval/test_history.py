"""Every move of a campaign leaves a line in its history and an event, or nothing happens at all."""

import pytest
from django.db import transaction

from campaigns.approval.history import move, record_change
from campaigns.models import Campaign
from moments.errors import Conflict, IllegalMove
from outbox.models import Event
from tests import make

Status = Campaign.Status


def test_a_move_writes_who_when_what_and_why(campaign, now):
    operator = make.operator()

    move(campaign, Status.SUSPENDED, "taken down", by=operator, why="On request.", now=now)

    line = campaign.history.first()
    assert (line.event, line.actor, line.reason, line.occurred_at) == ("taken down", operator, "On request.", now)
    assert (line.from_status, line.to_status) == (Status.LIVE, Status.SUSPENDED)
    event = Event.objects.filter(type="campaign.suspended").get()
    assert event.payload == {"campaign": str(campaign.pk), "status": "suspended"}
    assert Campaign.objects.get(pk=campaign.pk).status == Status.SUSPENDED


def test_columns_that_move_with_the_status_are_written_too(campaign, now):
    move(campaign, Status.SUSPENDED, "held", by=None, now=now, held_because=Campaign.Held.BRAKE, held_at=now)

    found = Campaign.objects.get(pk=campaign.pk)
    assert (found.status, found.held_because, found.held_at) == (Status.SUSPENDED, Campaign.Held.BRAKE, now)


@pytest.mark.parametrize("to", [Status.DRAFT, Status.PENDING])
def test_a_move_that_the_status_does_not_allow_leaves_no_line(campaign, now, to):
    lines, events = campaign.history.count(), Event.objects.count()

    with pytest.raises(IllegalMove), transaction.atomic():
        move(campaign, to, "moved", by=None, now=now)

    assert (campaign.history.count(), Event.objects.count()) == (lines, events)
    assert Campaign.objects.get(pk=campaign.pk).status == Status.LIVE


def test_of_two_who_move_it_the_second_conflicts_and_leaves_no_line(campaign, now):
    same = Campaign.objects.get(pk=campaign.pk)
    move(campaign, Status.SUSPENDED, "taken down", by=None, now=now)
    lines, events = campaign.history.count(), Event.objects.count()

    with pytest.raises(Conflict), transaction.atomic():
        move(same, Status.FINISHED, "finished", by=None, now=now)

    assert (campaign.history.count(), Event.objects.count()) == (lines, events)


def test_a_change_that_is_no_move_has_no_status(campaign, now):
    record_change(campaign, "banner changed", by=None, now=now)

    line = campaign.history.first()
    assert (line.event, line.from_status, line.to_status, line.reason) == ("banner changed", "", "", "")
