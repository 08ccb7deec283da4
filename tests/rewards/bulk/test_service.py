"""Uploads: checked, confirmed, issued line by line by whoever finds them, and never twice."""

import datetime as dt
import threading

import pytest
from django.db import connection
from django.urls import reverse

from campaigns.approval import transitions
from campaigns.budget import holds
from campaigns.budget.runaway_brake import brake_runaways
from campaigns.models import BudgetEntry, Campaign
from moments import clock
from moments.errors import RuleViolation
from outbox.models import Event, Mail
from rewards.bulk import service as bulk
from rewards.bulk.forecast import forecast_of
from rewards.ledger.reconciliation import reconcile
from rewards.models import BatchRow, Reward, RewardBatch
from tests import make

Status = RewardBatch.Status


@pytest.fixture
def campaign(member):
    return make.campaign(of=member)


def players(count: int) -> list[str]:
    return [f"player-{number},," for number in range(count)]


def confirmed(batch: RewardBatch, member) -> RewardBatch:
    bulk.confirm_batch(batch, by=member, now=clock.now())
    return batch


def outcomes(batch) -> list:
    return list(batch.rows.order_by("line").values_list("status", "refusal"))


def test_a_check_issues_nothing_and_says_what_it_would_cost(campaign, upload, now):
    make.reward(campaign, app_user_id="player-1")

    batch = upload(campaign, *players(3))
    forecast = forecast_of(batch, now=now)

    assert (forecast.lines, forecast.issued, forecast.cents, forecast.had_already) == (3, 2, 5500, 1)
    assert (forecast.left_cents, forecast.obstacle, forecast.over_limit) == (497_250, "", 0)
    assert Reward.objects.count() == 1


def test_a_file_with_errors_issues_nothing_unless_its_bad_lines_are_skipped(campaign, upload, member, now):
    batch = upload(campaign, "ada,,", "bob,not-an-address,")

    with pytest.raises(RuleViolation):
        bulk.confirm_batch(batch, by=member, now=now)

    assert batch.status == Status.BAD
    assert bulk.issue_rows(batch.pk, now=now) == Reward.objects.count() == 0


def test_the_valid_lines_of_a_file_with_errors_are_issued_on_request(campaign, upload, member, now):
    batch = upload(campaign, "ada,,", "bob,not-an-address,", "eve,,")
    forecast = forecast_of(batch, now=now)

    bulk.confirm_batch(batch, by=member, skips_errors=True, now=now)
    bulk.issue_rows(batch.pk, now=now)

    batch.refresh_from_db()
    assert (forecast.lines, forecast.issued, forecast.cents) == (2, 2, 5500)
    assert [status for status, _refusal in outcomes(batch)] == ["issued", "bad", "issued"]
    assert batch.status == Status.DONE


def test_a_file_without_a_valid_line_cannot_be_issued(campaign, upload, member, now):
    batch = upload(campaign, "bob,not-an-address,")

    with pytest.raises(RuleViolation, match="no valid line"):
        bulk.confirm_batch(batch, by=member, skips_errors=True, now=now)

    batch.refresh_from_db()
    assert (batch.status, Reward.objects.count()) == (Status.BAD, 0)


def test_the_page_says_how_many_will_really_be_issued(console, member, upload, now):
    campaign = make.campaign(of=member, monthly_limit_cents=6_000)
    batch = upload(campaign, *players(5))

    page = console.get(reverse("console:rewards:upload", args=[batch.pk])).content.decode()

    assert "Issue 2 of 5, $55.00" in page
    assert "3 lines ($82.50) exceed that" in page


