"""Colors that people choose, and the text color that can be read on them (WCAG 2.2, relative luminance)."""

import re

HEX = re.compile(r"#[0-9a-f]{6}")
WHITE, BLACK = "#ffffff", "#000000"


def luminance(color: str) -> float:
    """0 for black to 1 for white; ``color`` is ``#rrggbb``."""
    channels = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def text_on(color: str) -> str:
    """White or black, whichever is easier to read on ``color``; at least 4.5 to 1 on every color."""
    return max((WHITE, BLACK), key=lambda text: contrast(color, text))


def shifted(color: str) -> str:
    """A little darker under white text, a little lighter under dark text: for a button under the pointer."""
    towards = 0 if text_on(color) == WHITE else 255
    channels = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(value + (towards - value) * 0.15):02x}" for value in channels)
