"""Equals that operators name by hand, and own products, that stay with their organization."""

import pytest
from django.urls import reverse

from campaigns.setup.readiness import problems_of
from catalog.models import ManualSubstitute, Marketplace, Product
from catalog.substitutes import find_substitutes
from tests import make

INLINES = ("sizes", "equals", "pictures", "price_changes", "stock_moves")


def typed(product: Product, equal: Product) -> dict:
    """The product's page in admin, with one equal more."""
    fields = {name: getattr(product, name) for name in ("sku", "title", "kind", "list_price_cents", "price_cents")}
    fields |= {"marketplace": "US", "category": product.category_id, "fulfillment": "warehouse", "is_offered": "on"}
    fields |= {f"{name}-{what}": 0 for name in INLINES for what in ("TOTAL_FORMS", "INITIAL_FORMS")}
    fields |= {"equals-TOTAL_FORMS": 1, "equals-0-equal": equal.pk, "equals-0-position": 1}
    return {**fields, "equals-0-product": product.pk}


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        ({"slug": "tea"}, ""),
        ({"store": "CA"}, "is of another store"),
        ({"kind": "digital"}, "A parcel stands in for a parcel"),
        ({"own_of": True}, "own product"),
        (None, "Nothing stands in for itself"),
    ],
)
def test_operators_name_what_could_be_offered_instead(client, db, other, problem):
    product = make.product()
    if other and "own_of" in other:
        other = {"own_of": make.member().organization}
    equal = product if other is None else make.product(**other)
    client.force_login(make.operator())

    answer = client.post(reverse("admin:catalog_product_change", args=[product.pk]), typed(product, equal))

    assert answer.status_code == (200 if problem else 302)
    assert problem in answer.text
    assert ManualSubstitute.objects.filter(product=product, equal=equal).exists() is (problem == "")


def test_an_own_product_substitute_for_an_own_product_of_the_same_organization_alone(member):
    us, stranger = Marketplace.objects.get(code="US"), make.member()
    gone = make.product(2500, stock_units=0, own_of=member.organization)
    own, others = make.product(2500, own_of=member.organization), make.product(2500, own_of=stranger.organization)
    gone.equals.create(equal=others, is_value_checked=True)

    assert list(find_substitutes(gone, value_cents=2500, marketplace=us)) == [own]
    plain = make.product(2500, stock_units=0)
    assert not find_substitutes(plain, value_cents=2500, marketplace=us).exists()


def test_what_became_somebody_elses_own_cannot_be_submitted(member, now):
    product = make.product()
    campaign = make.campaign("draft", of=member, products=[product])
    assert problems_of(campaign, now=now) == []

    Product.objects.filter(pk=product.pk).update(own_of=make.member().organization)

    assert [problem.step for problem in problems_of(campaign, now=now)] == ["rewards"]
