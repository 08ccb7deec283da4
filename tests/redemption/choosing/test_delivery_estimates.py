"""When something will be there, in words."""

import pytest

from catalog.models import Product
from redemption.choosing.delivery_estimates import delivery_in_words

Kind = Product.Kind


@pytest.mark.parametrize(
    ("kind", "is_two_day", "words"),
    [
        (Kind.DIGITAL, False, "comes by mail"),
        (Kind.DIGITAL, True, "comes by mail"),
        (Kind.MADE_TO_ORDER, False, "made for you, then sent."),
        (Kind.MADE_TO_ORDER, True, "two-day shipping"),
        (Kind.PHYSICAL, False, "Standard shipping"),
        (Kind.PHYSICAL, True, "Two-day shipping, free for members"),
    ],
)
def test_members_get_parcels_faster_and_codes_as_fast_as_all(kind, is_two_day, words):
    assert words in delivery_in_words(Product(kind=kind), is_two_day=is_two_day)
