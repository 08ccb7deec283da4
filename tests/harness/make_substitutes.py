"""Substitutes of a product, for the race for them: ``python -m tests.harness.make_substitutes PRODUCT UNITS`` prints
their ids."""

import json
import os
import sys


def main(pk: int, units: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moments.settings")
    import django

    django.setup()
    from catalog.models import Category, Product
    from tests import make

    product = Product.objects.get(pk=pk)
    slug = f"shelf-{pk}"  # a category of their own, so that nothing else is equal
    product.category = Category.objects.create(slug=slug, name=slug)
    product.save(update_fields=["category"])
    price = product.price_cents
    prices = {"same": price, "dearer": price * 105 // 100, "cheap": price * 60 // 100}
    made = {
        name: make.product(cents, stock_units=units, slug=slug, kind=product.kind).pk for name, cents in prices.items()
    }
    sys.stdout.write(json.dumps(made))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
