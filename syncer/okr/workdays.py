"""Which days count as workdays: the public holidays of a country, and what people add or take away."""

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from config.models import Pace

if TYPE_CHECKING:
    from holidays import HolidayBase

_SATURDAY = 5


def is_workday(day: date, pace: Pace) -> bool:
    """Whether people work on that day. What the config adds wins over what the country's calendar says."""
    if day in pace.extra_workdays:
        return True
    if day in pace.extra_holidays:
        return False
    return _works_in(pace.country, day) if pace.country else day.weekday() < _SATURDAY


@lru_cache(maxsize=4096)
def _works_in(country: str, day: date) -> bool:
    return _calendar(country).is_working_day(day)


@lru_cache(maxsize=16)
def _calendar(country: str) -> "HolidayBase":
    from holidays import country_holidays

    return country_holidays(country)
