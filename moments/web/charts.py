"""Bar charts per day as SVG. The SVG stretches; texts are outside of it, so that they keep their size."""

from collections.abc import Callable
from dataclasses import dataclass

HEIGHT = 100  # height of the viewBox; each bar has a width of 10, including a gap of 2
STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Bar:
    """A bar. ``x``, ``y`` and ``height`` are in SVG units; ``words`` is its text."""

    x: int
    y: str
    height: str
    words: str


@dataclass(frozen=True)
class Chart:
    """A chart. ``top`` is the label of the upper edge; ``first`` and ``last`` are labels of the x-axis."""

    title: str
    words: str
    bars: list[Bar]
    top: str
    middle: str
    first: str
    last: str

    @property
    def width(self) -> int:
        return len(self.bars) * 10


def bar_chart(title: str, values: list[tuple[str, int]], *, words: str, shown: Callable[[int], str]) -> Chart:
    """Return a chart of (label, number) pairs, at least one. ``shown`` formats a number."""
    top = rounded_up(max(value for _label, value in values))
    bars = []
    for place, (label, value) in enumerate(values):
        height = round(value * HEIGHT / top, 2)
        bars.append(Bar(place * 10 + 1, f"{HEIGHT - height:g}", f"{height:g}", f"{label}: {shown(value)}"))
    middle = shown(top // 2) if top % 2 == 0 else ""
    return Chart(title, words, bars, shown(top), middle, values[0][0], values[-1][0])


def rounded_up(value: int) -> int:
    """Return the next number of 2, 5, 10, 20, 50, …, so that the middle of the scale is round too."""
    power = 1
    while True:
        for step in STEPS:
            if max(value, 2) <= step * power:
                return step * power
        power *= 10
