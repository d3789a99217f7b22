"""Expected progress, the share of a key result's time that has passed; and thresholds over several periods. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from config.models import Over, Pace
from syncer.method.progress import rounded

if TYPE_CHECKING:
    from holidays import HolidayBase


_SATURDAY = 5
_Days = tuple[date, ...]


def workdays(first: date, days: int, pace: Pace) -> int:
    """Count the workdays among `days` days from `first` on. Days in the config override the country's calendar."""
    return _counted(first, days, pace.country, pace.extra_holidays, pace.extra_workdays)


@lru_cache(maxsize=1024)
def _counted(first: date, days: int, country: str | None, off: _Days, on: _Days) -> int:
    return sum(_is_workday(first + timedelta(days=number), country, off, on) for number in range(days))


def _is_workday(day: date, country: str | None, off: _Days, on: _Days) -> bool:
    if day in on or day in off:
        return day in on
    return _calendar(country).is_working_day(day) if country else day.weekday() < _SATURDAY


@lru_cache(maxsize=16)
def _calendar(country: str) -> "HolidayBase":
    from holidays import country_holidays

    return country_holidays(country)


LINEAR = Pace()


def expected(first: date, last: date, today: date, pace: Pace = LINEAR) -> Decimal:
    """Return the expected progress between `first` and `last`, both included; today does not count as passed.

    Days are those of the workspace's time zone. 0 up to `first`, 1 after `last`. Raises ValueError if `last` is before
    `first`.
    """
    passed, total = elapsed(first, last, today, pace)
    if pace.kind == "points" and 0 < passed <= total:
        return rounded(_phased(first, total, passed, pace.points))
    return rounded(Fraction(passed, total))


def elapsed(first: date, last: date, today: date, pace: Pace = LINEAR) -> tuple[int, int]:
    """Return the days passed and the total days, of workdays if the pace asks for them; all days if none is a workday.

    Raises ValueError if `last` is before `first`.
    """
    if last < first:
        raise ValueError(f"the last day {last} lies before the first {first}")
    total = (last - first).days + 1
    passed = max(0, min((today - first).days, total))
    if pace.kind != "workdays":
        return passed, total
    counted = workdays(first, total, pace)
    return (workdays(first, passed, pace), counted) if counted else (passed, total)


def _phased(first: date, total: int, passed: int, points: Mapping[date, Decimal]) -> Fraction:
    """Interpolate between (days passed at the end of a day, share), with 0 at the start and 1 at the end."""
    line = {(day - first).days + 1: Fraction(share) for day, share in points.items()}
    line |= {0: Fraction(0), total: Fraction(1)}
    after = min(days for days in line if days >= passed)
    before = max(days for days in line if days <= passed)
    if after == before:
        return line[after]
    return line[before] + (line[after] - line[before]) * Fraction(passed - before, after - before)


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
