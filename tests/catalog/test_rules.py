"""Prices, stock, tax, shipping, search, countries, equals."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from catalog import delivery_countries, stock
from catalog.demo import draw_banner, load_products
from catalog.models import DeliveryCountry, Marketplace, Product, StockMove, TaxRate
from catalog.pricing import exchange_rates, prices, shipping, tax
from catalog.search import search_products
from catalog.substitutes import find_substitutes
from moments.errors import RuleViolation
from tests import make
from tests.harness.owner import owner


@pytest.fixture
def us(db):
    return Marketplace.objects.get(code="US")


# Stores


def test_thirteen_stores_and_over_a_hundred_countries(db):
    codes = list(Marketplace.objects.values_list("code", flat=True))

    assert codes == ["US", "CA", "MX", "BR", "UK", "DE", "FR", "IT", "ES", "IN", "JP", "CN", "AU"]
    assert DeliveryCountry.objects.filter(is_served=True).count() > 100
    assert all(store.countries.exists() and len(store.currency) == 3 for store in Marketplace.objects.all())


def test_a_country_that_operators_switch_off_is_refused_with_the_list(us):
    delivery_countries.refuse_unserved(us, "DE")
    DeliveryCountry.objects.filter(code="DE").update(is_served=False)

    with pytest.raises(RuleViolation, match="does not deliver to Germany. It delivers to: .*Austria"):
        delivery_countries.refuse_unserved(us, "DE")


# Prices


def test_the_reward_value_is_the_median_of_thirty_days(db, now):
    product = make.product(4000, list_price_cents=5000)
    prices.set_price(product, 3000, now=now - dt.timedelta(days=20))
    prices.set_price(product, 9000, now=now - dt.timedelta(days=2))

    assert prices.reward_value(product, now=now) == 3000


def test_without_a_history_it_is_the_list_price(db, now):
    product = Product.objects.create(
        marketplace_id="US", category=make.category(), sku="x", title="x", price_cents=1000, list_price_cents=1500
    )

    assert prices.reward_value(product, now=now) == 1500


def test_of_an_even_number_of_prices_the_middle_is_rounded_half_up(db, now):
    product = make.product(1000)
    prices.set_price(product, 1001, now=now - dt.timedelta(days=15) + dt.timedelta(seconds=1))

    assert prices.reward_value(product, now=now) == 1001  # 1000.5


def test_the_same_price_again_leaves_no_line(db, now):
    product = make.product(1000)

    prices.set_price(product, 1000, now=now)

    assert product.price_changes.count() == 1


# Stock


def test_every_unit_is_a_line_and_the_lines_add_up(db, now):
    product = make.product(stock_units=2)

    stock.take_unit(product, reference="A", now=now)
    stock.take_unit(product, reference="B", now=now)
    with pytest.raises(RuleViolation) as caught:
        stock.take_unit(product, reference="C", now=now)
    stock.put_back_unit(product, reference="A", now=now)
    stock.put_back_unit(product, reference="A", now=now)
    stock.count_units(product, 7, now=now)

    assert caught.value.code == "sold_out"
    assert Product.objects.get(pk=product.pk).stock == 7
    assert sum(product.stock_moves.values_list("units", flat=True)) == 7


def test_what_is_made_to_order_never_runs_out(db, now):
    product = make.product(stock_units=0, kind="made_to_order")

    stock.take_unit(product, reference="A", now=now)

    assert product.is_in_stock and not StockMove.objects.exists()


def test_stock_and_histories_cannot_be_forged(db):
    make.product()
    for statement in (
        "UPDATE catalog_product SET stock = -1",
        "UPDATE catalog_stockmove SET units = 99",
        "DELETE FROM catalog_pricechange",
    ):
        with owner() as cursor, pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute(statement)


# Tax, shipping, money


def test_tax_is_that_of_the_state_else_the_country_else_the_store(us, now):
    TaxRate.objects.create(marketplace=us, country="CA", rate="0.12", valid_from=now.date())

    def rate(country, region):
        return tax.destination_rate(us, country=country, region=region, now=now)

    assert (rate("US", "wa"), rate("US", ""), rate("CA", "ON")) == (Decimal("0.094"), Decimal("0.1"), Decimal("0.12"))
    assert tax.cpa_rate(us, now=now) == Decimal("0.1")


def test_a_rate_holds_from_its_day_on(us, now):
    TaxRate.objects.create(marketplace=us, rate="0.2", valid_from=now.date() + dt.timedelta(days=1))

    assert tax.cpa_rate(us, now=now) == Decimal("0.1")
    assert tax.cpa_rate(us, now=now + dt.timedelta(days=1)) == Decimal("0.2")


def test_where_prices_include_tax_none_is_added(db, now):
    store = Marketplace.objects.get(code="DE")

    assert tax.destination_rate(store, country="DE", region="", now=now) == 0
    assert tax.included_rate(store, now=now) == Decimal("0.19")


@pytest.mark.parametrize(
    ("items", "kind", "member", "cents"),
    [
        (2499, "physical", False, 599),
        (2500, "physical", False, 0),
        (100, "digital", False, 0),
        (100, "physical", True, 0),
    ],
)
def test_shipping_is_free_from_25_dollars_and_for_members(us, items, kind, member, cents):
    assert shipping.shipping_cents(us, items, kind=kind, is_member=member) == cents


def test_a_currency_without_a_rate_is_refused(db, now):
    with pytest.raises(RuleViolation) as caught:
        exchange_rates.usd_rate("CHF", now=now)
    assert caught.value.code == "no_exchange_rate"


# Search and equals


def test_search_finds_every_word_and_titles_first(us):
    organization = make.member().organization
    in_title = make.product(title="Blue mug", description="For tea.")
    in_text = make.product(title="Teapot", description="A blue pot beside a mug.")
    make.product(title="Red mug")
    make.product(title="Blue mug of somebody", own_of=make.member().organization)
    make.product(title="Blue mug not offered", is_offered=False)

    assert list(search_products(text="blue MUG", marketplace=us, offered_to=organization)) == [in_title, in_text]


def test_search_narrows_by_price_and_category(us):
    organization = make.member().organization
    tea = make.product(1500, slug="tea")
    make.product(2500, slug="tea"), make.product(1500, slug="books")

    found = search_products(category=tea.category, max_cents=2000, marketplace=us, offered_to=organization)

    assert list(found) == [tea]


def test_an_equal_is_worth_as_much_or_up_to_a_tenth_more(us):
    gone = make.product(2500, stock_units=0)
    at_once, near, far = make.product(2500), make.product(2600), make.product(2750)
    make.product(2499), make.product(2751), make.product(2600, is_curated=False), make.product(2600, slug="tea")

    assert list(find_substitutes(gone, value_cents=2500, marketplace=us)) == [at_once, near, far]
    assert not find_substitutes(gone, value_cents=2500, marketplace=us, country="KP").exists()


def test_what_operators_named_comes_first_in_their_order(us):
    gone, alike = make.product(2500, stock_units=0), make.product(2500)
    near, second = make.product(2700, slug="tea", is_curated=False), make.product(2510, slug="tea")
    cheap, code = make.product(1500, slug="tea"), make.product(2500, kind="digital")
    sold_out, abroad = make.product(2500, slug="tea", stock_units=0), make.product(2500, slug="tea", store="CA")
    for place, equal in enumerate((second, near, cheap, code, sold_out, abroad), 1):
        gone.equals.create(equal=equal, position=place)

    assert list(find_substitutes(gone, value_cents=2500, marketplace=us)) == [second, near, alike]
    gone.equals.filter(equal=cheap).update(is_value_checked=True)  # 60 % of the value, and somebody looked at it
    assert list(find_substitutes(gone, value_cents=2500, marketplace=us)) == [second, near, cheap, alike]


# The demo


@pytest.mark.slow
def test_the_demo_has_at_least_sixty_products_with_pictures_and_loads_once(db, now):
    assert load_products(now) >= 60
    assert load_products(now) == 0
    assert Product.objects.filter(marketplace="US").count() >= 60
    assert all(product.picture.storage.exists(product.picture.name) for product in Product.objects.all())


def test_drawn_banners_have_the_size_of_a_banner():
    import io

    from PIL import Image

    assert Image.open(io.BytesIO(draw_banner("A title", "seed"))).size == (3000, 600)
