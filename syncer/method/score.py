"""Scores at the end of a cycle, and their bands."""

from decimal import Decimal
from enum import StrEnum
from typing import Literal

from syncer.method.progress import rounded

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
