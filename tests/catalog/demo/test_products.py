"""The shelves of the demo: what is described can be put on them."""

from catalog.demo.banners import FLOATING, STYLES
from catalog.demo.drawing import PALETTES, THINGS, color
from catalog.demo.products import CATEGORIES, SIZES, SOLD_OUT, described
from catalog.models import Marketplace


def test_every_product_has_a_number_of_its_own_a_price_and_a_category():
    products = list(described())
    skus = [sku for sku, _fields, _thing in products]

    assert len(set(skus)) == len(skus) > 50
    assert all(0 < fields["price_cents"] <= fields["list_price_cents"] for _sku, fields, _thing in products)
    assert {fields["category"] for _sku, fields, _thing in products} <= set(dict(CATEGORIES))


def test_every_product_is_of_a_store_that_there_is(db):
    stores = {fields["store"] for _sku, fields, _thing in described()}

    assert "US" in stores and stores <= set(Marketplace.objects.values_list("code", flat=True))


def test_every_product_can_be_drawn():
    assert {thing for _sku, _fields, thing in described()} <= set(THINGS)
    assert {fields["category"] for _sku, fields, _thing in described()} <= set(PALETTES)


def test_what_has_sizes_or_is_sold_out_is_described():
    skus = {sku for sku, _fields, _thing in described()}

    assert set(SIZES) <= skus and set(SOLD_OUT) <= skus


def test_banners_are_drawn_of_known_things_in_readable_colors():
    assert set(FLOATING) <= set(THINGS)
    assert all(len(color(text)) == 3 for style in STYLES for text in style)
