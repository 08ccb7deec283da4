"""The demo's products: the US store in full, a few in three others."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from catalog import stock
from catalog.demo.drawing import draw_product
from catalog.models import Category, Marketplace, Product, ProductPicture
from catalog.pricing import prices

# Slug, name.
CATEGORIES = [
    ("books", "Books"),
    ("coffee-tea", "Coffee & tea"),
    ("electronics", "Electronics"),
    ("games", "Games"),
    ("garden", "Garden"),
    ("gift-codes", "Gift codes"),
    ("home", "Home"),
    ("kitchen", "Kitchen"),
    ("sports", "Sports"),
    ("t-shirts", "T-shirts"),
    ("toys", "Toys"),
    ("travel", "Travel"),
]

# Category, thing drawn, title, US dollars, one line. A list price above the selling price where there is a fifth.
US_PRODUCTS: list[tuple] = [
    ("books", "book", "The Lighthouse Atlas", "25.00", "Two hundred lighthouses, drawn from the sea."),
    ("books", "book", "A Field Guide to Clouds", "18.50", "Name what passes over you. 160 plates."),
    ("books", "book", "Small Kitchens, Big Soups", "22.00", "Ninety soups from one pot."),
    ("books", "book", "The Night Train", "14.99", "A novel in eleven stations."),
    ("books", "book", "How Bridges Stand", "27.00", "Engineering for the curious, with fold-out drawings."),
    ("books", "book", "Letters from Patagonia", "16.00", "A year of weather, sheep and post."),
    ("coffee-tea", "bag", "Morning Blend, whole bean", "12.50", "Chocolate and hazelnut. 12 oz."),
    ("coffee-tea", "bag", "Yirgacheffe single origin", "17.00", "Bergamot and apricot. 12 oz."),
    ("coffee-tea", "tin", "First-flush Darjeeling", "19.00", "Spring leaves, 100 g tin."),
    ("coffee-tea", "tin", "Rooibos with orange peel", "9.50", "No caffeine. 100 g tin."),
    ("coffee-tea", "cup", "Pour-over starter set", "28.00", "Dripper, forty filters and a scoop."),
    ("coffee-tea", "cup", "Stoneware mug, set of two", "25.00", "Glazed by hand, 10 oz each."),
    ("coffee-tea", "cup", "Travel tumbler", "26.50", "Keeps hot for six hours.", "32.00"),
    ("electronics", "headphones", "Everyday headphones", "49.00", "Thirty hours, folds flat.", "59.00"),
    ("electronics", "headphones", "Wired earphones", "19.99", "With a microphone that colleagues like."),
    ("electronics", "speaker", "Pocket speaker", "27.50", "Rain does not bother it."),
    ("electronics", "speaker", "Desk speaker pair", "45.00", "Clear at low volume."),
    ("electronics", "phone", "Phone stand, aluminium", "16.50", "Folds to the size of a card."),
    ("electronics", "phone", "E-reader sleeve", "21.00", "Felt and leather."),
    ("electronics", "lamp", "Clip-on reading light", "15.00", "Three shades of white, USB-C."),
    ("games", "die", "Harbour, the trading game", "35.00", "Two to five merchants, 60 minutes."),
    ("games", "die", "Twelve Dice", "12.00", "A pouch of dice and forty games to play with them."),
    ("games", "card", "Word Weaver card game", "14.00", "A pack of letters and nerve."),
    ("games", "pad", "Wireless game pad", "39.00", "For console, phone and computer.", "44.00"),
    ("games", "pad", "Retro handheld", "48.00", "Two hundred small games inside."),
    ("games", "die", "Mountain puzzle, 1000 pieces", "24.00", "The Matterhorn at dawn."),
    ("garden", "plant", "Window herb kit", "23.00", "Basil, chives, mint; pots and soil."),
    ("garden", "plant", "Olive tree, small", "29.50", "In a clay pot."),
    ("garden", "plant", "Wildflower seed tin", "11.00", "Covers 10 square yards."),
    ("garden", "tools", "Hand tools, set of two", "27.00", "Ash handles, steel that stays sharp."),
    ("garden", "tools", "Pruning shears", "25.50", "For thumbs' worth of wood."),
    ("garden", "bottle", "Plant mister", "13.00", "Glass and brass."),
    ("gift-codes", "card", "Film night code", "12.00", "Rent three films, any evening.", None, "digital"),
    ("gift-codes", "card", "Music for a month", "10.99", "No advertisements.", None, "digital"),
    ("gift-codes", "card", "Audiobook credit", "15.00", "One book, yours to keep.", None, "digital"),
    ("gift-codes", "card", "Store credit $25", "25.00", "For anything in the store.", None, "digital"),
    ("gift-codes", "card", "Game coins, 2,500", "24.99", "Delivered as a code.", None, "digital"),
    ("home", "blanket", "Merino throw", "49.50", "50 × 70 inches of warmth.", "65.00"),
    ("home", "blanket", "Linen towels, set of three", "26.00", "Dry in an hour."),
    ("home", "candle", "Cedar candle", "18.00", "Burns forty hours."),
    ("home", "candle", "Beeswax pair", "14.50", "Ten inches, no drip."),
    ("home", "lamp", "Bedside lamp", "34.00", "Linen shade, warm light."),
    ("home", "lamp", "Night light, mushroom", "22.50", "Turns itself off at dawn."),
    ("home", "jar", "Room diffuser", "24.00", "Fig and moss, three months."),
    ("kitchen", "pan", "Cast-iron skillet", "29.00", "Ten inches, seasoned."),
    ("kitchen", "pan", "Omelette pan", "25.00", "Eight inches, carbon steel."),
    ("kitchen", "knife", "Paring knife", "16.00", "Full tang, walnut."),
    ("kitchen", "knife", "Bread knife", "28.50", "Goes through crust like butter."),
    ("kitchen", "jar", "Storage jars, set of four", "26.50", "Airtight, stackable."),
    ("kitchen", "jar", "Spice rack starter", "32.00", "Twelve jars, filled."),
    ("sports", "ball", "Street basketball", "24.50", "Made for asphalt."),
    ("sports", "ball", "Football, size 5", "26.00", "Stitched by hand."),
    ("sports", "bottle", "Steel bottle, 24 oz", "25.00", "Cold for a day."),
    ("sports", "bottle", "Cycling bottle pair", "15.50", "Fits every cage."),
    ("sports", "mat", "Yoga mat", "38.00", "Natural rubber, 5 mm.", "45.00"),
    ("sports", "mat", "Camping mat", "31.00", "Rolls smaller than a loaf."),
    ("toys", "blocks", "Maple blocks", "34.50", "Fifty pieces, a cotton bag."),
    ("toys", "blocks", "Marble run", "42.00", "Takes an afternoon, lasts for years."),
    ("toys", "bear", "Bear, medium", "25.00", "Fourteen inches of good listening."),
    ("toys", "bear", "Finger puppets, set of five", "16.50", "A cast for a small stage."),
    ("toys", "kite", "Diamond kite", "19.50", "Flies in a light breeze."),
    ("toys", "kite", "Pocket kite", "12.50", "No sticks, fits a jacket."),
    ("travel", "suitcase", "Packing cubes, set of six", "27.50", "A place for socks."),
    ("travel", "suitcase", "Weekend bag", "49.00", "Waxed canvas.", "60.00"),
    ("travel", "pillow", "Neck pillow", "22.00", "Memory foam, washable."),
    ("travel", "phone", "World plug adapter", "26.00", "150 countries, two USB-C."),
    ("travel", "book", "Travel journal", "14.00", "Dotted, lies flat."),
    ("t-shirts", "shirt", "Lighthouse T-shirt", "25.00", "Heavy cotton, cut straight."),
    ("t-shirts", "shirt", "Chapter one T-shirt", "24.00", "Printed when you order it.", None, "made_to_order"),
]

# SKU → the sizes it comes in, and how many of each are on the shelf.
SIZES: dict[str, dict[str, int]] = {
    "US-0068": {"S": 3, "M": 12, "L": 20, "XL": 0},
    "US-0069": {"S": 0, "M": 0, "L": 0, "XL": 0},
}
SOLD_OUT = {"US-0053"}
SECOND_VIEWS = {"US-0001", "US-0012", "US-0068"}

# The same things abroad: store, then (category, thing, title, minor units, one line).
ABROAD: dict[str, list[tuple[str, str, str, int, str]]] = {
    "UK": [
        ("coffee-tea", "tin", "Breakfast tea caddy", 1450, "Eighty bags of Assam and Kenya."),
        ("coffee-tea", "cup", "Enamel mug pair", 1800, "For kitchens and tents."),
        ("books", "book", "Walks from the Station", 1699, "Fifty days out without a car."),
        ("home", "candle", "Heather candle", 1600, "Burns forty hours."),
        ("toys", "bear", "Bear in a coat", 2200, "With a label round his neck."),
        ("home", "blanket", "Lambswool throw", 3900, "Woven in Wales."),
    ],
    "DE": [
        ("coffee-tea", "bag", "Hausmischung, 500 g", 1290, "Ganze Bohnen, kräftig."),
        ("coffee-tea", "cup", "Becher aus Steingut", 1800, "Zwei Stück, handglasiert."),
        ("books", "book", "Der Nachtzug", 1600, "Ein Roman in elf Bahnhöfen."),
        ("kitchen", "knife", "Schälmesser", 1990, "Klinge aus Solingen."),
        ("toys", "blocks", "Bauklötze aus Ahorn", 3450, "Fünfzig Stück im Beutel."),
        ("home", "candle", "Bienenwachskerzen", 1450, "Zwei Stück, 25 cm."),
    ],
    "JP": [
        ("coffee-tea", "tin", "煎茶 缶入り", 2400, "静岡の一番茶、100 g。"),
        ("coffee-tea", "cup", "湯のみ 二客", 3600, "手びねり、益子焼。"),
        ("books", "book", "夜行列車", 1800, "十一の駅をめぐる小説。"),
        ("kitchen", "knife", "ペティナイフ", 3800, "堺の鋼、十二センチ。"),
        ("toys", "kite", "ポケット凧", 1500, "骨なし、どこでも。"),
    ],
}


@transaction.atomic
def load_products(now: dt.datetime) -> int:
    """Put the demo's products on the shelves; what is there stays as it is. How many were added."""
    categories = {
        slug: Category.objects.get_or_create(slug=slug, defaults={"name": name, "position": position})[0]
        for position, (slug, name) in enumerate(CATEGORIES, 1)
    }
    stores = {store.code: store for store in Marketplace.objects.all()}
    known = set(Product.objects.values_list("sku", flat=True))
    made = 0
    for sku, fields, thing in described():
        if sku in known:
            continue
        fields["category"] = categories[fields.pop("category")]
        fields["marketplace"] = stores[fields.pop("store")]
        add_product(sku, fields, thing, now)
        made += 1
    return made


