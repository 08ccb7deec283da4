"""Users split between moments, by the code that developers copy."""

import shutil
import subprocess
import sys

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from campaigns.models import Moment
from campaigns.setup import ab_split
from campaigns.setup import service as setup
from campaigns.setup.readiness import problems_of
from console.developers.snippets import SAMPLE_USER, split_snippet
from moments.errors import RuleViolation
from tests import make


@pytest.fixture
def draft(member):
    """With two moments: a, b."""
    campaign = make.campaign("draft", of=member)
    setup.save_moment(campaign, moment=campaign.moments.get(), key="a")
    setup.save_moment(campaign, key="b", description="Other words")
    make.set_costs(campaign, 2750)
    return campaign


def shares(campaign) -> list:
    return list(campaign.moments.values_list("share_percent", flat=True))


def posted(campaign, *percent) -> dict:
    return {f"share_{moment.pk}": value for moment, value in zip(campaign.moments.all(), percent, strict=True)}


def test_shares_are_saved_shown_and_cleared(console, draft, now):
    step = reverse("console:campaigns:moments", args=[draft.pk])
    assert "A/B split" in console.get(step).text and "SPLIT" not in console.get(step).text

    console.post(reverse("console:campaigns:split", args=[draft.pk]), posted(draft, 70, 30))

    assert shares(draft) == [70, 30]
    page = console.get(step, {"language": "javascript"}).text
    assert "momentFor" in page and "70 %" in page
    assert problems_of(draft, now=now) == []
    assert shares(setup.duplicate_campaign(draft, by=draft.organization.members.get(), now=now)) == [70, 30]
    console.post(reverse("console:campaigns:split", args=[draft.pk]), {"clear": "1"})
    assert shares(draft) == [None, None]


@pytest.mark.parametrize("bad", [(70, 40), (0, 0), (-1, 101), (101, -1), ("", 100), ("x", "\x00"), ("9" * 5000, 1)])
def test_shares_that_are_not_all_are_refused_kept_and_change_nothing(console, draft, bad):
    answer = console.post(reverse("console:campaigns:split", args=[draft.pk]), posted(draft, *bad))

    assert answer.status_code == 200 and answer.context["shares"].errors
    assert shares(draft) == [None, None]
    if bad == (70, 40):
        assert "The shares add up to 110 %, not to 100 %." in answer.text and 'value="70"' in answer.text


def test_the_rule_refuses_by_itself_and_the_database_beneath_it(draft):
    first, second = draft.moments.all()
    for wrong in ({first.pk: 100}, {first.pk: 150, second.pk: -50}, {first.pk: 50, second.pk: 49}):
        with pytest.raises(RuleViolation):
            ab_split.set_shares(draft, wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Moment.objects.filter(pk=first.pk).update(share_percent=101)
    assert shares(draft) == [None, None]


def test_what_no_longer_adds_up_stands_in_the_way_of_submitting(draft, now):
    first, second = draft.moments.all()
    ab_split.set_shares(draft, {first.pk: 50, second.pk: 50})
    third = setup.save_moment(draft, key="c", description="Third")
    make.set_costs(draft, 2750)

    assert [problem.step for problem in problems_of(draft, now=now)] == ["moments"]
    setup.remove_moment(draft, first)
    assert len(problems_of(draft, now=now)) == 2
    setup.remove_moment(draft, third)
    assert shares(draft) == [None] and problems_of(draft, now=now) == []


def test_a_split_is_frozen_with_the_rest(console, member):
    live = make.campaign(of=member)

    assert console.post(reverse("console:campaigns:split", args=[live.pk]), posted(live, 100)).status_code == 403
    assert shares(live) == [None]


def test_users_fall_to_moments_as_the_shares_say_and_always_to_the_same(draft):
    first, second = draft.moments.all()
    ab_split.set_shares(draft, {first.pk: 90, second.pk: 10})
    moments = list(draft.moments.all())

    found = [ab_split.moment_for(draft, moments, f"user-{number}").key for number in range(5000)]

    assert found == [ab_split.moment_for(draft, moments, f"user-{number}").key for number in range(5000)]
    assert 420 < found.count("b") < 580


def test_the_code_in_every_language_agrees_with_ours(draft):
    first, second = draft.moments.all()
    ab_split.set_shares(draft, {first.pk: 35, second.pk: 65})
    moments, users = list(draft.moments.all()), [f"user-{number}" for number in range(1, 6)] + ["ünïcode"]
    programs = {
        "python": [sys.executable, "-c"],
        "curl": ["bash", "-c"],
        "javascript": ["node", "--input-type=module", "-e"],
    }

    for language, command in programs.items():
        if not shutil.which(command[0]):
            continue
        code = split_snippet(language, draft, moments)
        for user in users[:1] if language == "javascript" else users:
            done = subprocess.run(
                [*command, code.replace(SAMPLE_USER, user)], capture_output=True, text=True, check=True
            )
            assert done.stdout.strip() == ab_split.moment_for(draft, moments, user).key, (language, user)


def test_the_test_page_shows_the_split_and_the_moment_that_it_gives(console, draft):
    first, second = draft.moments.all()
    ab_split.set_shares(draft, {first.pk: 0, second.pk: 100})

    page = console.get(reverse("console:developers:test", args=[draft.pk]))

    assert page.context["chosen"].moment == second
    assert "sha256sum" in page.text


def test_removing_a_moment_is_asked_once(console, draft):
    second = draft.moments.last()
    path = reverse("console:campaigns:remove_moment", args=[draft.pk, second.pk])

    assert "Remove “b”" in console.get(path).text and draft.moments.count() == 2
    console.post(path)

    assert draft.moments.get().key == "a"
