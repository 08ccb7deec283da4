"""What was issued, in the console: narrowed, page by page, as a file."""

import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Member
from campaigns.models import Campaign
from outbox.models import Event
from rewards.issuing.listing import RewardFilter, every_reward, page_of_rewards
from rewards.models import Reward
from tests import make

ALL = reverse("console:rewards:list")


@pytest.fixture
def campaign(member):
    return make.campaign(of=member)


def ids(answer) -> list:
    return [row[0].pk for row in answer.context["rows"]]


def test_pages_go_to_the_end_and_back_and_miss_nothing(member, campaign, now):
    made = [make.reward(campaign).pk for _number in range(7)]
    Reward.objects.filter(pk__in=made[2:5]).update(issued_at=now)  # the same instant: the id decides
    everything = [reward.pk for reward in every_reward(member, RewardFilter(), now=now, chunk=3)]

    pages = [page_of_rewards(member, RewardFilter(), size=3, now=now)]
    while pages[-1].after:
        pages.append(page_of_rewards(member, RewardFilter(), after=pages[-1].after, size=3, now=now))
    back = [pages[-1]]
    while back[-1].before:
        back.append(page_of_rewards(member, RewardFilter(), before=back[-1].before, size=3, now=now))

    assert [reward.pk for page in pages for reward in page.rows] == everything
    assert set(everything) == set(made) and len(everything) == 7
    assert {reward.pk for page in back for reward in page.rows} == set(made)
    assert [len(page.rows) for page in pages] == [3, 3, 1]


@pytest.mark.slow
def test_a_list_is_narrowed_by_each_thing(console, member, campaign, now):
    other = make.campaign(of=member)
    Campaign.objects.filter(pk=other.pk).update(rewards_expire_at=now)
    ada, bob, closed = make.reward(campaign, app_user_id="ada"), make.reward(campaign, source="csv"), make.reward(other)
    Reward.objects.filter(pk=bob.pk).update(voided_at=now)
    Reward.objects.filter(pk=ada.pk).update(issued_at=now - dt.timedelta(days=3))
    day = (now - dt.timedelta(days=3)).date().isoformat()

    found = {
        query: set(ids(console.get(f"{ALL}?{query}")))
        for query in [
            f"q={ada.pk}",
            "q=ada",
            "q=ad",
            "source=csv",
            "state=voided",
            "state=issued",
            "state=window_closed",
            f"campaign={campaign.pk}",
            f"campaign={campaign.pk}&state=issued",
            f"campaign={campaign.pk}&moment={campaign.moments.get().pk}",
            f"since={day}&until={day}",
        ]
    }

    assert list(found.values()) == [
        *({ada.pk}, {ada.pk}, set(), {bob.pk}, {bob.pk}, {ada.pk}, {closed.pk}),
        *({ada.pk, bob.pk}, {ada.pk}, {ada.pk, bob.pk}, {ada.pk}),
    ]


def test_days_are_those_of_the_member(console, member, campaign):
    member.user.time_zone = "Asia/Tokyo"
    member.user.save(update_fields=["time_zone"])
    reward = make.reward(campaign)
    Reward.objects.filter(pk=reward.pk).update(issued_at=dt.datetime(2026, 3, 1, 15, 0, tzinfo=dt.UTC))

    assert ids(console.get(f"{ALL}?since=2026-03-02&until=2026-03-02")) == [reward.pk]
    assert ids(console.get(f"{ALL}?since=2026-03-01&until=2026-03-01")) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        *("q=%00", f"q={'x' * 10_000}", "campaign=1", "campaign=%00", "moment=99999999999999999999", "state=redeemed"),
        *("state=claimed", "source=%F0%9F%8E%81", "since=9999-99-99", "until=0001-01-01", "since=9999-12-31"),
        *("until=9999-12-31", "since=2026-02-02&until=2026-01-01", "after=%00", "before=x", "since=0001-01-01"),
    ],
)
def test_nonsense_in_the_address_is_answered_with_a_page(console, campaign, query):
    make.reward(campaign)

    assert console.get(f"{ALL}?{query}").status_code == 200
    assert console.get(f"{reverse('console:rewards:export')}?{query}").status_code in {200, 302}


def test_a_strangers_reward_and_campaign_are_not_found(console, campaign):
    mine, theirs = make.reward(campaign), make.reward(make.campaign())

    assert ids(console.get(ALL)) == ids(console.get(f"{ALL}?after={theirs.pk}")) == [mine.pk]
    assert ids(console.get(f"{ALL}?q={theirs.pk}")) == []
    for name in ("console:rewards:detail", "console:rewards:void"):
        assert console.get(reverse(name, args=[theirs.pk])).status_code == 404
    for name in (
        "console:rewards:campaign",
        "console:rewards:export_campaign",
        "console:rewards:email_preview",
        "console:rewards:uploads",
    ):
        assert console.get(reverse(name, args=[theirs.campaign_id])).status_code == 404


