"""A campaign's history, and what of it differs from what was approved."""

import pytest
from django.urls import reverse

from campaigns.approval import transitions
from campaigns.approval.compare import compare_with_approved
from campaigns.budget import spending
from campaigns.models import CampaignChange
from campaigns.setup import service as setup
from catalog.pricing import prices
from tests import make


def differences(campaign, now) -> dict:
    return {row.field: (row.before, row.after) for row in compare_with_approved(campaign, now=now).differences}


def test_it_compares_the_draft_with_what_was_approved_last(console, member, now):
    campaign = make.campaign("approved", of=member)
    assert differences(campaign, now) == {}
    transitions.reopen_for_editing(campaign, by=member.user, now=now)
    moment, chosen = campaign.moments.get(), campaign.groups.get().choices.get().product
    other = make.product(2400, title="Another")

    setup.edit_campaign(campaign, redemption_message="New <b>words</b>")
    make.set_costs(campaign, 3000)
    setup.add_product(campaign, campaign.groups.get(), other)

    assert differences(campaign, now) == {
        "Redemption message": ("You reached level 10.", "New <b>words</b>"),
        f"Moment “{moment.key}”: cost per action in US": ("27.50", "30.00"),
        f"Rewards in US: {other.sku}, reward value": ("", "$24.00"),
        f"Rewards in US: {other.sku}, title": ("", "Another"),
    }
    page = console.get(reverse("console:campaigns:compare", args=[campaign.pk])).text
    assert "New &lt;b&gt;words&lt;/b&gt;" in page and str(chosen) not in page


def test_of_a_submission_it_is_what_the_operator_sees(member, now):
    campaign = make.campaign("approved", of=member)
    transitions.reopen_for_editing(campaign, by=member.user, now=now)
    setup.edit_campaign(campaign, terms="Other terms")
    version = transitions.submit_for_approval(campaign, by=member.user, now=now)

    found = compare_with_approved(campaign, now=now)

    assert (found.approved.number, found.version) == (1, version)
    assert [row.field for row in found.differences] == ["Terms"]


def test_prices_that_move_while_it_runs_are_no_difference_but_a_new_budget_is(member, now):
    campaign = make.campaign(of=member)
    product = campaign.groups.get().choices.get().product
    prices.set_price(product, 9900, now=now)
    assert differences(campaign, now) == {}

    spending.set_limits(campaign, total_budget_cents=6_000_000, monthly_limit_cents=500_000, by=member.user, now=now)

    assert differences(campaign, now) == {"Total budget": ("50000.00", "60000.00")}


def test_every_field_that_is_reviewed_has_a_label(member, now):
    from campaigns.approval.compare import label_of
    from campaigns.approval.snapshot import diff_versions, snapshot_campaign

    for campaign in (make.campaign("draft", of=member), make.campaign("draft", of=member, slug="books")):
        for row in diff_versions(None, snapshot_campaign(campaign, now=now)):
            assert label_of(row.field)


@pytest.mark.slow
def test_before_anything_was_approved_the_page_says_so(console, member):
    draft = make.campaign("rejected", of=member)

    assert "Nothing was approved yet" in console.get(reverse("console:campaigns:compare", args=[draft.pk])).text
    history = console.get(reverse("console:campaigns:history", args=[draft.pk])).text
    assert "The banner shows a logo of somebody else." in history


@pytest.mark.parametrize("lines", [5, 130])
def test_a_long_history_is_read_to_its_end_in_as_many_queries(
    console, member, now, django_assert_max_num_queries, lines
):
    campaign = make.campaign("draft", of=member)
    CampaignChange.objects.bulk_create(
        CampaignChange(campaign=campaign, occurred_at=now, actor=member.user, event=f"line {number}")
        for number in range(lines)
    )
    path, seen, query = reverse("console:campaigns:history", args=[campaign.pk]), [], ""
    while True:
        with django_assert_max_num_queries(7):
            page = console.get(path + query)
        seen += [change.pk for change in page.context["lines"]]
        if not page.context["older"]:
            break
        query = f"?before={page.context['older']}"

    assert len(seen) == len(set(seen)) == campaign.history.count()
    for bad in ("x", "%00", "9" * 40, "-1"):
        assert console.get(f"{path}?before={bad}").status_code == 200


def test_an_analyst_may_read_both_and_a_stranger_finds_neither(client, member):
    campaign = make.campaign(of=member)
    paths = [reverse(f"console:campaigns:{name}", args=[campaign.pk]) for name in ("history", "compare")]
    client.force_login(make.member("analyst", organization=member.organization).user)
    assert [client.get(path).status_code for path in paths] == [200, 200]

    client.force_login(make.member().user)

    assert [client.get(path).status_code for path in paths] == [404, 404]


def test_redeeming_adds_no_line(console, member):
    campaign = make.campaign(of=member)
    reward = make.reward(campaign)
    path = reverse("console:campaigns:history", args=[campaign.pk])
    before = [change.pk for change in console.get(path).context["lines"]]

    make.order(reward, by=make.customer())

    assert [change.pk for change in console.get(path).context["lines"]] == before


def test_the_history_reads_in_words(console, member):
    campaign = make.campaign("approved", of=member)

    page = console.get(reverse("console:campaigns:history", args=[campaign.pk])).text

    assert "pending approval" in page and ">pending<" not in page
