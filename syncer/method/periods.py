"""Thresholds over several weeks or months: one reading per period, independent of how often sync runs."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from config.models import Over


def earlier_periods(
    readings: Iterable[tuple[date, Decimal | None]], today: date, over: Over | None
) -> tuple[Decimal, ...]:
    """Return the last known reading of each ISO week or month before today's, oldest first.

    A reading of None is unknown. A period without a known reading is left out: it counts neither as met nor as missed.
    """
    if over is None:
        return ()
    last: dict[tuple[int, int], Decimal] = {}
    for day, value in sorted(readings, key=lambda reading: reading[0]):
        if value is not None and (period := _period(day, over)) < _period(today, over):
            last[period] = value
    return tuple(last.values())


def together(shares: Sequence[Fraction], over: Over) -> Fraction:
    """Combine the shares of all periods: their mean, or with `take: worst` the lowest."""
    return min(shares) if over.take == "worst" else sum(shares, Fraction()) / len(shares)


def _period(day: date, over: Over) -> tuple[int, int]:
    return day.isocalendar()[:2] if over.each == "week" else (day.year, day.month)
