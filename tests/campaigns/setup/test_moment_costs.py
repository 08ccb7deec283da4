"""Cost per action: of each moment in each marketplace, entered once and charged as entered."""

import json

import pytest
from django.urls import reverse

from campaigns.approval import transitions
from campaigns.models import BudgetEntry, Campaign
from campaigns.setup import service as setup
from campaigns.setup.moment_costs import cost_cents, costs_of
from campaigns.setup.readiness import problems_of
from catalog.models import Marketplace
from console.campaigns.forms import cost_field
from rewards.issuing.service import issue_reward
from rewards.models import Reward
from tests import make


@pytest.fixture
def draft(member):
    """Offers $25.00 in the US ($27.50 with tax) and 40.00 euros in Germany."""
    campaign = make.campaign("draft", of=member)
    group = setup.choose_products(campaign, Marketplace.objects.get(code="DE"))
    setup.add_product(campaign, group, make.product(4000, store="DE"))
    return campaign


def groups_of(campaign):
    return {group.key: group for group in campaign.groups.all()}


def with_costs(campaign, **cents):
    moment, groups = campaign.moments.get(), groups_of(campaign)
    setup.set_costs(campaign, {(moment.pk, groups[key].pk): amount for key, amount in cents.items()})
    return campaign


def test_each_marketplace_charges_its_own_cost(draft, member, now):
    with_costs(draft, US=2750, DE=6000)
    transitions.submit_for_approval(draft, by=member.user, now=now)
    transitions.approve_campaign(draft, by=make.operator(), now=now)
    transitions.go_live(draft, by=member.user, now=now)

    issue_reward(make.ask(draft, group="US"))
    issue_reward(make.ask(draft, group="DE"))

    assert sorted(Reward.objects.values_list("group__key", "charge_cents")) == [("DE", 6000), ("US", 2750)]
    assert sorted(BudgetEntry.objects.values_list("amount_cents", flat=True)) == [2750, 6000]
    draft.refresh_from_db()
    assert draft.total_spent_cents == 8750


def test_a_store_without_a_cost_cannot_be_submitted(draft, now):
    assert [problem.message for problem in problems_of(draft, now=now)] == [
        "Set a cost per action for “MomentsReward” in Germany."
    ]


def test_an_item_of_one_store_raises_no_cost_of_another(draft, console):
    page = console.get(reverse("console:campaigns:budget", args=[draft.pk]))

    moment, groups = draft.moments.get(), groups_of(draft)
    initial = page.context["form"].initial
    assert initial[cost_field(moment.pk, groups["US"].pk)] == 2750
    assert initial[cost_field(moment.pk, groups["DE"].pk)] > 4000


def post_budget(console, draft, **dollars):
    moment, groups = draft.moments.get(), groups_of(draft)
    fields = {cost_field(moment.pk, groups[key].pk): text for key, text in dollars.items()}
    limits = {"total_budget_cents": "500", "monthly_limit_cents": "500"}
    return console.post(reverse("console:campaigns:budget", args=[draft.pk]), fields | limits)


def test_a_cost_that_is_too_low_is_refused_where_it_is_entered(draft, console):
    before = costs_of(draft)

    page = post_budget(console, draft, US="5", DE="60")

    assert page.status_code == 200
    assert "below the price" in page.content.decode() and 'value="5"' in page.content.decode()
    assert costs_of(draft) == before
    assert Campaign.objects.get(pk=draft.pk).total_budget_cents == 5_000_000


def test_costs_that_suffice_are_saved_for_each_store(draft, console):
    assert post_budget(console, draft, US="27.50", DE="60.00").status_code == 302

    moment, groups = draft.moments.get(), groups_of(draft)
    assert {key: cost_cents(moment, group) for key, group in groups.items()} == {"US": 2750, "DE": 6000}


def test_a_duplicate_has_the_same_costs(draft, member, now):
    with_costs(draft, US=2750, DE=6000)

    copy = setup.duplicate_campaign(draft, by=member, now=now)

    moment, groups = copy.moments.get(), groups_of(copy)
    assert {key: cost_cents(moment, group) for key, group in groups.items()} == {"US": 2750, "DE": 6000}
    assert len(costs_of(draft)) == 2


@pytest.mark.parametrize("call", ["GetRewardInfo", "GetReward"])
def test_retail_value_and_expiry_are_the_same_before_and_after_approval(client, member, settings, now, call):
    settings.API_RATE = "1000/s"
    campaign = make.campaign("pending", of=member)
    key = make.api_key(campaign.app, "test")
    body = {"appId": str(campaign.app_id), "campaignId": str(campaign.pk), "momentId": "MomentsReward"}
    body |= {"rewardGroupId": "US", "deviceType": "Web"}

    def answer():
        found = client.post(f"/prod/{call}", json.dumps(body), "application/json", headers={"x-api-key": key}).json()
        return found["retailValue"], found["rewardExpiresAt"]

    pending = answer()
    transitions.approve_campaign(campaign, by=make.operator(), now=now)
    approved = answer()
    transitions.go_live(campaign, by=member.user, now=now)

    assert pending == approved == answer()
    assert pending[0] == "25.00" and pending[1]
