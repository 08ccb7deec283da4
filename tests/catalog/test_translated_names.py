"""Names of stores and shelves that are shipped are translated."""

from django.utils import translation

from catalog.models import Category, Marketplace
from catalog.translated_names import SHELVES, STORES


def test_every_store_that_is_shipped_has_its_name_in_the_list(db):
    assert sorted(Marketplace.objects.values_list("name", flat=True)) == sorted(STORES)


def test_every_shelf_of_the_demo_has_its_name_in_the_list(db):
    assert set(Category.objects.values_list("name", flat=True)) <= set(SHELVES)


def test_a_name_reads_in_the_readers_language():
    with translation.override("de"):
        assert translation.gettext("Germany") == "Deutschland"
        assert translation.gettext("Books") == "Bücher"
