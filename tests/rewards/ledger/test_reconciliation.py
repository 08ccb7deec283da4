"""Books that differ: found, held, told, and set right by a person."""

import pytest
from django.db import connection
from django.urls import reverse

from campaigns.budget.holds import Held, hold_campaign, release_brake
from campaigns.budget.rebuild_counters import rebuild_counters
from campaigns.models import BudgetEntry, Campaign, CampaignMonth, OrganizationMonth
from catalog.stock import add_size, receive_units
from moments.errors import RuleViolation
from outbox.models import Event, Mail
from rewards.issuing.service import issue_reward
from rewards.ledger.reconciliation import reconcile
from rewards.models import ReconciliationRun, Reward
from tests import make
from tests.harness.owner import owner


@pytest.fixture
def operator(client, db):
    made = make.operator()
    client.force_login(made)
    client.user = made
    return client


def falsify(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


FALSE = {
    "campaign total": "UPDATE campaigns_campaign SET total_spent_cents = total_spent_cents + 1",
    "campaign month": "UPDATE campaigns_campaignmonth SET spent_cents = spent_cents - 1",
    "organization month": "UPDATE campaigns_organizationmonth SET spent_cents = 0",
    "reward charges": "UPDATE rewards_reward SET charge_cents = charge_cents + 1",
    "events": "DELETE FROM outbox_event WHERE type = 'reward.issued'",
}


@pytest.mark.parametrize("what", FALSE)
def test_whatever_is_falsified_is_found_and_holds_the_campaign(campaign, now, what):
    issue_reward(make.ask(campaign))
    assert reconcile(now=now) == []

    falsify(FALSE[what])

    assert {found.what for found in reconcile(now=now)} - {"reward"} == {what}
    campaign.refresh_from_db()
    assert campaign.held_because == Held.BOOKS
    with pytest.raises(RuleViolation) as caught:
        issue_reward(make.ask(campaign))
    assert caught.value.code == "held_for_review"
    assert Mail.objects.filter(subject="The books differ").count() == 1


def test_a_ledger_line_without_its_reward_is_found(campaign, now):
    issue_reward(make.ask(campaign))
    Reward.objects.all().delete()

    assert {found.what for found in reconcile(now=now)} == {"reward", "reward charges", "rewards"}


ONE_BY_ONE = {  # what leaves every sum as it is
    "amounts of two rewards": ("UPDATE rewards_reward SET charge_cents = 5501 - charge_cents", {"reward"}, 2),
    "amounts of two entries": (
        "UPDATE campaigns_budgetentry SET amount_cents = 5501 - amount_cents",
        {"reward"},
        2,
    ),
    "the reward of an entry": (
        "UPDATE campaigns_budgetentry SET reference = 'reward:' || gen_random_uuid() WHERE amount_cents = 2750",
        {"reward"},
        2,
    ),
    "what an entry is for": (
        "UPDATE campaigns_budgetentry SET kind = 'gift' WHERE amount_cents = 2750",
        {"reward", "unknown kind"},
        2,
    ),
}


@pytest.mark.parametrize("how", ONE_BY_ONE)
def test_each_reward_has_its_own_entry_of_its_own_amount(campaign, now, how):
    """Two rewards, of 2750 and 2751 cents; the ledger is falsified past its triggers."""
    for _reward in range(2):
        issue_reward(make.ask(campaign))
    first = BudgetEntry.objects.latest("pk").reference.removeprefix("reward:")
    with owner(is_guarded=False) as cursor:
        cursor.execute("UPDATE rewards_reward SET charge_cents = 2751 WHERE id = %s", [first])
        cursor.execute("UPDATE campaigns_budgetentry SET amount_cents = 2751 WHERE reference = %s", [f"reward:{first}"])
        for table in (
            "campaigns_campaign SET total_spent_cents = total_",
            "campaigns_campaignmonth SET spent_cents = ",
        ):
            cursor.execute(f"UPDATE {table}spent_cents + 1")
        cursor.execute("UPDATE campaigns_organizationmonth SET spent_cents = spent_cents + 1")
        cursor.execute("UPDATE rewards_dailyrewardtotals SET cents = cents + 1")
    assert reconcile(now=now) == []
    statement, found_as, count = ONE_BY_ONE[how]

    with owner(is_guarded=False) as cursor:
        cursor.execute(statement)

    found = [row for row in reconcile(now=now) if row.what in {"reward", "unknown kind"}]
    assert {row.what for row in found} == found_as and len(found) == count
    campaign.refresh_from_db()
    assert campaign.held_because == Held.BOOKS


def test_another_campaign_of_the_organization_goes_on(now):
    owner = make.member()
    one, other = make.campaign(of=owner), make.campaign(of=owner)
    falsify(f"UPDATE campaigns_campaign SET total_spent_cents = 1 WHERE id = '{one.pk}'")

    reconcile(now=now)

    assert issue_reward(make.ask(other)).outcome == "issued"
    falsify("UPDATE campaigns_organizationmonth SET spent_cents = 0")
    reconcile(now=now)
    other.refresh_from_db()
    assert other.held_at


def test_books_that_differ_take_over_from_the_brake(campaign, now):
    """Else the developer would release it, and it issued on books that nobody has looked at."""
    hold_campaign(campaign, because=Held.BRAKE, why="210 rewards in 5 minutes.", now=now)
    falsify(FALSE["campaign total"])

    reconcile(now=now)

    campaign.refresh_from_db()
    assert campaign.held_because == Held.BOOKS
    with pytest.raises(RuleViolation, match="looking at"):
        release_brake(campaign, by=campaign.created_by, now=now)
    assert not hold_campaign(campaign, because=Held.BRAKE, why="Again.", now=now)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE catalog_productsize SET stock = stock + 1", {"stock of a size", "stock in sizes"}),
        ("UPDATE catalog_product SET stock = stock + 1", {"stock", "stock in sizes"}),
        ("INSERT INTO catalog_stockmove (product_id, size_id, units, reason, reference, occurred_at) "
         "SELECT product_id, id, -1, 'count', '', now() FROM catalog_productsize", {"stock", "stock of a size"}),
    ],
)  # fmt: skip
def test_stock_is_the_sum_of_its_sizes_and_each_of_its_moves(db, now, statement, what):
    product = make.product(stock_units=0)
    receive_units(product, 2, size=add_size(product, "S", now=now), now=now)
    assert reconcile(now=now) == []

    falsify(statement)

    assert {found.what for found in reconcile(now=now)} == what


