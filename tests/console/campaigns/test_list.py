"""The list of campaigns: narrowed, sorted, page by page; and campaigns put away."""

import datetime as dt
import time
import uuid

import pytest
from django.urls import reverse

from campaigns.approval import transitions
from campaigns.models import Campaign, CampaignChange
from campaigns.setup import service as setup
from campaigns.setup.archive import archive_campaign, unarchive_campaign
from campaigns.setup.listing import SORTS, CampaignFilter, page_of_campaigns
from moments.errors import RuleViolation
from tests import make

LIST = reverse("console:campaigns:list")


def bulk(member, count: int, **fields) -> None:
    """Many rows, some of them equal in everything that one can sort by."""
    app, now = make.app(member), make.clock.now()
    Campaign.objects.bulk_create(
        Campaign(
            organization=member.organization,
            app=app,
            name=f"Bulk {number:05}",
            starts_at=now + dt.timedelta(days=number % 5) if number % 3 else None,
            ends_at=now + dt.timedelta(days=9) if number % 2 else None,
            total_budget_cents=1000,
            total_spent_cents=number % 4,
            created_at=now - dt.timedelta(hours=number // 2),
            **fields,
        )
        for number in range(count)
    )


def shown(answer) -> list[str]:
    return [campaign.name for campaign in answer.context["page"].rows]


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort", SORTS)
def test_pages_go_to_the_end_and_back_in_every_order_and_miss_nothing(member, sort, descending):
    bulk(member, 11)
    wanted = CampaignFilter(sort=sort, descending=descending)

    pages = [page_of_campaigns(member, wanted, size=4)]
    while pages[-1].after:
        pages.append(page_of_campaigns(member, wanted, after=pages[-1].after, size=4))
    back = [pages[-1]]
    while back[-1].before:
        back.append(page_of_campaigns(member, wanted, before=back[-1].before, size=4))

    names = [campaign.name for page in pages for campaign in page.rows]
    assert len(names) == len(set(names)) == 11
    assert [page.rows for page in reversed(back)] == [page.rows for page in pages]
    if sort == "name":
        assert names == sorted(names, reverse=descending)


@pytest.mark.slow
def test_ten_thousand_campaigns_cost_as_many_queries_as_ten(console, member, django_assert_max_num_queries):
    bulk(member, 10_000)
    slowest = 0.0
    for query in ("", "sort=name&q=Bulk", "sort=-spent&status=draft", "q=077", "sort=ends&kind=challenge"):
        with django_assert_max_num_queries(7):
            began = time.monotonic()
            page = console.get(f"{LIST}?{query}")
            slowest = max(slowest, time.monotonic() - began)
        after = page.context["page"].after
        with django_assert_max_num_queries(8):
            page = console.get(f"{LIST}?{query}&after={after}")

        assert len(page.context["page"].rows) == 50
        assert len(page.content) < 100_000
    assert slowest < 2


@pytest.mark.slow
def test_a_list_is_narrowed_by_each_thing(console, member):
    draft, live = make.campaign("draft", of=member, name="Level Ten"), make.campaign(of=member, name="Winter")
    surprise = make.campaign("finished", of=member, kind="surprise")
    make.campaign(name="Level of a stranger")

    found = {
        query: shown(console.get(f"{LIST}?{query}"))
        for query in [
            *("q=level", f"q={live.pk}", "status=live", f"app={live.app_id}", "kind=surprise", "sort=name"),
            *(
                "status=archived",
                "q=level&status=live",
                "kind=nonsense",
                "sort=nonsense",
                "after=x",
                f"app={uuid.uuid4()}",
            ),
        ]
    }

    everything = [surprise.name, live.name, draft.name]
    assert list(found.values()) == [
        *([draft.name], [live.name], [live.name], [live.name], [surprise.name], sorted(everything)),
        *([], [], everything, everything, everything, everything),
    ]


@pytest.mark.parametrize("bad", ["q=%00", f"q={'x' * 10_000}", "after=%00", "app=%00", "sort=-", "status=%00"])
def test_nonsense_in_the_address_is_answered_with_a_list(console, member, bad):
    make.campaign("draft", of=member)

    assert console.get(f"{LIST}?{bad}").status_code == 200


def test_a_place_in_the_list_of_somebody_else_is_no_place(console, member):
    mine, theirs = make.campaign("draft", of=member), make.campaign("draft")

    assert shown(console.get(f"{LIST}?after={theirs.pk}")) == [mine.name]


# Archived


@pytest.mark.slow
def test_an_archived_campaign_leaves_lists_and_home_and_comes_back(console, member):
    campaign = make.campaign("draft", of=member, name="Put away")
    act, home = f"/console/campaigns/{campaign.pk}/do/", reverse("console:home")
    assert "bring it back at any time" in console.get(f"{act}archive/").text

    console.post(f"{act}archive/")

    assert [shown(console.get(f"{LIST}{query}")) for query in ("", "?status=archived")] == [[], ["Put away"]]
    assert "Put away" not in console.get(home).text
    page = console.get(reverse("console:campaigns:detail", args=[campaign.pk])).text
    assert "Archived:" in page and f"{act}unarchive/" in page and f"{act}submit/" not in page
    console.post(f"{act}unarchive/")
    assert shown(console.get(LIST)) == ["Put away"]
    assert list(CampaignChange.objects.filter(campaign=campaign).values_list("event", "actor")[:2]) == [
        ("brought back", member.user.pk),
        ("archived", member.user.pk),
    ]


@pytest.mark.parametrize("status", Campaign.Status.values)
def test_only_drafts_and_finished_ones_are_archived(member, now, status):
    campaign = make.campaign(status, of=member)

    if status in ("draft", "finished"):
        archive_campaign(campaign, by=member.user, now=now)
        code = "archived"  # a second time
    else:
        code = "not_archivable"
    lines = campaign.history.count()
    with pytest.raises(RuleViolation) as refused:
        archive_campaign(campaign, by=member.user, now=now)

    assert refused.value.code == code
    assert Campaign.objects.get(pk=campaign.pk).status == status
    assert campaign.history.count() == lines


def test_an_archived_draft_cannot_be_edited_or_submitted_until_it_is_back(console, member, now):
    campaign = make.campaign("draft", of=member)
    archive_campaign(campaign, by=member.user, now=now)

    for refused in (
        lambda: setup.edit_campaign(campaign, name="Other"),
        lambda: make.set_costs(campaign, 1),
        lambda: transitions.submit_for_approval(campaign, by=member.user, now=now),
    ):
        with pytest.raises(RuleViolation) as violation:
            refused()
        assert violation.value.code == "archived"
    assert console.get(reverse("console:campaigns:details", args=[campaign.pk])).status_code == 403
    before = Campaign.objects.get(pk=campaign.pk)
    assert (before.status, before.name) == ("draft", campaign.name)
    unarchive_campaign(campaign, by=member.user, now=now)
    transitions.submit_for_approval(campaign, by=member.user, now=now)


def test_an_analyst_archives_nothing(client, member):
    campaign = make.campaign("draft", of=member)
    client.force_login(make.member("analyst", organization=member.organization).user)

    assert client.post(f"/console/campaigns/{campaign.pk}/do/archive/").status_code == 403
    assert "archive/" not in client.get(f"/console/campaigns/{campaign.pk}/").text
    assert Campaign.objects.get(pk=campaign.pk).archived_at is None