def test_a_forecast_is_what_is_issued_then(member, upload, now):
    """A key issued before, a user who has reached the limit, and a cap that the dearer of two moments meets first."""
    campaign = make.campaign(of=member, monthly_limit_cents=11_500, per_user_limit=2)
    dear = campaign.moments.create(key="dear", description="Again", position=2)
    dear.costs.create(group=campaign.groups.get(), cpa_cents=4000)
    make.reward(campaign, app_user_id="ada")
    header = "moment,user_id,key"
    known = upload(campaign, "MomentsReward,bob,known", header=header)
    bulk.issue_rows(confirmed(known, member).pk, now=now)
    lines = ["MomentsReward,bob,known", "MomentsReward,ada,", "dear,eve,", "dear,joe,", "MomentsReward,kim,"]
    batch = upload(campaign, *lines, header=header)

    forecast = forecast_of(batch, now=now)
    bulk.issue_rows(confirmed(batch, member).pk, now=now)

    counts = bulk.counts_of(batch)
    assert (counts["issued"], counts["repeated"], counts["refused"]) == (2, 1, 2)
    assert (forecast.issued, forecast.issued_keys, forecast.over_limit) == (2, 1, 2)
    assert forecast.cents == 5500


def test_lines_are_issued_charged_and_mailed_once_however_often_it_is_done(campaign, upload, member, now):
    batch = confirmed(upload(campaign, "ada,ada@example.com,", "bob,,", ",,mine"), member)

    for _time in range(2):
        bulk.issue_rows(batch.pk, now=now)
        bulk.issue_due_batches(now=now)

    batch.refresh_from_db()
    assert outcomes(batch) == [("issued", "")] * 3 and batch.status == Status.DONE
    assert Reward.objects.filter(source="csv").count() == BudgetEntry.objects.count() == 3
    assert Mail.objects.filter(kind="reward_issued", to_email="ada@example.com").count() == 1
    assert Event.objects.filter(type="batch.finished").get().payload["issued"] == 3
    assert reconcile(now=now) == []