def test_stock_and_points_that_differ_are_told_and_hold_nothing(campaign, now):
    falsify("UPDATE catalog_product SET stock = stock + 1")

    assert [found.what for found in reconcile(now=now)] == ["stock"]
    reconcile(now=now)

    assert not Campaign.objects.exclude(held_at=None).exists()
    assert Mail.objects.filter(subject="The books differ").count() == 1


def test_every_check_is_kept_and_says_when_they_last_balanced(campaign, now):
    reconcile(now=now)
    falsify(FALSE["campaign total"])
    reconcile(now=now)

    assert ReconciliationRun.objects.count() == 2
    assert ReconciliationRun.last_balanced() == now
    assert "$0.01 counted, $0.00 in the ledger" in ReconciliationRun.objects.first().lines[0]


def test_counters_are_set_to_the_ledger_by_a_person_alone(campaign, now):
    operator = make.operator()
    issue_reward(make.ask(campaign))
    for what in ("campaign total", "campaign month", "organization month"):
        falsify(FALSE[what])
    with pytest.raises(RuleViolation) as caught:
        rebuild_counters(campaign, why="It differs.", by=operator, now=now)
    assert caught.value.code == "not_held"
    reconcile(now=now)

    rebuild_counters(campaign, why="Somebody typed SQL.", by=operator, now=now)

    assert reconcile(now=now) == []
    assert (campaign.total_spent_cents, campaign.held_because) == (2750, Held.BOOKS)
    assert CampaignMonth.objects.get().spent_cents == OrganizationMonth.objects.get().spent_cents == 2750


def test_a_ledger_over_a_cap_is_not_hidden(campaign, now):
    issue_reward(make.ask(campaign))
    falsify("UPDATE campaigns_campaignmonth SET spent_cents = 0, limit_cents = 1000")
    hold_campaign(campaign, because=Held.BOOKS, why="Look.", now=now)

    with pytest.raises(RuleViolation) as caught:
        rebuild_counters(campaign, why="It differs.", by=make.operator(), now=now)

    assert caught.value.code == "ledger_over_cap"
    assert CampaignMonth.objects.get().spent_cents == 0


def test_an_operator_sees_why_and_sets_it_right(operator, campaign, now):
    issue_reward(make.ask(campaign))
    falsify(FALSE["campaign total"])
    books = reverse("admin:rewards_reconciliationrun_changelist")
    assert b"not been checked yet" in operator.get(books).content

    assert b"1 differences." in operator.post(reverse("admin:rewards_reconciliationrun_now"), follow=True).content
    held = reverse("admin:rewards_reconciliationrun_held", args=[campaign.pk])
    assert held.encode() in operator.get(books).content
    page = operator.get(held).content.decode()
    assert "Campaign total" in page and "$27.51" in page and "$27.50" in page

    assert "This field is required" in operator.post(held, {"release": "1", "why": ""}).content.decode()
    operator.post(held, {"recount": "1", "why": "A slip."})
    operator.post(held, {"release": "1", "why": "It agrees now."})

    campaign.refresh_from_db()
    assert campaign.held_at is None
    assert list(campaign.history.values_list("actor__email", flat=True)[:2]) == [operator.user.email] * 2
    assert b"The books balance" in operator.post(reverse("admin:rewards_reconciliationrun_now"), follow=True).content
    assert Event.objects.filter(type="campaign.released").count() == 1


def test_staff_without_the_right_look_and_change_nothing(client, campaign, now):
    from django.contrib.auth.models import Permission

    hold_campaign(campaign, because=Held.BOOKS, why="Look.", now=now)
    clerk = make.user(is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_reconciliationrun"))
    client.force_login(clerk)

    held = reverse("admin:rewards_reconciliationrun_held", args=[campaign.pk])
    assert b"Reason" not in client.get(held).content
    client.post(held, {"release": "1", "why": "Please."})
    client.post(reverse("admin:rewards_reconciliationrun_now"))

    campaign.refresh_from_db()
    assert campaign.held_at and not ReconciliationRun.objects.exists()
    client.force_login(make.user(is_staff=True))
    assert client.get(held).status_code == 403
