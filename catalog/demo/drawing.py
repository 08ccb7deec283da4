"""Pictures drawn with Pillow: simple things on a soft ground, each category in colors of its own."""

import functools
import hashlib
import io
from collections.abc import Iterable

from PIL import Image, ImageDraw, ImageFilter

Color = tuple[int, int, int]
Shape = tuple

SIZES = [240, 480]
SIDE = 960  # drawn larger, then made smaller: smooth edges

# Ground from, ground to, the thing, its shade, its light.
PALETTES: dict[str, tuple[str, str, str, str, str]] = {
    "books": ("#fdf1e3", "#f6d9b8", "#b4532a", "#7c3418", "#fff7ec"),
    "coffee-tea": ("#f3ece6", "#dcc7b4", "#6f4a34", "#472d1e", "#fff8f1"),
    "electronics": ("#e8eefb", "#c3d3f5", "#3353b7", "#1d2f74", "#f4f8ff"),
    "games": ("#efe7fb", "#d5c0f4", "#6b3fc0", "#40217c", "#faf5ff"),
    "garden": ("#e9f6e7", "#c0e2bb", "#2f7d43", "#1b4f29", "#f6fff3"),
    "gift-codes": ("#fde8ef", "#f6bfd1", "#c22d62", "#7f1540", "#fff4f8"),
    "home": ("#e6f4f4", "#b6dedd", "#1f7a7c", "#0f4b4d", "#f1ffff"),
    "kitchen": ("#fdeee6", "#f7cdb6", "#c9501f", "#84300d", "#fff6f0"),
    "sports": ("#eaf6dd", "#cbe7a4", "#5a8d12", "#365809", "#fbfff2"),
    "t-shirts": ("#e7f0f7", "#bcd3e6", "#24507a", "#122f4c", "#f5faff"),
    "toys": ("#fff4d6", "#fbdd8c", "#c98a04", "#7f5600", "#fffbea"),
    "travel": ("#e3f2fd", "#b1d9f7", "#1769aa", "#0c426d", "#f2faff"),
}

