"""The catalog as developers see it: what there is, what a reward of it costs, and nothing of its stock."""

import re

import pytest
from django.urls import reverse

from campaigns.models import GroupProduct
from catalog.models import Product
from catalog.stock import take_unit
from tests import make


@pytest.fixture
def owner(client, db):
    member = make.member()
    client.force_login(member.user)
    return member


def test_it_finds_by_word_category_price_and_store(client, owner):
    atlas = make.product(2500, title="The Lighthouse Atlas")
    make.product(900, title="A Lighthouse Pencil")
    make.product(2500, title="Der Leuchtturm", store="DE")

    found = client.get(reverse("console:catalog:list"), {"q": "lighthouse", "least": "20", "most": "30"})

    assert [product for product, _cost in found.context["search"].hits] == [atlas]
    assert "$25.00" in found.text and "Cost per action $27.50" in found.text
    assert "Der Leuchtturm" in client.get(reverse("console:catalog:store", args=["DE"])).text
    assert client.get(reverse("console:catalog:store", args=["XX"])).status_code == 404


@pytest.mark.slow
def test_page_after_page_shows_every_product_once_in_as_many_queries(client, owner, django_assert_max_num_queries):
    made = {make.product(1000 + number, title=f"Thing {number:03}").pk for number in range(60)}

    seen = []
    for number in (1, 2, 3):
        with django_assert_max_num_queries(14):
            page = client.get(reverse("console:catalog:list"), {"page": number, "q": "Thing"})
        seen += [product.pk for product, _cost in page.context["search"].hits]

    assert sorted(seen) == sorted(made)
    assert "q=Thing&amp;page=2" in page.text
    assert client.get(reverse("console:catalog:list"), {"page": "x\x00", "q": "\x00"}).status_code == 200
    assert client.get(reverse("console:catalog:list"), {"least": "much"}).status_code == 200


def test_orders_move_nothing_that_a_developer_sees(client, owner):
    product = make.product(stock_units=1)
    pages = [reverse("console:catalog:list"), reverse("console:catalog:product", args=[product.pk])]

    def shown():
        return [re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", client.get(page).text) for page in pages]

    before = shown()
    take_unit(product, reference="an order", now=make.clock.now())

    assert Product.objects.get(pk=product.pk).stock == 0
    assert shown() == before


def test_an_own_product_is_its_organizations_alone(client, owner):
    mine = make.product(title="Our own mug", own_of=owner.organization)
    theirs = make.product(title="Their own mug", own_of=make.member().organization)
    withdrawn = make.product(title="Gone", is_offered=False)

    text = client.get(reverse("console:catalog:list")).text

    assert "Our own mug" in text and "Their own mug" not in text
    assert client.get(reverse("console:catalog:product", args=[mine.pk])).status_code == 200
    assert {
        client.get(reverse("console:catalog:product", args=[row.pk])).status_code for row in (theirs, withdrawn)
    } == {404}


def test_a_product_is_offered_in_a_draft_from_its_page(client, owner):
    product = make.product(title="The Lighthouse Atlas")
    draft = make.campaign("draft", of=owner)
    strangers = make.campaign("draft")
    page = reverse("console:catalog:product", args=[product.pk])
    text = client.get(page).text
    assert str(draft.pk) in text and str(strangers.pk) not in text

    client.post(reverse("console:campaigns:choose", args=[draft.pk, "US"]), {"add": product.pk})

    assert GroupProduct.objects.filter(group__campaign=draft, product=product).exists()
    shown = client.get(page)
    assert list(shown.context["offering"]) == [draft] and list(shown.context["drafts"]) == []


def test_an_analyst_looks_and_adds_nothing(client, owner):
    product = make.product()
    draft = make.campaign("draft", of=owner)
    client.force_login(make.member("analyst", organization=owner.organization).user)

    text = client.get(reverse("console:catalog:product", args=[product.pk])).text

    assert reverse("console:campaigns:choose", args=[draft.pk, "US"]) not in text
    assert reverse("console:catalog:offer_tshirt") not in client.get(reverse("console:catalog:list")).text
    assert (
        client.post(reverse("console:campaigns:choose", args=[draft.pk, "US"]), {"add": product.pk}).status_code == 403
    )
