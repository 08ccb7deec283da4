"""The console's first page, and the limits: what waits, what is spent, how long it lasts."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import Member, SupportRequest
from accounts.organizations.service import open_request, reply_to_request, revoke_api_key
from campaigns.budget.holds import Held, hold_campaign
from campaigns.budget.limits import set_organization_limit
from campaigns.models import Campaign
from console.home.dashboard import dashboard_of
from outbox.models import Mail
from rewards.issuing.service import issue_reward
from tests import make
from tests.harness.markup import without_blanks

HOME, LIMITS, ASK = reverse("console:home"), reverse("console:limits:list"), reverse("console:limits:request")


def texts(member, now) -> list[str]:
    return [need.text for need in dashboard_of(member, now=now).needs]


def test_a_new_organization_is_shown_its_first_steps(console):
    page = console.get(HOME).text

    assert "Your first reward in five minutes" in page
    assert "Nothing was issued in this time" in page


@pytest.mark.parametrize(
    ("status", "seen"),
    [("rejected", "was not approved"), ("approved", "waits for you to go live"), ("draft", "is a draft")],
)
def test_each_state_that_waits_for_the_developer_is_told(member, now, status, seen):
    campaign = make.campaign(status, of=member)

    assert any(seen in text and campaign.name in text for text in texts(member, now))


def test_a_live_campaign_without_a_live_key_is_told_until_there_is_one(member, now):
    campaign = make.campaign(of=member)
    make.api_key(campaign.app, mode="test")
    assert any("no live key" in text for text in texts(member, now))

    make.api_key(campaign.app)
    assert not any("no live key" in text for text in texts(member, now))

    revoke_api_key(campaign.app.api_keys.get(mode="live"), by=member.user, now=now)
    assert any("no live key" in text for text in texts(member, now))


def test_what_is_held_comes_first_and_what_is_answered_is_told(member, now):
    held = make.campaign(of=member)
    make.campaign("draft", of=member)
    hold_campaign(held, because=Held.BRAKE, why="210 in 5 minutes.", now=now)
    asked = open_request(member, kind="other", subject="Our own mug", body="Please.", now=now)
    reply_to_request(asked, author=make.operator(), body="Yes.", from_operator=True, now=now)

    found = texts(member, now)

    assert "paused itself" in found[0]
    assert "We answered “Our own mug”." in found


def test_a_budget_that_is_about_to_run_out_is_told(member, now):
    campaign = make.campaign(of=member, total_budget_cents=11_000)
    for _action in range(3):
        issue_reward(make.ask(campaign))

    assert any("at this pace its budget is spent on" in text for text in texts(member, now))


def test_a_month_that_is_nearly_spent_is_told(member, now):
    campaign = make.campaign(of=member)
    set_organization_limit(member.organization, limit_cents=3000, why="Trial.", by=None, now=now)
    issue_reward(make.ask(campaign))

    assert "Your organization has spent 91 % of its monthly limit." in texts(member, now)


def test_an_analyst_is_not_told_of_drafts_that_others_must_finish(member, now):
    make.campaign("draft", of=member)
    analyst = make.member(Member.Role.ANALYST, organization=member.organization)

    assert not any("draft" in text for text in texts(analyst, now))


def test_the_page_draws_the_days_and_says_them_in_a_table(console, member):
    issue_reward(make.ask(make.campaign(of=member)))

    page = without_blanks(console.get(HOME).text)

    assert 'aria-label="Actions by day. 1 in 30 days."' in page
    assert "Show as table" in page
    assert "$27.50<small>1 action</small>" in page


@pytest.mark.slow
def test_no_page_moves_when_a_customer_redeems(console, member):
    reward = make.reward(make.campaign(of=member))
    pages = [HOME, LIMITS, reverse("console:reports:report"), reverse("console:reports:export")]
    before = [shown(console, page) for page in pages]

    make.order(reward, by=make.customer())

    assert [shown(console, page) for page in pages] == before


def shown(console, page) -> list[str]:
    """Without what is new with every answer."""
    answer = console.get(page)
    text = answer.getvalue().decode() if answer.streaming else answer.text
    return [line for line in text.splitlines() if "csrfmiddlewaretoken" not in line]


def test_pages_cost_the_same_queries_however_many_campaigns_there_are(console, member, django_assert_max_num_queries):
    for status in ["live", "live", "draft", "rejected"]:
        make.campaign(status, of=member)

    with django_assert_max_num_queries(24):
        console.get(HOME)
    with django_assert_max_num_queries(18):
        console.get(LIMITS)


# Limits


def test_the_limits_say_what_is_left_of_each(console, member):
    campaign = make.campaign(of=member, total_budget_cents=100_000)
    issue_reward(make.ask(campaign))

    page = console.get(LIMITS).text

    for seen in ["$14,972.50", "$4,972.50 left", "$972.50 left", "5 a second"]:
        assert seen in page


def test_asking_for_more_opens_a_request_and_tells_the_operators(console, member, settings):
    campaign = make.campaign(of=member)

    console.post(ASK, {"what": f"campaign:{campaign.pk}", "amount": "12,000", "why": "Christmas."})

    asked = SupportRequest.objects.get(kind="limit")
    body = asked.messages.get().body
    assert campaign.name in asked.subject
    assert "Wanted: $12,000.00 a month" in body and "Christmas." in body
    assert Mail.objects.filter(to_email=settings.OPERATOR_EMAIL, subject__contains=asked.subject).count() == 1


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ({"what": "organization", "why": "x"}, "Say how much a month you need."),
        ({"what": "organization", "amount": "much", "why": "x"}, "is not an amount"),
        ({"what": "organization", "amount": "30000"}, "This field is required"),
        ({"what": "app:00000000-0000-0000-0000-000000000000", "calls": "9", "why": "x"}, "is not one of the available"),
        ({"what": "\x00", "amount": "30000", "why": "x"}, "is not one of the available"),
    ],
)
def test_what_cannot_be_asked_keeps_what_was_typed(console, sent, seen):
    answer = console.post(ASK, sent)

    assert answer.status_code == 200 and seen in answer.text
    assert SupportRequest.objects.count() == 0


def test_calls_are_asked_for_an_app(console, member):
    app = make.app(member)

    assert "how many calls a second" in console.post(ASK, {"what": f"app:{app.pk}", "why": "x"}).text
    console.post(ASK, {"what": f"app:{app.pk}", "calls": "50", "why": "A tournament."})

    assert "Wanted: 50 calls a second" in SupportRequest.objects.get().messages.get().body


def test_an_analyst_sees_limits_and_cannot_ask(client, member):
    analyst = make.member(Member.Role.ANALYST, organization=member.organization)
    client.force_login(analyst.user)

    assert "Ask for more" not in client.get(LIMITS).text
    assert client.post(ASK, {"what": "organization", "amount": "30000", "why": "x"}).status_code == 403
    assert SupportRequest.objects.count() == 0


def test_a_strangers_campaign_is_in_no_menu(console):
    theirs = make.campaign()

    assert theirs.name not in console.get(ASK).text
    assert theirs.name not in console.get(LIMITS).text
    sent = {"what": f"campaign:{theirs.pk}", "amount": "30000", "why": "x"}
    assert console.post(ASK, sent).status_code == 200
    assert SupportRequest.objects.count() == 0


def test_archived_campaigns_are_gone_from_home(console, member, now):
    draft = make.campaign("draft", of=member)
    Campaign.objects.filter(pk=draft.pk).update(archived_at=now - dt.timedelta(days=1))

    assert draft.name not in console.get(HOME).text