def test_who_dies_in_a_line_leaves_it_as_it_was(campaign, upload, member, now, monkeypatch):
    batch = confirmed(upload(campaign, *players(3)), member)
    real, calls = bulk._mark, []

    def killed(*args, **kwargs):
        calls.append(args)
        if len(calls) == 2:
            raise SystemExit  # the reward is issued, its line not marked yet
        real(*args, **kwargs)

    monkeypatch.setattr(bulk, "_mark", killed)
    with pytest.raises(SystemExit):
        bulk.issue_rows(batch.pk, now=now)
    assert Reward.objects.count() == 1
    assert outcomes(batch) == [("issued", ""), ("waiting", ""), ("waiting", "")]

    monkeypatch.setattr(bulk, "_mark", real)
    bulk.issue_due_batches(now=now)

    assert Reward.objects.count() == 3 and outcomes(batch) == [("issued", "")] * 3


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_workers_beside_each_other_issue_each_line_once(upload, member):
    campaign = make.campaign(of=member)
    batch = confirmed(upload(campaign, *players(40)), member)
    together, done = threading.Barrier(2), []

    def work():
        together.wait()
        done.append(bulk.issue_rows(batch.pk, now=clock.now()))
        connection.close()

    workers = [threading.Thread(target=work) for _number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    batch.refresh_from_db()
    assert sum(done) == 40 and min(done) > 0
    assert Reward.objects.count() == 40 and outcomes(batch) == [("issued", "")] * 40
    assert batch.status == Status.DONE
    assert Event.objects.filter(type="batch.finished").count() == 1


def test_at_a_cap_the_rest_is_refused_line_by_line_and_costs_nothing(member, upload, now):
    campaign = make.campaign(of=member, monthly_limit_cents=6_000)
    batch = upload(campaign, *players(5))
    forecast = forecast_of(batch, now=now)
    assert (forecast.issued, forecast.cents, forecast.over_limit) == (2, 5500, 3)

    bulk.issue_rows(confirmed(batch, member).pk, now=now)

    refused = ("refused", "campaign_month_cap_reached")
    assert outcomes(batch) == [("issued", "")] * 2 + [refused] * 3
    assert bulk.refusals_of(batch) == [(*refused[1:], "The campaign has reached its limit for this month.", 3)]
    campaign.refresh_from_db()
    assert campaign.total_spent_cents == 5_500


def test_what_is_wrong_with_one_line_stops_no_other(campaign, upload, member, now):
    make.reward(campaign, app_user_id="bob")
    batch = confirmed(upload(campaign, "ada,,", "bob,,", "cat,,"), member)

    bulk.issue_rows(batch.pk, now=now)

    assert outcomes(batch) == [("issued", ""), ("refused", "user_limit_reached"), ("issued", "")]


def test_a_key_is_issued_once_over_all_files(campaign, upload, member, now):
    for lines in (["ada,,1"], ["ada,,1", "bob,,2"], ["eve,,2"]):
        last = confirmed(upload(campaign, *lines), member)
        bulk.issue_rows(last.pk, now=now)

    assert [outcomes(batch) for batch in RewardBatch.objects.order_by("uploaded_at")] == [
        [("issued", "")],
        [("repeated", ""), ("issued", "")],
        [("refused", "idempotency_key_reused")],
    ]
    assert Reward.objects.count() == 2


@pytest.mark.parametrize("state", ["draft", "pending", "rejected", "approved", "suspended", "finished"])
def test_a_campaign_in_any_state_but_live_issues_no_file(member, upload, now, state):
    campaign = make.campaign(state, of=member)
    batch = upload(campaign, *players(1))

    with pytest.raises(RuleViolation):
        bulk.confirm_batch(batch, by=member, now=now)
    RewardBatch.objects.filter(pk=batch.pk).update(status=Status.ISSUING, confirmed_at=now)
    bulk.issue_rows(batch.pk, now=now)

    assert Reward.objects.count() == 0
    assert outcomes(batch)[0][0] == "refused"


def test_a_campaign_taken_down_meanwhile_issues_no_further_line(campaign, upload, member, now):
    batch = confirmed(upload(campaign, *players(3)), member)
    transitions.take_down(campaign, by=member.user, now=now)

    bulk.issue_rows(batch.pk, now=now)

    assert outcomes(batch) == [("refused", "campaign_suspended")] * 3


def test_while_a_campaign_is_held_its_file_waits_and_goes_on_after(campaign, upload, member, now):
    batch = confirmed(upload(campaign, *players(2)), member)
    holds.hold_campaign(campaign, because=Campaign.Held.BRAKE, why="Too fast.", now=now)

    assert bulk.issue_rows(batch.pk, now=now) == 0
    assert outcomes(batch) == [("waiting", "")] * 2

    campaign.refresh_from_db()
    holds.release_brake(campaign, by=member.user, now=now)
    bulk.issue_due_batches(now=now)
    assert outcomes(batch) == [("issued", "")] * 2


def test_a_confirmed_file_does_not_trip_the_brake_but_what_comes_after_does(campaign, upload, member, now):
    Campaign.objects.filter(pk=campaign.pk).update(brake_floor=3)
    bulk.issue_rows(confirmed(upload(campaign, *players(6)), member).pk, now=now, seconds=1)

    assert brake_runaways(now=clock.now()) == 0

    Campaign.objects.filter(pk=campaign.pk).update(brake_counts_from=clock.now())
    for _number in range(8):
        make.reward(campaign)
    assert brake_runaways(now=clock.now()) == 1


def test_a_canceled_file_stops_between_two_lines(campaign, upload, member, now, monkeypatch):
    batch = confirmed(upload(campaign, *players(4)), member)
    real = bulk._issue

    def canceled_meanwhile(*args):
        bulk.cancel_batch(RewardBatch.objects.get(pk=batch.pk), by=member, now=now)
        return real(*args)

    monkeypatch.setattr(bulk, "_issue", canceled_meanwhile)
    bulk.issue_rows(batch.pk, now=now)
    bulk.issue_due_batches(now=now)

    batch.refresh_from_db()
    assert batch.status == Status.CANCELED
    assert [status for status, _refusal in outcomes(batch)] == ["issued", "waiting", "waiting", "waiting"]


def test_a_file_is_confirmed_once_and_then_kept(campaign, upload, member, now):
    batch = confirmed(upload(campaign, *players(1)), member)

    for act in (
        lambda: bulk.confirm_batch(batch, by=member, now=now),
        lambda: bulk.discard_batch(batch),
    ):
        with pytest.raises(RuleViolation):
            act()


def test_what_nobody_confirmed_is_forgotten_after_a_while(campaign, upload, now):
    batch = upload(campaign, *players(1))

    bulk.issue_due_batches(now=now + dt.timedelta(days=31))

    assert not RewardBatch.objects.filter(pk=batch.pk).exists() and not BatchRow.objects.exists()
