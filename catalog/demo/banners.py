"""Campaign banners for the demo, 3000 × 600."""

import io

from PIL import Image, ImageDraw, ImageFont

from catalog.demo.drawing import THINGS, color, draw_shapes, gradient, number_of

WIDTH, HEIGHT = 3000, 600
STYLES = [
    ("#2b1a5a", "#7a3fd0", "#ffd36b", "#ffffff"),
    ("#0d3b4f", "#1f8f8a", "#ffe08a", "#ffffff"),
    ("#5a1236", "#d0406f", "#ffd9a8", "#ffffff"),
    ("#12356b", "#2f7fd0", "#bfe3ff", "#ffffff"),
]
FLOATING = ["card", "cup", "book", "ball", "headphones", "plant", "die", "bear"]


def draw_banner(title: str, seed: str) -> bytes:
    """A PNG with ``title`` in the middle, where every crop keeps it, and presents floating at the sides."""
    dark, bright, accent, light = (color(text) for text in STYLES[number_of(seed) % len(STYLES)])
    picture = gradient((WIDTH, HEIGHT), dark, bright)
    pen = ImageDraw.Draw(picture)
    red, green, blue = ((a + b) // 2 for a, b in zip(accent, bright, strict=True))
    paint = {"a": accent, "b": (red, green, blue), "c": light}
    for place, x in enumerate((90, 430, 2220, 2560)):
        thing = FLOATING[(number_of(seed) + place) % len(FLOATING)]
        y = 60 + number_of(f"{seed}{place}") % 140
        tile = Image.new("RGBA", (340, 340))
        draw_shapes(ImageDraw.Draw(tile), THINGS[thing], paint, 3.4)
        turned = tile.rotate(number_of(f"{place}{seed}") % 31 - 15, Image.Resampling.BICUBIC)
        picture.paste(turned, (x, y), turned)
    for place in range(90):
        number = number_of(f"{seed}/{place}")
        x, y, radius = number % WIDTH, number // WIDTH % HEIGHT, 3 + number // 10**9 % 7
        if not 800 < x < 2200 or not 180 < y < 430:
            pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=accent if place % 3 else light)
    font = fitting_font(pen, title)
    pen.text((WIDTH / 2, HEIGHT / 2), title, font=font, fill=light, anchor="mm")
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def fitting_font(pen: ImageDraw.ImageDraw, text: str) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    size = 170
    while size > 40 and pen.textlength(text, font=ImageFont.load_default(size)) > 1350:
        size -= 10
    return ImageFont.load_default(size)