def described() -> Iterator[Any]:
    """(sku, fields, thing) of every product of the demo."""
    for number, (category, thing, title, dollars, line, *rest) in enumerate(US_PRODUCTS, 1):
        whole, cents = dollars.split(".")
        price = int(whole) * 100 + int(cents)
        listed = rest[0].replace(".", "") if rest and rest[0] else price
        kind = rest[1] if len(rest) > 1 else Product.Kind.PHYSICAL
        yield f"US-{number:04}", fields_of("US", category, title, line, price, int(listed), kind), thing
    for store, products in ABROAD.items():
        for number, (category, thing, title, price, line) in enumerate(products, 1):
            yield f"{store}-{number:04}", fields_of(store, category, title, line, price, price, "physical"), thing


def fields_of(store: Any, category: Any, title: str, line: Any, price: Any, listed: Any, kind: str) -> dict[str, Any]:
    return {
        "store": store,
        "category": category,
        "title": title,
        "description": line,
        "price_cents": price,
        "list_price_cents": listed,
        "kind": kind,
    }


def add_product(sku: str, fields: dict[str, Any], thing: Any, now: dt.datetime) -> None:
    category, title = fields["category"].slug, fields["title"]
    picture, alt = picture_of(category, thing, sku), f"{title}, drawn"
    product = Product.objects.create(sku=sku, picture=picture, picture_alt=alt, created_at=now, **fields)
    if sku in SECOND_VIEWS:
        again = picture_of(category, thing, f"{sku}-2")
        ProductPicture.objects.create(product=product, image=again, alt=f"{title}, on another ground")
    prices.record_first_price(product, now=now - dt.timedelta(days=prices.DAYS))
    if sku in SIZES:
        stock_sizes(product, SIZES[sku], now)
    elif sku not in SOLD_OUT:
        stock.receive_units(product, 40, reference=f"demo-{sku}", now=now)


def picture_of(category: str, thing: str, seed: str) -> str:
    """The name of the largest file; drawn where it is not there yet."""
    folder = f"products/{seed.lower()}"
    if not default_storage.exists(f"{folder}/480.png"):
        for width, content in draw_product(category, thing, seed).items():
            default_storage.save(f"{folder}/{width}.png", ContentFile(content))
    return f"{folder}/480.png"


def stock_sizes(product: Product, sizes: dict[str, int], now: dt.datetime) -> None:
    for position, (label, units) in enumerate(sizes.items(), 1):
        size = stock.add_size(product, label, position=position, now=now)
        if units:
            stock.receive_units(product, units, size=size, reference=f"demo-{product.sku}-{label}", now=now)
