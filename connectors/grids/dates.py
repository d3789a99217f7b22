"""Read dates and times in texts: forms that speak for themselves, and those whose order has to be known."""

import re
from datetime import date, datetime, time
from functools import lru_cache

from config.cell_types import DateOrder
from config.scalars import parse_date, plain

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>[A-Za-z]{3,9})\.?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_NAMED = tuple(
    re.compile(_WEEKDAY + form, re.IGNORECASE | re.ASCII)
    for form in (
        rf"(?P<day>\d{{1,2}})\.?(?P<mark>[-/ ]){_MONTH}(?P=mark)(?P<year>\d{{4}}|\d\d)",
        rf"{_MONTH}\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})",
    )
)
_NAME = re.compile(
    "january|february|march|april|may|june|july|august|september|october|november|december|sept|" + "|".join(_MONTHS),
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})", re.ASCII)
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_TIME = re.compile(
    r"(?P<day>.*?\S),?(?:\s+|(?<=\d)T)(?P<before>上午|下午)?\s*(?P<hour>\d{1,2}):(?P<minute>\d\d)"
    r"(?::(?P<second>\d\d)(?:[.,](?P<part>\d{1,6})\d*)?)?\s*(?P<after>AM|PM)?\s*(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)?",
    re.IGNORECASE | re.ASCII,
)
_NOON = 12
_SHORT = 2
_FIRST_SHORT_YEAR = 69
"""Two digits of a year from 69 on are of the 20th century, as in POSIX."""


@lru_cache(maxsize=1024)
def read_moment(text: str, order: DateOrder | None = None) -> datetime | None:
    """Read a date with or without a time; naive unless an offset is written. None for any other text.

    Without an order, only forms that can mean one day: 2026-10-01, 2026年10月1日, 115/10/01, 13 Oct 2026.
    With one, also 13.10.2026 and 13/10/26.
    """
    cleaned = plain(text)
    try:
        if _ISO.fullmatch(cleaned):
            return datetime.fromisoformat(cleaned)
        match = _TIME.fullmatch(cleaned)
        if match is None:
            return datetime.combine(_day(cleaned, order), time())
        zone = (match["zone"] or "").upper().replace("UTC", "Z").replace("GMT", "Z")
        moment = datetime.combine(_day(match["day"], order), _time(match))
        return datetime.fromisoformat(f"{moment.isoformat()}{zone}") if zone else moment
    except ValueError:
        return None


def read_compact(text: str) -> datetime | None:
    """Read a date of eight digits, such as 20261001; None for any other text."""
    match = _COMPACT.fullmatch(plain(text))
    try:
        return datetime.combine(date(*map(int, match.groups())), time()) if match else None
    except ValueError:
        return None


def _time(match: re.Match[str]) -> time:
    hour, half = int(match["hour"]), (match["before"] or match["after"] or "").upper()
    if half:
        if hour > _NOON:
            raise ValueError(hour)
        hour = hour % _NOON + (_NOON if half in ("下午", "PM") else 0)
    return time(hour, int(match["minute"]), int(match["second"] or 0), int((match["part"] or "0").ljust(6, "0")))


def _day(text: str, order: DateOrder | None) -> date:
    for form in _NAMED:
        if match := form.fullmatch(text):
            return date(_year(match["year"]), _month(match["month"]), int(match["day"]))
    numeric = _NUMERIC.fullmatch(text)
    if numeric is None or len(numeric[1]) > _SHORT:
        return parse_date(text)
    if order is None:
        raise ValueError(text)
    parts = dict(zip(order, (numeric[1], numeric[3], numeric[4]), strict=True))
    if max(len(parts["D"]), len(parts["M"])) > _SHORT:
        raise ValueError(text)
    return date(_year(parts["Y"]), int(parts["M"]), int(parts["D"]))


def _month(name: str) -> int:
    if not _NAME.fullmatch(name):
        raise ValueError(name)
    return _MONTHS.index(name.lower()[:3]) + 1


def _year(digits: str) -> int:
    if len(digits) == _SHORT:
        return int(digits) + (1900 if int(digits) >= _FIRST_SHORT_YEAR else 2000)
    if len(digits) == len("2026"):
        return int(digits)
    raise ValueError(digits)
