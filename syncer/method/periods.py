"""A threshold over several weeks or months: one reading per period, so that it does not matter how often sync runs."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from config.models import Over


def earlier_periods(
    readings: Iterable[tuple[date, Decimal | None]], today: date, over: Over | None
) -> tuple[Decimal, ...]:
    """The last known reading of each week (from Monday) or month before today's, oldest first. None is unknown.

    A period without a known reading is left out: unknown is neither held nor broken.
    """
    if over is None:
        return ()
    last: dict[tuple[int, int], Decimal] = {}
    for day, value in sorted(readings, key=lambda reading: reading[0]):
        if value is not None and (period := _period(day, over)) < _period(today, over):
            last[period] = value
    return tuple(last.values())


def together(shares: Sequence[Fraction], over: Over) -> Fraction:
    """What the periods come to: the mean of how far each held, or the least."""
    return min(shares) if over.take == "worst" else sum(shares, Fraction()) / len(shares)


def _period(day: date, over: Over) -> tuple[int, int]:
    return day.isocalendar()[:2] if over.each == "week" else (day.year, day.month)
