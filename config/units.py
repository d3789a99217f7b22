"""Units of measures: known words for percents and durations, and units inferred from an expression."""

import re

from config.message import Message
from config.scalars import plain
from config.tables import Table

_WORDS = {
    "percent": ("percent", "%", "pct", "百分比"),
    "seconds": ("seconds", "second", "s", "sec", "秒"),
    "minutes": ("minutes", "minute", "min", "分鐘", "分"),
    "hours": ("hours", "hour", "h", "hr", "小時", "時"),
    "days": ("days", "day", "d", "天", "日"),
    "weeks": ("weeks", "week", "w", "週", "周"),
}
_KNOWN = {word: unit for unit, words in _WORDS.items() for word in words}
_KEEPS_UNIT = re.compile(
    r"(?:avg|mean|median|min|max|sum|mode|quantile_cont|quantile_disc)\s*\(\s*(?P<column>\w+)\s*(?:,[^()]*)?\)",
    re.IGNORECASE,
)
_SHARE = re.compile(r"share\s*\(", re.IGNORECASE)
SHARE = "share"
"""Unit of a number between 0 and 1, shown as a percent."""

_SCALED = re.compile(r"[*/]")


def known_unit(text: str | None) -> str | None:
    """Return the unit that a word means: `percent`, `seconds`, `minutes`, `hours`, `days` or `weeks`; else None."""
    return _KNOWN.get(plain(text).casefold()) if text else None


def natural_unit(value: str, table: Table) -> str | None:
    """Infer the unit of an expression's result: `hours` for avg(lead_time_hours), SHARE for share(...), else None."""
    text = value.strip()
    if _SHARE.match(text):
        return None if _SCALED.search(text) else SHARE
    match = _KEEPS_UNIT.match(text)
    if match is None or _SCALED.search(text):
        return None
    column = table.column(match["column"])
    return known_unit(column.unit) if column else None


def unit_conflict(stated: str | None, natural: str | None) -> str | None:
    """Return why the unit stated for a measure contradicts that of its expression; None if it does not."""
    unit = known_unit(stated)
    if unit is None or natural is None or unit == natural:
        return None
    if natural == SHARE:
        return Message("a share is between 0 and 1 by itself; leave `unit` out (`percent` would divide it by 100)")
    return Message(
        "is {stated}, but the expression gives {natural}; write `unit: {natural}`, or convert the number in `value`",
        stated=stated,
        natural=natural,
    )
