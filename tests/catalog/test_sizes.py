"""Things that come in sizes: each has a shelf of its own."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from catalog import stock
from catalog.models import Product, ProductSize, StockMove
from moments.errors import RuleViolation
from redemption.models import Order
from redemption.shipping import substitution, transitions
from rewards.models import Reward
from tests import make
from tests.redemption.checkout.test_place_order import place, refused
from tests.redemption.shipping.test_substitution import missing


def shirt(now, **units) -> tuple[Product, dict[str, ProductSize]]:
    """``shirt(now, S=1, L=2)``: so many of each on the shelf."""
    product = make.product(2500, stock_units=0, title="Shirt")
    sizes = {label: stock.add_size(product, label, position=place, now=now) for place, label in enumerate(units, 1)}
    for label, count in units.items():
        if count:
            stock.receive_units(product, count, size=sizes[label], now=now)
    return product, sizes


def on_shelf(product: Product) -> tuple[int, dict[str, int]]:
    """Stock of the product, and of each size; the moves add up to both."""
    by_size = dict(product.sizes.values_list("label", "stock"))
    total = Product.objects.get(pk=product.pk).stock
    moved = {
        label: sum(product.stock_moves.filter(size__label=label).values_list("units", flat=True)) for label in by_size
    }
    assert moved == by_size
    assert sum(product.stock_moves.values_list("units", flat=True)) == total == sum(by_size.values())
    return total, by_size


def test_a_unit_is_taken_from_its_size_and_goes_back_to_it(db, now):
    product, sizes = shirt(now, S=1, L=2)

    stock.take_unit(product, size=sizes["S"], reference="A", now=now)
    assert on_shelf(product) == (2, {"S": 0, "L": 2})
    stock.put_back_unit(product, reference="A", now=now)
    stock.put_back_unit(product, reference="A", now=now)

    assert on_shelf(product) == (3, {"S": 1, "L": 2})


@pytest.mark.parametrize("which", ["none", "another product's", "sold out"])
def test_without_a_size_of_its_own_that_is_there_nothing_is_taken(db, now, which):
    product, sizes = shirt(now, S=0, L=2)
    _other, others = shirt(now, L=5)
    size = {"none": None, "another product's": others["L"], "sold out": sizes["S"]}[which]

    with pytest.raises(RuleViolation) as caught:
        stock.take_unit(product, size=size, reference="A", now=now)

    assert caught.value.code == {"none": "no_size", "another product's": "wrong_size"}.get(which, "size_sold_out")
    assert on_shelf(product) == (2, {"S": 0, "L": 2})
    assert not StockMove.objects.filter(reason="order").exists()


def test_what_was_counted_before_there_were_sizes_is_counted_out(db, now):
    product = make.product(stock_units=7)

    size = stock.add_size(product, "M", now=now)
    stock.add_size(product, "L", now=now)
    stock.count_units(product, 4, size=size, now=now)

    assert on_shelf(product) == (4, {"M": 4, "L": 0})
    with pytest.raises(RuleViolation, match="Choose a size"):
        stock.count_units(product, 9, now=now)
    with pytest.raises(RuleViolation, match="has no size"):
        stock.add_size(make.product(kind="digital"), "L", now=now)


def test_a_size_cannot_go_below_nothing(db, now):
    _product, sizes = shirt(now, S=1)

    with pytest.raises(IntegrityError), transaction.atomic():
        ProductSize.objects.filter(pk=sizes["S"].pk).update(stock=-1)


def test_an_order_keeps_its_size_and_a_canceled_one_puts_it_back(db, customer, now):
    product, sizes = shirt(now, S=1, L=2)
    reward = make.reward(make.campaign(products=[product]), claimed_by=customer)

    assert refused(place, reward, customer, product, now) == "no_size"
    order = place(reward, customer, product, now, size=sizes["S"])
    ProductSize.objects.filter(pk=sizes["S"].pk).update(label="Small")
    order.refresh_from_db()
    assert order.size == "S"
    transitions.cancel_order(order, by=make.operator(), reason="Lost.", now=now)

    assert on_shelf(product)[1] == {"Small": 1, "L": 2}
    assert Reward.objects.get().status == "claimed"


def test_what_was_taken_before_there_were_sizes_comes_back_as_nobody_knows_which(reward, customer, now):
    order = make.order(reward, by=customer)
    product = order.product
    stock.add_size(product, "S", now=now)

    transitions.cancel_order(order, by=make.operator(), reason="Lost.", now=now)
    stock.put_back_unit(product, reference=order.number, now=now)

    assert on_shelf(product) == (0, {"S": 0})
    assert sum(product.stock_moves.values_list("units", flat=True)) == 0


def test_what_is_made_to_order_has_sizes_and_no_shelf(db, customer, now):
    product = make.product(2500, stock_units=0, kind="made_to_order")
    size = stock.add_size(product, "XL", now=now)
    reward = make.reward(make.campaign(products=[product]), claimed_by=customer)

    assert refused(place, reward, customer, product, now) == "no_size"
    assert place(reward, customer, product, now, size=size).size == "XL"
    assert not StockMove.objects.exists()


def test_an_equal_in_sizes_is_accepted_in_one_of_them(reward, customer, now):
    order, (equal, sizes) = make.order(reward, by=customer), shirt(now, S=0, L=1)
    offer = missing(order, now)

    for size, code in ((None, "no_size"), (sizes["S"], "size_sold_out")):
        with pytest.raises(RuleViolation) as caught:
            substitution.accept_substitution(offer, size=size, by=customer, now=now)
        assert caught.value.code == code
        assert Order.objects.get().status == "waiting"
        offer.refresh_from_db()
    substitution.accept_substitution(offer, size=sizes["L"], by=customer, now=now)

    assert (Order.objects.get().product, Order.objects.get().size) == (equal, "L")
    assert on_shelf(equal) == (0, {"S": 0, "L": 0})


def test_operators_add_and_count_sizes(client, now):
    product, sizes = shirt(now, S=3)
    client.force_login(make.operator())
    page = reverse("admin:catalog_product_change", args=[product.pk])
    fields = {name: getattr(product, name) for name in ("sku", "title", "kind", "list_price_cents", "price_cents")}
    typed = {**fields, "marketplace": "US", "category": product.category_id, "fulfillment": "warehouse"}
    typed |= {f"{name}-{what}": 0 for name in INLINES for what in ("TOTAL_FORMS", "INITIAL_FORMS")}
    typed |= {"sizes-TOTAL_FORMS": 2, "sizes-INITIAL_FORMS": 1, "sizes-0-id": sizes["S"].pk, "sizes-0-label": "S"}
    typed |= {"sizes-0-position": 1, "sizes-0-counted_stock": 5, "sizes-0-product": product.pk}
    typed |= {"sizes-1-label": "L", "sizes-1-position": 2, "sizes-1-counted_stock": 2, "sizes-1-product": product.pk}

    answer = client.post(page, typed)

    assert answer.status_code == 302, answer.context["errors"]
    assert on_shelf(product) == (7, {"S": 5, "L": 2})
    assert "count each of them" in client.post(page, {**typed, "counted_stock": 9}).text
    assert on_shelf(product)[0] == 7


INLINES = ("sizes", "equals", "pictures", "price_changes", "stock_moves")
