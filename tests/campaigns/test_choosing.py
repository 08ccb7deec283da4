"""The rewards step: what drops a choice made before is asked once."""

import pytest
from django.urls import reverse

from tests import make


@pytest.fixture
def draft(member):
    return make.campaign("draft", of=member)


@pytest.fixture
def choose(console, draft):
    def act(**typed):
        return console.post(reverse("campaigns:choose", args=[draft.pk, "US"]), typed)

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
