"""Statistics to compare a campaign's moments: shares of users with confidence intervals.

Uses Wilson's score interval for one share (Wilson 1927) and Newcombe's for the difference of two (Newcombe 1998, method
10). Both are valid for small samples and for shares near 0 and 1.
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
    """A moment with ``actions`` of ``seen`` users; shares are between 0 and 1."""

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
    """The difference in share between ``one``, the best variant, and ``other``."""

    one: Variant
    other: Variant

    @property
    def points(self) -> float:
        return self.one.share - self.other.share

    @property
    def interval(self) -> Interval:
        return newcombe(self.one, self.other)


def wilson(actions: int, seen: int) -> Interval:
    """Return the 95 % interval of a share. Requires ``0 <= actions <= seen`` and ``seen >= 1``."""
    share, square = actions / seen, Z * Z
    middle = (share + square / (2 * seen)) / (1 + square / seen)
    half = Z / (1 + square / seen) * math.sqrt(share * (1 - share) / seen + square / (4 * seen * seen))
    return Interval(max(middle - half, 0.0), min(middle + half, 1.0))


def newcombe(one: Variant, other: Variant) -> Interval:
    """Return the 95 % interval of the difference of two shares."""
    first, second, points = one.interval, other.interval, one.share - other.share
    low = points - math.hypot(one.share - first.low, second.high - other.share)
    high = points + math.hypot(first.high - one.share, other.share - second.low)
    return Interval(low, high)


def differences(variants: list[Variant]) -> list[Difference]:
    """Return the differences between the best variant and each of the others, in order of their shares."""
    ranked = sorted(variants, key=lambda variant: -variant.share)
    return [Difference(ranked[0], other) for other in ranked[1:]]
