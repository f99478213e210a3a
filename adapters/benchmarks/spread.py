"""What repeated measurements say: a middle, and how far they lie apart. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of several measurements, with the lowest and the highest."""

    median: float
    lowest: float
    highest: float
    count: int


def spread_of(values: Sequence[float]) -> Spread:
    """Raises ValueError for no values: what was not measured has no middle."""
    if not values:
        raise ValueError("nothing was measured")
    return Spread(median(values), min(values), max(values), len(values))


def ratio_of(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """Ours to theirs, pair by pair: what slowed the machine down for a moment slowed down both of a pair."""
    return spread_of([mine / other for mine, other in zip(ours, theirs, strict=True)])


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of them lies, between two of them in proportion. 0.5 is the median."""
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (at - below)