# Each thing as shapes on a field of 100 × 100; colors: a the thing, b its shade, c its light.
THINGS: dict[str, list[Shape]] = {
    "book": [("box", "b", 27, 24, 73, 80, 4), ("box", "c", 31, 70, 71, 77, 2), ("box", "a", 27, 22, 71, 72, 4)]
    + [("box", "c", 38, 33, 61, 37, 1), ("box", "c", 38, 41, 55, 44, 1), ("box", "b", 27, 22, 33, 72, 3)],
    "cup": [("ring", "b", 58, 40, 82, 66, 6), ("box", "a", 24, 34, 68, 76, 10), ("box", "c", 30, 39, 34, 66, 2)]
    + [("oval", "b", 24, 29, 68, 40), ("oval", "c", 28, 31, 64, 38)],
    "bag": [("ring", "b", 38, 16, 62, 44, 4), ("box", "a", 25, 32, 75, 82, 5), ("box", "c", 34, 48, 66, 68, 3)]
    + [("box", "b", 25, 32, 75, 37, 2)],
    "tin": [("box", "a", 30, 28, 70, 80, 6), ("box", "b", 28, 22, 72, 33, 4), ("box", "c", 36, 46, 64, 66, 3)],
    "headphones": [("arc", "b", 22, 22, 78, 82, 180, 360, 7), ("box", "a", 18, 50, 34, 78, 7)]
    + [("box", "a", 66, 50, 82, 78, 7), ("box", "c", 22, 56, 26, 72, 2), ("box", "c", 70, 56, 74, 72, 2)],
    "speaker": [("box", "a", 30, 18, 70, 84, 8), ("oval", "b", 36, 46, 64, 74), ("oval", "c", 43, 53, 57, 67)]
    + [("oval", "b", 42, 25, 58, 41), ("oval", "c", 46, 29, 54, 37)],
    "phone": [("box", "b", 34, 16, 66, 84, 7), ("box", "c", 37, 22, 63, 76, 2), ("box", "a", 41, 28, 59, 44, 3)]
    + [("oval", "c", 48, 78, 52, 82), ("box", "a", 41, 49, 59, 53, 1)],
    "lamp": [("poly", "a", (36, 20), (64, 20), (76, 50), (24, 50)), ("box", "b", 47, 50, 53, 76, 1)]
    + [("box", "b", 34, 75, 66, 82, 4), ("poly", "c", (40, 24), (46, 24), (38, 46), (31, 46))],
    "die": [("box", "a", 22, 22, 78, 78, 12), ("oval", "c", 31, 31, 42, 42), ("oval", "c", 58, 31, 69, 42)]
    + [("oval", "c", 45, 45, 56, 56), ("oval", "c", 31, 58, 42, 69), ("oval", "c", 58, 58, 69, 69)],
    "pad": [("box", "a", 16, 36, 84, 70, 17), ("box", "c", 26, 50, 42, 55, 1), ("box", "c", 31, 45, 37, 60, 1)]
    + [("oval", "b", 60, 43, 69, 52), ("oval", "b", 68, 53, 77, 62)],
    "plant": [("oval", "a", 30, 16, 50, 56), ("oval", "b", 50, 22, 70, 58), ("oval", "a", 42, 10, 58, 52)]
    + [("poly", "b", (32, 54), (68, 54), (62, 84), (38, 84)), ("box", "c", 30, 52, 70, 60, 2)],
    "tools": [("box", "b", 32, 14, 39, 54, 3), ("poly", "a", (26, 50), (45, 50), (42, 84), (36, 90), (29, 84))]
    + [("box", "b", 60, 46, 67, 86, 3), ("box", "a", 54, 14, 58, 46, 2), ("box", "a", 61, 14, 66, 46, 2)]
    + [("box", "a", 69, 14, 73, 46, 2), ("box", "a", 54, 42, 73, 48, 2)],
    "card": [("box", "b", 18, 32, 82, 76, 6), ("box", "a", 18, 28, 82, 72, 6), ("box", "c", 46, 28, 53, 72, 0)]
    + [("box", "c", 18, 46, 82, 52, 0), ("ring", "c", 34, 32, 50, 48, 3), ("ring", "c", 50, 32, 66, 48, 3)],
    "blanket": [("box", "b", 22, 62, 78, 78, 6), ("box", "a", 22, 46, 78, 62, 6), ("box", "c", 22, 30, 78, 46, 6)]
    + [("box", "a", 22, 36, 78, 40, 0), ("box", "c", 22, 52, 78, 55, 0), ("box", "a", 22, 68, 78, 71, 0)],
    "candle": [("box", "a", 32, 44, 68, 82, 5), ("box", "c", 38, 54, 62, 70, 2), ("box", "b", 49, 34, 51, 46, 0)]
    + [("oval", "b", 45, 16, 55, 38), ("oval", "c", 47, 24, 53, 37)],
    "pan": [("box", "b", 62, 47, 94, 53, 3), ("oval", "b", 12, 26, 68, 78), ("oval", "a", 16, 30, 64, 74)]
    + [("oval", "c", 28, 38, 46, 54)],
    "knife": [("poly", "a", (14, 44), (60, 40), (60, 56), (24, 58)), ("box", "b", 58, 41, 88, 53, 4)]
    + [("oval", "c", 66, 45, 69, 48), ("oval", "c", 76, 45, 79, 48), ("box", "b", 20, 70, 80, 76, 3)],
    "jar": [("box", "b", 34, 16, 66, 26, 3), ("box", "a", 28, 26, 72, 84, 10), ("box", "c", 36, 44, 64, 68, 3)],
    "ball": [("oval", "a", 20, 20, 80, 80), ("arc", "c", -6, 20, 46, 80, 290, 430, 4)]
    + [("arc", "c", 54, 20, 106, 80, 110, 250, 4), ("arc", "b", 20, 20, 80, 80, 30, 150, 4)],
    "bottle": [("box", "b", 42, 12, 58, 24, 3), ("box", "a", 34, 24, 66, 86, 9), ("box", "c", 39, 32, 43, 76, 2)]
    + [("box", "b", 34, 52, 66, 60, 0)],
    "mat": [("box", "a", 20, 34, 84, 70, 4), ("oval", "b", 12, 34, 34, 70), ("oval", "c", 17, 42, 29, 62)]
    + [("oval", "b", 20, 47, 26, 57)],
    "blocks": [("box", "a", 18, 52, 48, 82, 4), ("box", "b", 52, 52, 82, 82, 4), ("box", "c", 35, 20, 65, 50, 4)]
    + [("oval", "c", 27, 61, 39, 73), ("oval", "a", 44, 29, 56, 41), ("box", "c", 62, 62, 72, 72, 1)],
    "bear": [("oval", "b", 22, 16, 42, 36), ("oval", "b", 58, 16, 78, 36), ("oval", "a", 22, 20, 78, 78)]
    + [("oval", "c", 37, 46, 63, 68), ("oval", "b", 46, 49, 54, 56), ("oval", "b", 35, 36, 41, 42)]
    + [("oval", "b", 59, 36, 65, 42)],
    "kite": [("poly", "a", (50, 10), (76, 40), (50, 76), (24, 40)), ("poly", "b", (50, 10), (76, 40), (50, 40))]
    + [("poly", "c", (24, 40), (50, 40), (50, 76)), ("box", "b", 49, 76, 51, 92, 0)],
    "suitcase": [("ring", "b", 38, 10, 62, 40, 4), ("box", "a", 24, 26, 76, 84, 7), ("box", "b", 34, 26, 38, 84, 0)]
    + [("box", "b", 62, 26, 66, 84, 0), ("oval", "b", 28, 82, 36, 90), ("oval", "b", 64, 82, 72, 90)],
    "shirt": [
        ("poly", "b", (14, 34), (34, 20), (40, 44), (24, 52)),
        ("poly", "b", (86, 34), (66, 20), (60, 44), (76, 52)),
    ]
    + [("box", "a", 30, 20, 70, 84, 5), ("oval", "c", 42, 15, 58, 27), ("poly", "c", (50, 40), (58, 60), (42, 60))],
    "pillow": [("arc", "a", 20, 20, 80, 80, 120, 420, 17), ("arc", "c", 25, 25, 75, 75, 200, 250, 4)],
}


