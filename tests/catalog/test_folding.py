"""Search finds what people type: without accents, decomposed, in capitals, half as wide."""

import unicodedata

import pytest

from catalog.models import Marketplace, Product
from catalog.search import search_products
from moments.folding import Folded, fold
from tests import make

TITLES = {
    "DE": ["Schälmesser", "Bauklötze", "Straßenkarte"],
    "JP": ["ポケットライト", "がま口"],
    "FR": ["Cœur à l'œuvre", "Écharpe"],
    "BR": ["Açúcar mascavo"],
}


@pytest.fixture
def shelf(db):
    return {title: make.product(2500, store=store, title=title) for store, titles in TITLES.items() for title in titles}


def found(typed: str, store: str) -> list[str]:
    shop = Marketplace.objects.get(code=store)
    hits = search_products(text=typed, marketplace=shop, offered_to=make.member().organization)
    return [product.title for product in hits]


@pytest.mark.parametrize(
    ("typed", "store", "title"),
    [
        ("schalmesser", "DE", "Schälmesser"),
        ("SCHÄLMESSER", "DE", "Schälmesser"),
        (unicodedata.normalize("NFD", "Bauklötze"), "DE", "Bauklötze"),
        ("strassenkarte", "DE", "Straßenkarte"),
        ("ﾎﾟｹｯﾄ", "JP", "ポケットライト"),
        ("がま", "JP", "がま口"),
        ("coeur oeuvre", "FR", "Cœur à l'œuvre"),
        ("echarpe", "FR", "Écharpe"),
        ("ａｃｕｃａｒ", "BR", "Açúcar mascavo"),
    ],
)
def test_a_title_is_found_however_it_is_typed(shelf, typed, store, title):
    assert found(typed, store) == [title]


@pytest.mark.parametrize("typed", ["%", "_", "\\", "'", "50 % off"])
def test_what_means_something_in_sql_is_a_letter(shelf, typed):
    assert found(typed, "DE") == []


def test_python_and_sql_fold_alike(shelf):
    for title, folded in Product.objects.annotate(folded=Folded("title")).values_list("title", "folded"):
        assert fold(title) == folded


def test_kana_keep_their_marks():
    assert fold("が") != fold("か") and fold("ﾎﾟ") == fold("ポ")


def test_campaigns_are_found_without_accents(console, member):
    make.campaign("draft", of=member, name="Été à Zürich")

    assert "Été à Zürich" in console.get("/console/campaigns/?q=ete%20a%20zurich").text
