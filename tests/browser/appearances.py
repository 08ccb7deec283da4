"""In how many looks pages are visited, and whether pictures of them are kept.

``make test`` spreads widths and themes over the pages; ``make a11y`` and ``make screenshots`` visit each in all.
"""

import html
import itertools
import os
import pathlib
import re

BIG = {"width": 1280, "text": 200}  # percent
PLAIN = {"width": 768, "is_plain": True}  # forced colors, reduced motion
EVERY = [{"width": width, "dark": dark} for width in (1280, 768, 320) for dark in (False, True)] + [BIG, PLAIN]
SPREAD = [{"width": 1280}, {"width": 320, "dark": True}, {"width": 768}, BIG, {"width": 320}, PLAIN]
MOVING = """() => [...document.querySelectorAll('*')].filter(element => {
  const style = getComputedStyle(element)
  return [style.transitionDuration, style.animationDuration].some(text => text.split(',').some(part => {
    return parseFloat(part) > 0.01
  }))
}).map(element => element.className || element.tagName)"""
IS_WHOLE = os.environ.get("MOMENTS_LOOKS") == "every"
GALLERY = os.environ.get("MOMENTS_GALLERY", "")


def appearances() -> list[dict]:
    return EVERY if IS_WHOLE else SPREAD


def visits(paths: list[str], pages: list) -> list[tuple]:
    """(path, page): each in one look, or each in all of them."""
    return list(itertools.product(paths, pages)) if IS_WHOLE else list(zip(paths, itertools.cycle(pages)))


def apply(page, look: dict, within: str | None) -> list[str]:
    """What of a look is set on a page that is open, and what is wrong with how it takes it."""
    if "text" in look:
        page.evaluate("size => document.documentElement.style.fontSize = size", f"{look['text']}%")
    return [f"moves: {name}" for name in page.evaluate(MOVING)] if look.get("is_plain") and not within else []


def keep_picture(page, who: str | None, path: str, look: dict) -> None:
    """Into the gallery, if one is made."""
    if GALLERY:
        folder = pathlib.Path(GALLERY)
        folder.mkdir(parents=True, exist_ok=True)
        plain = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "id", path)
        name = re.sub(r"[^a-zA-Z0-9]+", "-", f"{who or 'anybody'}{plain}").strip("-").lower()[:100]
        theme = "dark" if look.get("dark") else "light"
        theme = "plain" if look.get("is_plain") else f"{look['text']}" if "text" in look else theme
        page.screenshot(path=str(folder / f"{name}.{look['width']}.{theme}.png"), full_page=True)
        write_index(folder)


def write_index(folder: pathlib.Path) -> None:
    """One page with all pictures, a row for each page of ours."""
    rows: dict[str, list[str]] = {}
    for picture in sorted(folder.glob("*.png")):
        rows.setdefault(picture.name.split(".")[0], []).append(picture.name)
    lines = [
        f"<h2>{html.escape(name)}</h2><p>"
        + "".join(
            f'<a href="{picture}"><img src="{picture}" alt="{picture}" height="360" loading="lazy"></a> '
            for picture in pictures
        )
        for name, pictures in rows.items()
    ]
    (folder / "index.html").write_text("<!doctype html><title>Gallery</title>" + "\n".join(lines))