def color(text: str) -> Color:
    red, green, blue = bytes.fromhex(text.lstrip("#"))
    return red, green, blue


def number_of(text: str) -> int:
    """A number that ``text`` always has."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def gradient(size: tuple[int, int], start: Color, end: Color) -> Image.Image:
    """From the upper left to the lower right."""
    return Image.composite(Image.new("RGB", size, end), Image.new("RGB", size, start), diagonal(size))


@functools.cache
def diagonal(size: tuple[int, int]) -> Image.Image:
    """Black at the upper left, white at the lower right."""
    ramp = Image.linear_gradient("L")
    return Image.blend(ramp.resize(size), ramp.rotate(90).resize(size), 0.5)


def draw_shapes(pen: ImageDraw.ImageDraw, shapes: Iterable[Shape], paint: dict[str, Color], unit: float) -> None:
    for kind, shade, *numbers in shapes:
        fill = paint[shade]
        if kind == "poly":
            pen.polygon([(x * unit, y * unit) for x, y in numbers], fill=fill)
            continue
        left, top, right, bottom, *rest = numbers
        box = (left * unit, top * unit, right * unit, bottom * unit)
        if kind == "box":
            pen.rounded_rectangle(box, rest[0] * unit, fill=fill)
        elif kind == "oval":
            pen.ellipse(box, fill=fill)
        elif kind == "ring":
            pen.ellipse(box, outline=fill, width=int(rest[0] * unit))
        elif kind == "arc":
            pen.arc(box, rest[0], rest[1], fill=fill, width=int(rest[2] * unit))


def draw_product(category: str, thing: str, seed: str) -> dict[int, bytes]:
    """Square PNGs by their side, in pixels."""
    ground, ground_end, body, shade, light = (color(text) for text in PALETTES[category])
    picture = gradient((SIDE, SIDE), ground, ground_end)
    pen = ImageDraw.Draw(picture)
    number = number_of(seed)
    x, y, radius = 30 + number % 40, 30 + number // 40 % 40, 30 + number // 1600 % 14
    halo = tuple((a + b) // 2 for a, b in zip(ground, light, strict=True))
    unit = SIDE / 100
    pen.ellipse([(x - radius) * unit, (y - radius) * unit, (x + radius) * unit, (y + radius) * unit], fill=halo)
    draw_shadow(picture)
    draw_shapes(ImageDraw.Draw(picture), THINGS[thing], {"a": body, "b": shade, "c": light}, unit)
    return {size: to_png(picture.reduce(SIDE // size)) for size in SIZES}


def draw_shadow(picture: Image.Image) -> None:
    """A soft oval below the thing."""
    picture.paste((40, 30, 50), None, mask=shadow(picture.width))


@functools.cache
def shadow(side: int) -> Image.Image:
    small = Image.new("L", (150, 150), 0)
    ImageDraw.Draw(small).ellipse([30, 122, 120, 140], fill=70)
    return small.filter(ImageFilter.GaussianBlur(5)).resize((side, side))


def to_png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.quantize(192, dither=Image.Dither.NONE).save(file, "PNG")
    return file.getvalue()
