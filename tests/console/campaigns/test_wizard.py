"""The steps of the editor: nothing typed is lost, and what is wrong is said where it is typed."""

import pytest
from django.urls import reverse

from campaigns.models import Campaign
from campaigns.setup import service as setup
from moments.errors import RuleViolation
from tests import make


@pytest.fixture
def draft(member):
    return make.campaign("draft", of=member)


def step(draft, name: str) -> str:
    return reverse(f"console:campaigns:{name}", args=[draft.pk])


def test_the_default_moment_is_an_open_form_and_saving_it_adds_none(console, draft):
    page = console.get(step(draft, "moments"))
    moment = draft.moments.get()
    assert page.context["moment"] == moment and "Add another moment" in page.text

    typed = {"description": "Reaches level 10", "key": "level-10", "audience_note": ""}
    answer = console.post(reverse("console:campaigns:moment", args=[draft.pk, moment.pk]), typed)

    assert answer["Location"] == step(draft, "rewards")
    assert [(found.key, found.description) for found in draft.moments.all()] == [("level-10", "Reaches level 10")]


def test_another_moment_is_added_on_request_and_continue_keeps_what_was_typed(console, draft):
    page = console.get(step(draft, "moments") + "?add=1")
    assert page.context["is_adding"]

    console.post(step(draft, "moments"), {"description": "Shares", "key": "share", "audience_note": ""})

    assert list(draft.moments.values_list("key", flat=True)) == ["MomentsReward", "share"]


def test_an_empty_form_that_adds_a_moment_lets_one_go_on(console, draft):
    form = console.get(step(draft, "moments") + "?add=1").context["form"]

    answer = console.post(step(draft, "moments"), {name: form[name].value() or "" for name in form.fields})

    assert answer["Location"] == step(draft, "rewards") and draft.moments.count() == 1


@pytest.mark.parametrize("to", ["details", "rewards", "budget", "review"])
def test_a_step_button_saves_the_page_it_leaves(console, draft, to):
    typed = {"announcement_message": "Come!", "redemption_message": "New words", "banner_alt": "A present"}
    typed |= {"terms": "One each.", "to": to}

    answer = console.post(step(draft, "message"), typed)

    assert answer["Location"] == step(draft, to)
    draft.refresh_from_db()
    assert draft.redemption_message == "New words"


def test_what_cannot_be_saved_stays_and_can_be_left_on_purpose(console, draft):
    typed = {"announcement_message": "", "redemption_message": "New words", "banner_alt": "A present", "to": "budget"}

    page = console.post(step(draft, "message"), typed)

    assert page.status_code == 200 and "New words" in page.text
    assert "Leave without saving" in page.text and step(draft, "budget") in page.text
    draft.refresh_from_db()
    assert draft.redemption_message == "You reached level 10."


def test_a_step_that_is_none_leads_to_the_next_one(console, draft):
    typed = {
        "announcement_message": "a",
        "redemption_message": "b",
        "banner_alt": "c",
        "terms": "d",
        "to": "//evil.example",
    }

    assert console.post(step(draft, "message"), typed)["Location"] == step(draft, "budget")


def test_changing_the_budget_of_a_live_campaign_shows_no_steps_that_it_may_not_open(console, member):
    live = make.campaign(of=member)

    page = console.get(step(live, "budget"))

    assert page.status_code == 200
    assert "stepper" not in page.text and step(live, "details") not in page.text


def test_a_percentage_is_refused_where_it_is_entered_if_nobody_could_pay_the_rest(console, member, settings):
    make.product(1000, slug="tea")
    draft = make.campaign("draft", of=member, slug="tea", cpa_cents=2000)
    group = draft.groups.get()

    with pytest.raises(RuleViolation) as caught:
        setup.set_percent_off(draft, group, 50)
    page = console.get(reverse("console:campaigns:rewards_in", args=[draft.pk, "US"]))

    assert caught.value.code == "no_payments"
    assert draft.groups.get().percent_off is None and "Percent off" not in page.text
    settings.STRIPE_SECRET_KEY, settings.STRIPE_PUBLISHABLE_KEY = "sk_test_x", "pk_test_x"
    assert "Percent off" in console.get(reverse("console:campaigns:rewards_in", args=[draft.pk, "US"])).text
    setup.set_percent_off(draft, draft.groups.get(), 50)
    assert draft.groups.get().percent_off == 50


def test_going_live_is_asked_with_what_it_costs(console, member):
    campaign = make.campaign("approved", of=member, monthly_limit_cents=60_000)
    ask = reverse("console:campaigns:act", args=[campaign.pk, "go-live"])

    page = console.get(ask)

    assert "costs <strong>$27.50</strong>" in page.text and "At most <strong>$600.00</strong> this month" in page.text
    assert Campaign.objects.get(pk=campaign.pk).status == "approved"
    console.post(ask)
    assert Campaign.objects.get(pk=campaign.pk).status == "live"
