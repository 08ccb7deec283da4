"""The rewards step: what drops a choice made before is asked once."""

import pytest
from django.urls import reverse

from campaigns.setup import service as setup
from campaigns.setup.cpa import suggest_cpa
from campaigns.setup.readiness import problems_of, warnings_of
from tests import make


@pytest.fixture
def draft(member):
    return make.campaign("draft", of=member)


@pytest.fixture
def choose(console, draft):
    def act(**typed):
        return console.post(reverse("console:campaigns:choose", args=[draft.pk, "US"]), typed)

    return act


def test_a_category_takes_the_place_of_products_only_when_one_is_sure(choose, draft):
    product, toys = draft.groups.get().choices.get().product, make.category("toys")

    asked = choose(category=toys.pk, query="category=2")

    assert asked.status_code == 200 and str(product) in asked.text and "Offer “Toys” instead?" in asked.text
    assert 'value="category=2"' in asked.text
    assert [choice.product for choice in draft.groups.get().choices.all()] == [product]

    assert choose(category=toys.pk, sure="1").status_code == 302
    assert (draft.groups.get().category, draft.groups.get().choices.count()) == (toys, 0)


def test_a_store_is_emptied_only_when_one_is_sure(choose, draft):
    assert "Offer nothing in" in choose(clear="1").text
    assert draft.groups.exists()

    assert choose(clear="1", sure="1").status_code == 302
    assert not draft.groups.exists()
    assert choose(clear="1").status_code == 404  # nothing there


def test_what_drops_nothing_is_not_asked(choose, draft):
    group, toys, books = draft.groups.get(), make.category("toys"), make.category("books")
    assert choose(remove=group.choices.get().product_id).status_code == 302
    assert choose(category=toys.pk).status_code == 302
    assert choose(category=toys.pk).status_code == 302
    assert choose(category=books.pk).status_code == 200
    assert draft.groups.get().category == toys


@pytest.fixture
def take_off(console, draft, settings):
    """Where the rest can be paid; elsewhere there is no percentage."""
    settings.STRIPE_SECRET_KEY, settings.STRIPE_PUBLISHABLE_KEY = "sk_test_x", "pk_test_x"

    def act(percent: str):
        return console.post(reverse("console:campaigns:percent_off", args=[draft.pk, "US"]), {"percent_off": percent})

    return act


@pytest.mark.slow
def test_a_percentage_is_taken_off_a_category_and_off_again(choose, take_off, console, draft):
    make.product(1000, slug="tea")
    assert take_off("50").status_code == 302  # of products none
    assert draft.groups.get().percent_off is None

    choose(category=make.category("tea").pk, sure="1")
    assert take_off("50").status_code == 302
    page = console.get(reverse("console:campaigns:rewards_in", args=[draft.pk, "US"])).text
    assert "50 % off anything in “Tea”" in page and 'value="50"' in page
    assert "50 % off anything in “Tea”" in console.get(reverse("console:campaigns:review", args=[draft.pk])).text

    assert take_off("").status_code == 302
    assert draft.groups.get().percent_off is None


@pytest.mark.slow
@pytest.mark.parametrize("typed", ["0", "100", "-5", "half", "\x00", "9" * 40, "1.5"])
def test_what_is_no_percentage_is_refused_and_kept(choose, take_off, draft, typed):
    choose(category=make.category("tea").pk, sure="1")
    take_off("40")

    answer = take_off(typed)

    assert answer.status_code == 200 and 'aria-invalid="true"' in answer.text
    assert "between 1 and 99" in answer.text or "from 1 to 99" in answer.text or typed == "\x00"
    assert draft.groups.get().percent_off == 40


def test_products_take_the_place_of_a_category_with_its_percentage(choose, take_off, draft):
    toys = make.category("toys")
    choose(category=toys.pk, sure="1")
    take_off("40")
    setup.choose_products(draft, draft.groups.get().marketplace)

    assert (draft.groups.get().kind, draft.groups.get().percent_off) == ("products", None)


def test_half_off_asks_for_half_and_says_who_pays_the_rest(choose, take_off, draft, now, settings):
    make.product(1000, slug="tea")
    choose(category=make.category("tea").pk, sure="1")
    whole = suggest_cpa(draft.groups.get(), now=now)
    take_off("50")
    half = suggest_cpa(draft.groups.get(), now=now)

    assert (half.usd_cents, half.item_usd_cents) == (-(-whole.usd_cents // 2), 500)
    assert any("At 50 % off, users pay the rest" in text for text in warnings_of(draft, now=now))
    settings.STRIPE_SECRET_KEY = ""  # payments are gone since
    assert warnings_of(draft, now=now) == []
    assert any("takes no payments" in problem.message for problem in problems_of(draft, now=now))
