"""Bars over days, drawn on the server: an SVG that stretches, its words outside of it so that they keep their size."""

from collections.abc import Callable
from dataclasses import dataclass

HEIGHT = 100  # of the drawing's own field; a bar is 10 wide, with 2 to spare
STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Bar:
    """``x``, ``y``, ``height`` in the field of the drawing, as SVG writes numbers; ``words`` tell the value."""

    x: int
    y: str
    height: str
    words: str


@dataclass(frozen=True)
class Chart:
    """``top`` is the value at the upper edge; ``first`` and ``last`` are the labels below it."""

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
    """``values`` are (label, number) in order, one at least; ``shown`` writes a number as people read it."""
    top = rounded_up(max(value for _label, value in values))
    bars = []
    for place, (label, value) in enumerate(values):
        height = round(value * HEIGHT / top, 2)
        bars.append(Bar(place * 10 + 1, f"{HEIGHT - height:g}", f"{height:g}", f"{label}: {shown(value)}"))
    middle = shown(top // 2) if top % 2 == 0 else ""
    return Chart(title, words, bars, shown(top), middle, values[0][0], values[-1][0])


def rounded_up(value: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50, …, from 2 on, so that the middle of the scale is a round number too."""
    power = 1
    while True:
        for step in STEPS:
            if max(value, 2) <= step * power:
                return step * power
        power *= 10
