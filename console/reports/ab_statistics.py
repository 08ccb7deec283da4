"""Which of a campaign's moments moves more users: shares with their intervals, over what the app has seen and issued.

Wilson's score interval for one share (Wilson 1927), Newcombe's for the difference of two (Newcombe 1998, method 10);
both hold for small numbers and for shares near nothing and all.
"""

import math
from dataclasses import dataclass

Z = 1.959964  # 95 %


@dataclass(frozen=True)
class Interval:
    low: float
    high: float

    @property
    def is_beside_zero(self) -> bool:
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Variant:
    """``actions`` of ``seen`` users; shares are between 0 and 1."""

    key: str
    seen: int
    actions: int

    @property
    def share(self) -> float:
        return self.actions / self.seen

    @property
    def interval(self) -> Interval:
        return wilson(self.actions, self.seen)


@dataclass(frozen=True)
class Difference:
    """The share of ``one`` less that of ``other``, the one that does best."""

    one: Variant
    other: Variant

    @property
    def points(self) -> float:
        return self.one.share - self.other.share

    @property
    def interval(self) -> Interval:
        return newcombe(self.one, self.other)


def wilson(actions: int, seen: int) -> Interval:
    """The 95 % interval of a share; ``0 <= actions <= seen``, ``seen >= 1``."""
    share, square = actions / seen, Z * Z
    middle = (share + square / (2 * seen)) / (1 + square / seen)
    half = Z / (1 + square / seen) * math.sqrt(share * (1 - share) / seen + square / (4 * seen * seen))
    return Interval(max(middle - half, 0.0), min(middle + half, 1.0))


def newcombe(one: Variant, other: Variant) -> Interval:
    """The 95 % interval of the difference of two shares."""
    first, second, points = one.interval, other.interval, one.share - other.share
    low = points - math.hypot(one.share - first.low, second.high - other.share)
    high = points + math.hypot(first.high - one.share, other.share - second.low)
    return Interval(low, high)


def differences(variants: list[Variant]) -> list[Difference]:
    """The best against each of the others, the best of these first."""
    ranked = sorted(variants, key=lambda variant: -variant.share)
    return [Difference(ranked[0], other) for other in ranked[1:]]
