"""Progress with unknown values and exact rounding, and scores at the end of a cycle with their bands. Pure."""

from collections.abc import Iterable
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, ROUND_HALF_UP, Context, Decimal, Inexact, localcontext
from enum import StrEnum
from fractions import Fraction
from operator import mul
from typing import Literal

from config.dataclass import dataclass

PLACES = 6
"""Decimal places of every result, rounded half up before any comparison."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Attainment `raw`, which may leave [0, 1], and `progress`, clamped to [0, 1]. Both None: unknown."""

    raw: Decimal | None
    progress: Decimal | None


UNKNOWN = Progress(None, None)


_EXACT = Context(prec=MAX_PREC, rounding=ROUND_HALF_UP)

UNROUNDED = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact])
"""Sums and products of Decimals as exact as those of Fractions, and many times faster."""


def rounded(number: Decimal | Fraction | int, places: int = PLACES) -> Decimal:
    """Round half up (away from zero) and strip trailing zeros: 1/3 is 0.333333, 1/2 is 0.5."""
    if isinstance(number, Decimal) and number.is_finite():
        return _as_plain(number.quantize(Decimal((0, (1,), -places)), context=_EXACT))
    exact = Fraction(number)
    numerator, denominator = exact.numerator, exact.denominator
    whole = (2 * abs(numerator) * 10**places + denominator) // (2 * denominator)
    while places and whole % 10 == 0:
        whole, places = whole // 10, places - 1
    return _EXACT.scaleb(Decimal(-whole if numerator < 0 else whole), -places)


def _as_plain(number: Decimal) -> Decimal:
    """Strip zeros behind the decimal point; 0 has no sign."""
    whole = number.to_integral_value()
    return (whole if number else abs(whole)) if whole == number else number.normalize(_EXACT)


def weighted_mean(pairs: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """Return the exact mean of (value, weight) pairs, independent of their order. Weights must be above 0."""
    values, weights = zip(*pairs, strict=True)
    with localcontext(UNROUNDED):
        total, weight = sum(map(mul, values, weights), Decimal()), sum(weights, Decimal())
    return rounded(Fraction(total) / Fraction(weight))


def held_inside(raw: Decimal) -> Progress:
    """Clamp an attainment to [0, 1]."""
    return Progress(raw, min(max(raw, Decimal(0)), Decimal(1)))


SWEET_SPOT = (Decimal("0.6"), Decimal("0.7"))
"""Intended range of the scores of stretch goals, both ends included."""

_BEST_UNFINISHED = Decimal("0.9")


class Band(StrEnum):
    """Bands of scores after Google's OKR scale; each language has its own names for them."""

    COMPLETE = "complete"
    SATISFYING = "satisfying"
    SOME_PROGRESS = "some_progress"
    LITTLE_PROGRESS = "little_progress"


def score_of(progress: Decimal | None) -> Decimal | None:
    """Round progress to tenths, 0.0 to 1.0; 1.0 only when everything is done, so 0.97 is 0.9. None is unknown."""
    if progress is None:
        return None
    if progress >= 1:
        return Decimal("1.0")
    return min(rounded(max(progress, Decimal(0)), places=1), _BEST_UNFINISHED).quantize(Decimal("0.1"))


def band_of(score: Decimal) -> Band:
    """Return the band of a score."""
    if score >= 1:
        return Band.COMPLETE
    if score >= Decimal("0.7"):
        return Band.SATISFYING
    return Band.SOME_PROGRESS if score >= Decimal("0.3") else Band.LITTLE_PROGRESS


def expected_score(kind: Literal["committed", "aspirational"] = "aspirational") -> Decimal:
    """Return the score to aim for: 1.0 for a committed goal, 0.7 for an aspirational one."""
    return Decimal("1.0") if kind == "committed" else Decimal("0.7")
