"""How much of a key result's time has passed."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from syncer.okr.progress import rounded

Pace = Literal["linear"]
"""`linear`: every calendar day counts the same."""


def expected(first: date, last: date, today: date, pace: Pace = "linear") -> Decimal:
    """The share of the days `first` to `last`, both included, that have passed; today has not passed yet.

    All are days of the workspace's time zone. 0 up to `first`, 1 after `last`. Raises ValueError for no days at all.
    """
    if last < first:
        raise ValueError(f"the last day {last} lies before the first {first}")
    if today <= first:
        return Decimal(0)
    if today > last:
        return Decimal(1)
    match pace:
        case "linear":
            return rounded(_linear(first, last, today))


def _linear(first: date, last: date, today: date) -> Fraction:
    return Fraction((today - first).days, (last - first).days + 1)
