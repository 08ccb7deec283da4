"""Descriptions of delivery times."""

from django.utils.translation import gettext as _

from catalog.models import Product


def delivery_in_words(product: Product, *, is_two_day: bool) -> str:
    """Describe how the product is delivered. ``is_two_day`` is set for members."""
    if product.kind == Product.Kind.DIGITAL:
        return _("It comes by mail, and stands on your order's page.")
    if product.kind == Product.Kind.MADE_TO_ORDER:
        return (
            _("It is made for you, then sent by two-day shipping.")
            if is_two_day
            else _("It is made for you, then sent.")
        )
    if is_two_day:
        return _("Two-day shipping, free for members.")
    return _("Standard shipping. A mail tells you when it is on its way.")
