"""The demo's shelves: products with pictures drawn here, and campaign banners."""

from catalog.demo.banners import draw_banner
from catalog.demo.products import load_products

__all__ = ["draw_banner", "load_products"]
