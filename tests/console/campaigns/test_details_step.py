"""The details of a campaign: contacts, links, and a window that is what was typed."""

import pytest
from django.db import IntegrityError
from django.urls import reverse

from campaigns.models import Campaign
from campaigns.setup import service as setup
from campaigns.setup.readiness import problems_of
from moments import clock
from moments.errors import RuleViolation
from tests import make


@pytest.mark.parametrize("text", ["not an address", "help@", "http://example.com/help", "https://help", "javascript:x"])
def test_a_support_contact_is_an_email_address_or_an_https_page(console, member, text):
    draft = make.campaign("draft", of=member)

    with pytest.raises(RuleViolation) as caught:
        setup.edit_campaign(draft, support_contact=text)

    assert caught.value.field == "support_contact" and f"“{text}”" in caught.value.message
    assert Campaign.objects.get(pk=draft.pk).support_contact == "help@example.com"
    Campaign.objects.filter(pk=draft.pk).update(support_contact=text)  # as stored before the rule
    assert any(text in problem.message for problem in problems_of(Campaign.objects.get(pk=draft.pk), now=clock.now()))


@pytest.mark.parametrize(
    "link",
    [
        *("intent://x#Intent;end", "view-source:https://example.com", "filesystem:https://example.com/x", "http://a.b"),
        *(
            "javascript:alert(1)",
            " data:text/html,x",
            "https://user@example.com/",
            "https:\\\\example.com",
            "myapp:",
            "x",
        ),
        *("ms-word:ofe|u|https://x.y", "my app://home", "about:blank", "mailto:a@b.cd", "https://localhost/"),
    ],
)
def test_a_return_link_is_an_https_page_or_the_apps_own_link(db, link):
    draft = make.campaign("draft", return_link="lantern://home")

    with pytest.raises(RuleViolation) as caught:
        setup.edit_campaign(draft, return_link=link)

    assert caught.value.field == "return_link"
    assert Campaign.objects.get(pk=draft.pk).return_link == "lantern://home"


WINDOW = {"starts_at": "2027-01-01T10:00", "ends_at": "2027-02-01T10:00", "time_zone": "Europe/Berlin"}


def details(draft, **changes):
    kept = {"name": draft.name, "kind": draft.kind, "goes_live": draft.goes_live, "per_user_limit": "1"}
    return {**kept, "support_contact": "help@example.com", **WINDOW, **changes}


@pytest.mark.parametrize(
    ("field", "typed", "zone", "words"),
    [
        ("starts_at", "2027-03-28T02:30", "Europe/Berlin", "does not exist in Berlin"),
        ("ends_at", "2027-10-31T02:30", "Europe/Berlin", "comes twice in Berlin"),
        ("starts_at", "2027-03-14T02:00", "America/New_York", "does not exist in New York"),
        ("ends_at", "2027-11-07T01:59", "America/New_York", "comes twice in New York"),
    ],
)
def test_a_time_that_a_clock_change_skips_or_repeats_is_an_error_of_its_field(
    console, member, field, typed, zone, words
):
    draft = make.campaign("draft", of=member)
    before = (draft.starts_at, draft.ends_at, draft.time_zone)

    sent = details(draft, **{field: typed, "time_zone": zone})
    page = console.post(reverse("console:campaigns:details", args=[draft.pk]), sent)

    assert page.status_code == 200
    assert words in page.context["form"].errors[field][0]
    draft.refresh_from_db()
    assert (draft.starts_at, draft.ends_at, draft.time_zone) == before


@pytest.mark.slow
@pytest.mark.parametrize("typed", ["2027-03-28T03:00", "2027-03-28T01:59", "2027-10-31T03:00", "2027-10-31T01:59"])
def test_the_times_around_a_clock_change_are_what_was_typed(console, member, typed):
    draft = make.campaign("draft", of=member)

    assert (
        console.post(reverse("console:campaigns:details", args=[draft.pk]), details(draft, ends_at=typed)).status_code
        == 302
    )

    page = console.get(reverse("console:campaigns:details", args=[draft.pk])).content.decode()
    assert f'value="{typed}"' in page


def test_a_window_that_one_step_takes_the_next_takes_too(console, member):
    draft = make.campaign("draft", of=member)
    sent = details(draft, ends_at="2200-12-31T20:00", time_zone="America/New_York")
    assert console.post(reverse("console:campaigns:details", args=[draft.pk]), sent).status_code == 302

    setup.edit_campaign(draft, redemption_message="New words")  # in UTC the end is in 2201

    assert Campaign.objects.get(pk=draft.pk).redemption_message == "New words"


def test_a_database_error_is_not_taken_for_another(db, monkeypatch):
    """A name is taken only where the name's own constraint says so."""
    draft = make.campaign("draft")

    with pytest.raises(IntegrityError, match="campaign_per_user_limit_positive"):
        setup.edit_campaign(draft, per_user_limit=0)

    assert Campaign.objects.get(pk=draft.pk).per_user_limit == 1
