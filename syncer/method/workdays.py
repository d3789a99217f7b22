"""Which days count as workdays: the public holidays of a country, and what people add or take away."""

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from config.models import Pace

if TYPE_CHECKING:
    from holidays import HolidayBase

_SATURDAY = 5
_Days = tuple[date, ...]


def workdays(first: date, days: int, pace: Pace) -> int:
    """How many of so many days from `first` on are workdays. What the config adds wins over the country's calendar."""
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
