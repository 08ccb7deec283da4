"""Reports: narrowed, compared, downloaded, mailed."""

import csv
import datetime as dt
import io
import math

import pytest
from django.urls import reverse

from accounts.organizations.service import remove_member
from campaigns.setup.service import save_moment
from console.models import ReportSubscription
from console.reports.ab_statistics import Variant, differences, wilson
from console.reports.subscriptions import latest, mail_reports, subscribe
from outbox.emails.rendering import render_mail
from outbox.models import Mail
from rewards.issuing.service import issue_reward
from tests import make

REPORTS, EXPORT = reverse("console:reports:report"), reverse("console:reports:export")
MAIL = reverse("console:reports:subscribe")


@pytest.fixture
def campaign(member):
    return make.campaign(of=member, days=(-90, 30))


def rows(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


@pytest.mark.parametrize("by", ["day", "campaign", "moment", "marketplace", "device"])
def test_each_way_of_summing_up_adds_up_to_the_same(console, campaign, by):
    for device in ("iOS", "Web", "Web"):
        issue_reward(make.ask(campaign, device_type=device))

    answer = console.get(REPORTS, {"by": by})

    assert answer.context["report"].now.actions == 3
    assert sum(line.now.cents for line in answer.context["report"].lines) == 8250
    assert "$82.50" in answer.text


def test_the_file_has_what_the_page_shows_and_no_formula(console, campaign):
    type(campaign).objects.filter(pk=campaign.pk).update(name="=1+1")
    issue_reward(make.ask(campaign))
    issue_reward(make.ask(campaign), shift=-dt.timedelta(days=40))

    assert rows(console.get(EXPORT, {"by": "campaign"})) == [
        ["campaign", "actions", "spend", "actions_before", "spend_before", "currency"],
        ["'=1+1", "1", "27.50", "1", "27.50", "USD"],
    ]
    assert len(rows(console.get(EXPORT))) == 31
    assert rows(console.get(EXPORT, {"by": "moment"}))[1][:2] == [campaign.moments.get().key, "'=1+1"]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"since": "2026-02-30"}, "Enter a valid date"),
        ({"since": "2026-03-01", "until": "2026-02-01"}, "The last day lies before the first"),
        ({"since": "2020-01-01", "until": "2026-02-01"}, "at most 366 days"),
        ({"since": "0001-01-01", "until": "0001-01-02"}, "between 2000 and 2200"),
        ({"by": "customer"}, "is not one of the available"),
        ({"campaign": "x"}, "is not a valid UUID"),
        ({"device": "\x00"}, "is not one of the available"),
    ],
)
def test_what_cannot_be_asked_is_said_and_the_usual_is_shown(console, asked, shown):
    answer = console.get(REPORTS, asked)

    assert answer.status_code == 200 and shown in answer.text
    assert console.get(EXPORT, asked).status_code == 200


def test_a_strangers_campaign_cannot_be_chosen(console):
    theirs = make.campaign()
    issue_reward(make.ask(theirs))

    answer = console.get(REPORTS, {"campaign": theirs.pk})

    assert "not one of the available" in answer.text and theirs.name not in answer.text
    assert answer.context["report"].now.actions == 0
    assert console.get(reverse("console:reports:compare", args=[theirs.pk])).status_code == 404


def test_a_year_is_drawn_by_weeks_and_stays_a_small_page(console, campaign, now):
    issue_reward(make.ask(campaign))
    year = {"since": now.date() - dt.timedelta(days=364), "until": now.date()}

    answer = console.get(REPORTS, year)

    actions = answer.context["charts"][0]
    assert (actions.title, len(actions.bars), actions.words) == ("Actions by week", 53, "1 in 365 days.")
    assert len(answer.content) < 100_000


def test_a_page_of_reports_costs_few_queries(console, campaign, django_assert_max_num_queries):
    issue_reward(make.ask(campaign))

    with django_assert_max_num_queries(16):
        console.get(REPORTS, {"by": "moment"})


# One moment against another


def test_wilson_and_newcombe_agree_with_what_is_published():
    """Newcombe (1998), table II, (a): 56 of 70 against 48 of 80 is 0.0524 to 0.3339."""
    found = differences([Variant("b", 80, 48), Variant("a", 70, 56)])[0]

    assert found.one.key == "a"
    assert (round(found.interval.low, 4), round(found.interval.high, 4)) == (0.0524, 0.3339)
    assert round(wilson(0, 20).high, 3) == 0.161 and wilson(0, 20).low == 0
    assert math.isclose(wilson(20, 20).high, 1)


