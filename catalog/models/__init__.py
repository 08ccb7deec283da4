from catalog.models.imports import CsvImport
from catalog.models.ledgers import PriceChange, StockMove
from catalog.models.products import ManualSubstitute, Product, ProductPicture, ProductQuerySet, ProductSize
from catalog.models.stores import Category, DeliveryCountry, ExchangeRate, Marketplace, TaxRate

__all__ = [
    "Category",
    "CsvImport",
    "DeliveryCountry",
    "ExchangeRate",
    "Marketplace",
    "PriceChange",
    "Product",
    "ManualSubstitute",
    "ProductPicture",
    "ProductQuerySet",
    "ProductSize",
    "StockMove",
    "TaxRate",
]
