"""A page of the operators that was opened before and is saved after: what others changed meanwhile stays."""

import datetime as dt
from html.parser import HTMLParser

import pytest
from django.urls import reverse

from catalog import stock
from catalog.models import Marketplace, Product, TaxRate
from catalog.pricing import prices
from redemption.models import Order
from redemption.shipping import picking
from tests import make


class Fields(HTMLParser):
    """What a browser sends of a page, untouched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.sent: dict[str, str | list[str]] = {}
        self.select = self.area = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        name, kind = found.get("name", ""), found.get("type", "text")
        if tag == "select":
            self.select = name
        elif tag == "textarea":
            self.area = name
            self.sent[name] = ""
        elif tag == "option" and "selected" in found and self.select:
            self.sent[self.select] = found.get("value", "")
        elif tag == "input" and name and kind not in {"submit", "file"} and "__prefix__" not in name:
            is_sent = kind not in {"checkbox", "radio"} or "checked" in found
            self.sent |= {name: found.get("value", "on" if kind == "checkbox" else "")} if is_sent else {}

    def handle_endtag(self, tag):
        if tag in {"select", "textarea"}:
            self.select = self.area = ""

    def handle_data(self, data):
        if self.area:
            self.sent[self.area] = f"{self.sent[self.area]}{data}".removeprefix("\n")


@pytest.fixture
def operator(client, db):
    client.force_login(make.operator())
    return client


@pytest.fixture
def product(db):
    return make.product(2500, stock_units=10, title="Lamp", description="One\nline and another")


def page_of(product: Product) -> str:
    return reverse("admin:catalog_product_change", args=[product.pk])


def opened(operator, page: str) -> dict:
    return Fields(operator.get(page).text).sent


def test_a_page_that_nobody_touched_changes_nothing(operator, product, now):
    typed = opened(operator, page_of(product))
    day = now + dt.timedelta(days=1)
    prices.schedule_price(product, 3000, at=day, now=now)
    prices.take_up_prices(now=day)
    stock.take_unit(product, reference="an order", now=now)
    texts = {"ja": {"title": "ランプ"}}
    Product.objects.filter(pk=product.pk).update(title="Big lamp", is_offered=False, translations=texts)
    before = Product.objects.values().get()

    answer = operator.post(page_of(product), typed)

    assert answer.status_code == 302, answer.context["errors"]
    assert Product.objects.values().get() == before
    assert list(product.price_changes.values_list("price_cents", flat=True)) == [3000, 2500]
    assert product.stock_moves.count() == 2


def test_what_is_changed_is_saved_beside_what_others_changed(operator, product, now):
    typed = opened(operator, page_of(product))
    prices.set_price(product, 3000, now=now)
    Product.objects.update(translations={"ja": {"title": "ランプ"}})

    operator.post(page_of(product), {**typed, "title": "Big lamp", "title_de": "Lampe"})

    product.refresh_from_db()
    assert (product.title, product.price_cents) == ("Big lamp", 3000)
    assert product.translations == {"ja": {"title": "ランプ"}, "de": {"title": "Lampe"}}


@pytest.mark.slow
def test_a_price_that_became_another_one_is_overwritten_by_nobody_who_has_not_seen_it(operator, product, now):
    typed = {**opened(operator, page_of(product)), "price_cents": "27.00"}
    prices.set_price(product, 3000, now=now)

    refused = operator.post(page_of(product), typed)

    assert "It became “30.00” after you had opened this page." in refused.text
    assert Product.objects.get().price_cents == 3000 and product.price_changes.count() == 2
    again = Fields(refused.text).sent
    assert again["price_cents"] == "27.00"
    assert operator.post(page_of(product), again).status_code == 302
    assert Product.objects.get().price_cents == 2700


@pytest.mark.slow
def test_orders_do_not_disturb_who_counts_and_picking_does(operator, product, customer, now):
    reward = make.reward(make.campaign(products=[product]))
    typed = opened(operator, page_of(product))
    order = make.order(reward, by=customer)

    assert operator.post(page_of(product), {**typed, "counted_stock": "9"}).status_code == 302
    assert Product.objects.get().stock == 8

    typed = {**opened(operator, page_of(product)), "counted_stock": "8"}
    assert typed["initial-counted_stock"] == "9"
    picking.pick_order(Order.objects.get(), by=make.operator(), now=now)
    refused = operator.post(page_of(product), typed)

    assert "It became “8” after you had opened this page." in refused.text
    assert Product.objects.get().stock == 8 and order.product == product


@pytest.mark.slow
def test_the_page_says_where_fewer_are_there_than_are_promised(operator, product, customer):
    make.order(make.reward(make.campaign(products=[product])), by=customer)
    typed = opened(operator, page_of(product))

    answer = operator.post(page_of(product), {**typed, "counted_stock": "0"}, follow=True)

    assert "Lamp: 1 unit that is held or ordered is not there, so none is free." in answer.text
    assert Product.objects.get().stock == 0


def test_a_line_of_the_list_writes_back_no_other_line(operator, product):
    other = make.product()
    page = reverse("admin:catalog_product_changelist")
    typed = {**opened(operator, page), "_save": "Save"}
    typed.pop("action", None)
    Product.objects.filter(pk=other.pk).update(is_offered=False)
    line = next(name for name, value in typed.items() if name.endswith("-id") and value == str(product.pk))

    answer = operator.post(page, {key: typed[key] for key in typed if key != line.replace("-id", "-is_curated")})

    assert answer.status_code == 302
    assert set(Product.objects.values_list("pk", "is_offered", "is_curated")) == {
        (product.pk, True, False),
        (other.pk, False, True),
    }


def test_a_rate_beside_its_store_is_not_set_back(operator, now):
    store = Marketplace.objects.get(code="US")
    rate = TaxRate.objects.create(marketplace=store, country="US", region="OR", rate="0.01", valid_from=now.date())
    page = reverse("admin:catalog_marketplace_change", args=["US"])
    typed = opened(operator, page)
    TaxRate.objects.filter(pk=rate.pk).update(rate="0.02")

    operator.post(page, {**typed, "name": "The States"})

    rate.refresh_from_db()
    assert (str(rate.rate), Marketplace.objects.get(code="US").name) == ("0.02000", "The States")