def two_moments(member):
    campaign = make.campaign("draft", of=member)
    save_moment(campaign, key="gold", description="Gold")
    return campaign


def test_more_than_chance_is_told_from_what_may_be_equal(console, member, monkeypatch):
    campaign = two_moments(member)
    first, second = campaign.moments.order_by("pk")
    page = reverse("console:reports:compare", args=[campaign.pk])
    monkeypatch.setattr("console.reports.views.actions_of", lambda *_args: {first.pk: 48, second.pk: 56})

    shown = console.get(page, {first.key: 80, second.key: 70}).text
    assert f"“{second.key}” moves more users than “{first.key}”:" in shown
    assert "20.0 more of a hundred" in shown

    shown = console.get(page, {first.key: 80, second.key: 90}).text
    assert "may be equal" in shown


def test_fewer_seen_than_rewarded_is_refused(console, member, monkeypatch):
    campaign = two_moments(member)
    first, second = campaign.moments.order_by("pk")
    monkeypatch.setattr("console.reports.views.actions_of", lambda *_args: {first.pk: 48, second.pk: 56})

    answer = console.get(reverse("console:reports:compare", args=[campaign.pk]), {first.key: 47, second.key: "many"})

    assert "“many” is not a whole number" in answer.text
    answer = console.get(reverse("console:reports:compare", args=[campaign.pk]), {first.key: 47, second.key: 100})
    assert "48 of them were rewarded" in answer.text and "more users" not in answer.text


def test_a_single_moment_has_nothing_to_be_compared_with(console, campaign):
    assert "There is only one moment" in console.get(reverse("console:reports:compare", args=[campaign.pk])).text


# By mail


MONDAY = dt.datetime(2026, 11, 23, 0, 5, tzinfo=dt.UTC)


def test_the_last_whole_week_and_month():
    assert str(latest("week", MONDAY)) == str(latest("week", MONDAY + dt.timedelta(days=6, hours=23)))
    assert latest("week", MONDAY).last == dt.date(2026, 11, 22)
    assert latest("week", MONDAY - dt.timedelta(minutes=6)).last == dt.date(2026, 11, 15)
    assert latest("month", MONDAY).first == dt.date(2026, 10, 1)
    assert latest("month", dt.datetime(2027, 1, 1, tzinfo=dt.UTC)).last == dt.date(2026, 12, 31)


def test_a_report_is_mailed_once_for_each_week_however_often_beat_runs(campaign, member, now):
    issue_reward(make.ask(campaign))
    subscribe(member, "week", now=now)
    assert mail_reports(now=now) == 0, "nothing for what has passed when it was asked for"

    week = dt.timedelta(days=7)
    assert [mail_reports(now=now + week) for _run in range(3)] == [1, 0, 0]
    ReportSubscription.objects.update(
        mailed_up_to=latest("week", now).last
    )  # a twin that read before the first had written
    assert mail_reports(now=now + week) == 0
    assert mail_reports(now=now + 2 * week) == 1
    assert Mail.objects.filter(kind="report", to_email=member.user.email).count() == 2


def test_the_mail_tells_the_figures_and_how_to_end_it(client, campaign, member, now):
    issue_reward(make.ask(campaign))
    subscribe(member, "week", now=now)
    mail_reports(now=now + dt.timedelta(days=7))

    mail = render_mail(Mail.objects.get(kind="report"))

    assert "$27.50" in mail.subject and campaign.name in mail.text and campaign.name in mail.html
    stop = next(word for word in mail.text.split() if "/stop/" in word)
    path = "/" + stop.split("/", 3)[3]
    assert client.get(path).status_code == 200 and ReportSubscription.objects.exists(), (
        "looking at the link ends nothing"
    )
    client.post(path)
    assert not ReportSubscription.objects.exists()
    assert client.get(path.replace("/stop/", "x/stop/")).status_code == 404


def test_it_is_asked_for_and_ended_on_the_page(console, member):
    console.post(MAIL, {"every": "month"})
    assert ReportSubscription.objects.get(member=member).every == "month"

    console.post(MAIL, {"every": "week"})
    assert ReportSubscription.objects.get().every == "week"

    console.post(MAIL, {"every": "\x00"})
    assert not ReportSubscription.objects.exists()
    assert console.get(MAIL).status_code == 405


def test_who_has_left_gets_no_more(member, now):
    other = make.member("analyst", organization=member.organization)
    subscribe(other, "week", now=now)

    remove_member(other, by=member)

    assert mail_reports(now=now + dt.timedelta(days=7)) == 0
