"""Names of a product picture's files: ``products/<id>/960.jpg`` comes with the same picture in 480 and 240."""

import re
from typing import Any

WIDTHS = [240, 480, 960, 1440]  # pixels a side: product pictures are square
NAME = re.compile(r"/(\d+)(?=\.(?:png|jpg)$)")


def widths_of(name: str) -> list[int]:
    """Of all files of a picture, from the name of its largest; empty for a name that was not made here."""
    found = NAME.search(name)
    return [width for width in WIDTHS if width <= int(found[1])] if found and int(found[1]) in WIDTHS else []


def url_at(picture: Any, width: int) -> str:
    """The path of the rendition that is ``width`` wide, else of the largest."""
    return NAME.sub(f"/{width}", picture.url) if width in widths_of(picture.name) else picture.url


def srcset_of(picture: Any) -> str:
    return ", ".join(f"{url_at(picture, width)} {width}w" for width in widths_of(picture.name))