@pytest.mark.slow
def test_nothing_that_a_developer_can_fetch_moves_when_a_reward_is_redeemed(console, campaign):
    redeemed, kept = make.reward(campaign, app_user_id="ada"), make.reward(campaign, app_user_id="bob")
    pages = [
        *(ALL, f"{ALL}?state=issued", f"{ALL}?q=ada", reverse("console:rewards:campaign", args=[campaign.pk])),
        *(reverse("console:rewards:detail", args=[reward.pk]) for reward in (redeemed, kept)),
        *(reverse("console:rewards:void", args=[redeemed.pk]), reverse("console:rewards:send", args=[campaign.pk])),
        reverse("console:rewards:email_preview", args=[campaign.pk]),
    ]
    exported = reverse("console:rewards:export")

    def seen():
        import re

        texts = [console.get(page).text for page in pages]
        return [re.sub(r'(csrfmiddlewaretoken|once)" value="[^"]+"', "", text) for text in texts] + [
            console.get(exported).getvalue()
        ]

    before = seen()
    make.order(redeemed, by=make.customer())

    assert seen() == before


def test_a_void_asks_once_and_refunds_nothing(console, campaign, reward_page):
    reward = make.reward(campaign)
    page = reverse("console:rewards:void", args=[reward.pk])

    assert "Nothing is refunded" in console.get(page).text
    reward.refresh_from_db()
    assert reward.voided_at is None

    assert "Its charge stays" in console.post(page, follow=True).text
    campaign.refresh_from_db()
    assert campaign.total_spent_cents == 2750
    assert Event.objects.filter(type="reward.voided").count() == 1
    assert "Void</a>" not in reward_page(reward)


@pytest.fixture
def reward_page(console):
    return lambda reward: console.get(reverse("console:rewards:detail", args=[reward.pk])).text


def test_an_analyst_sees_and_does_not_act(client, member, campaign):
    reward = make.reward(campaign)
    client.force_login(make.member(Member.Role.ANALYST, organization=member.organization).user)

    seen = client.get(ALL).text + client.get(reverse("console:rewards:detail", args=[reward.pk])).text
    refused = [
        client.post(reverse("console:rewards:void", args=[reward.pk])),
        client.get(reverse("console:rewards:void", args=[reward.pk])),
        client.get(reverse("console:rewards:send", args=[campaign.pk])),
        client.post(reverse("console:rewards:check_upload", args=[campaign.pk])),
    ]

    assert str(reward.pk) in seen and "/void/" not in seen and "/send/" not in seen
    assert {answer.status_code for answer in refused} == {403}
    reward.refresh_from_db()
    assert reward.voided_at is None


@pytest.mark.slow
def test_a_page_of_fifty_takes_as_many_queries_as_a_page_of_one(console, campaign):
    def queries(page):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            answer = console.get(page)
        return len(captured), len(answer.content)

    make.reward(campaign)
    few = [
        queries(page)[0]
        for page in (ALL, f"{ALL}?state=issued", reverse("console:rewards:campaign", args=[campaign.pk]))
    ]
    for number in range(60):
        make.reward(campaign, app_user_id=f"player-{number}")
    many = [
        queries(page) for page in (ALL, f"{ALL}?state=issued", reverse("console:rewards:campaign", args=[campaign.pk]))
    ]

    assert [count for count, _size in many] == few
    assert max(few) <= 8
    assert max(size for _count, size in many) < 100_000


def test_the_file_is_the_list_as_narrowed_and_starts_no_formula(console, campaign):
    make.reward(campaign, app_user_id="=HYPERLINK(1)")
    make.reward(campaign, app_user_id="ada", source="csv")

    whole = list(
        csv.DictReader(io.StringIO(console.get(reverse("console:rewards:export")).getvalue().decode("utf-8-sig")))
    )
    narrowed = (
        console.get(reverse("console:rewards:export_campaign", args=[campaign.pk]) + "?source=csv")
        .getvalue()
        .decode("utf-8-sig")
    )

    assert [row["user_id"] for row in whole] == ["ada", "'=HYPERLINK(1)"]
    assert whole[0]["charge"] == "27.50" and whole[0]["state"] == "issued"
    assert [row["user_id"] for row in csv.DictReader(io.StringIO(narrowed))] == ["ada"]
    assert "/r/" not in narrowed


def test_the_send_page_says_what_it_costs_what_is_left_and_shows_the_mail(console, campaign):
    make.reward(campaign)

    page = console.get(reverse("console:rewards:send", args=[campaign.pk])).text
    mail = console.get(reverse("console:rewards:email_preview", args=[campaign.pk]))

    assert "$27.50" in page and "$4,972.50" in page and "180 more possible" in page
    assert "You reached level 10." in mail.text and "/r/preview-" in mail.text
    assert "sandbox" in mail["Content-Security-Policy"]


def test_the_send_page_says_why_nothing_would_be_issued(console, member):
    draft = make.campaign("suspended", of=member)

    assert "taken down" in console.get(reverse("console:rewards:send", args=[draft.pk])).text
