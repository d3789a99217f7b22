"""Progress of a key result, with unknown values and exact rounding."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

PLACES = 6
"""Decimal places of every result, rounded half up before any comparison."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Attainment `raw`, which may leave [0, 1], and `progress`, clamped to [0, 1]. Both None: unknown."""

    raw: Decimal | None
    progress: Decimal | None


UNKNOWN = Progress(None, None)


def rounded(number: Decimal | Fraction | int, places: int = PLACES) -> Decimal:
    """Round half up (away from zero) and strip trailing zeros: 1/3 is 0.333333, 1/2 is 0.5."""
    scaled = abs(Fraction(number)) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    while places and whole % 10 == 0:
        whole, places = whole // 10, places - 1
    return Decimal((int(number < 0 and whole != 0), Decimal(whole).as_tuple().digits, -places))


def weighted_mean(pairs: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """Return the exact mean of (value, weight) pairs, independent of their order. Weights must be above 0."""
    exact = [(Fraction(value), Fraction(weight)) for value, weight in pairs]
    return rounded(sum((value * weight for value, weight in exact), Fraction()) / sum(weight for _, weight in exact))


def held_inside(raw: Decimal) -> Progress:
    """Clamp an attainment to [0, 1]."""
    return Progress(raw, min(max(raw, Decimal(0)), Decimal(1)))
