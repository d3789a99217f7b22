"""Parse single cells of grids: number, timestamp, boolean, text, sheet error or empty."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from config.scalars import parse_amount, parse_date, plain
from connectors.protocol import Value

CellLike = str | int | float | bool | date | datetime | Decimal | None

Kind = Literal["empty", "number", "timestamp", "boolean", "text", "error"]

ERRORS = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#ERROR!", "#SPILL!", "#CALC!", "Loading..."}
)
"""Error values of cells in Google Sheets and Excel."""

_MOMENT = re.compile(
    r"(?P<day>\S+?)[T\s]\s*(?P<half>上午|下午)?\s*"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?\s*(?P<english>AM|PM)?",
    re.IGNORECASE,
)
_LEADING_ZERO = re.compile(r"0\d+")
_DECIMALS = re.compile(r"[1-9]\d*\.(\d+)")
_EXACT_DIGITS = 15
_NOON = 12


@dataclass(frozen=True, slots=True)
class Parsed:
    """Kind of a cell and, for numbers, timestamps and booleans, its value."""

    kind: Kind
    value: Value = None


def is_empty(cell: CellLike) -> bool:
    """Return whether the cell is empty or only white space."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def as_text(cell: CellLike) -> str:
    """Format a cell as text: 3.0 is 3, a date is ISO, outer white space is removed."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def parse_cell(cell: CellLike, zone: tzinfo) -> Parsed:
    """Parse a cell independently of its column. A date is a timestamp in UTC: its beginning in `zone`."""
    if is_empty(cell):
        return Parsed("empty")
    if isinstance(cell, bool):
        return Parsed("boolean", cell)
    if isinstance(cell, (int, float, Decimal)):
        return _number(cell)
    if isinstance(cell, datetime):
        return Parsed("timestamp", _instant(cell, zone))
    if isinstance(cell, date):
        return Parsed("timestamp", _instant(datetime.combine(cell, time()), zone))
    return _parse_text(cell or "", zone)


def keeps_text(cells: Sequence[CellLike]) -> bool:
    """Return whether a column's texts are ids instead of numbers: 0123, more than 15 digits, or 1.10 next to 1.9.

    23.0 next to 5.37 is no id, since programs write numbers in this way.
    """
    texts = [plain(cell) for cell in cells if isinstance(cell, str)]
    if any(_LEADING_ZERO.fullmatch(text) or (text.isdigit() and len(text) > _EXACT_DIGITS) for text in texts):
        return True
    decimals = [match[1] for text in texts if (match := _DECIMALS.fullmatch(text))]
    padded = any(len(digits) > 1 and digits.endswith("0") for digits in decimals)
    return padded and len({len(digits) for digits in decimals}) > 1


def _number(value: float | Decimal) -> Parsed:
    try:
        number = float(value) if isinstance(value, Decimal) else value
        return Parsed("number", number) if math.isfinite(number) else Parsed("error")
    except (OverflowError, ValueError):
        return Parsed("error")


@lru_cache(maxsize=65536)
def _parse_text(text: str, zone: tzinfo) -> Parsed:
    cleaned = plain(text)
    if cleaned in ERRORS:
        return Parsed("error")
    if cleaned.upper() in ("TRUE", "FALSE"):
        return Parsed("boolean", cleaned.upper() == "TRUE")
    if not any(character.isdigit() for character in cleaned):
        return Parsed("text")
    try:
        return _number(parse_amount(cleaned).value)
    except (ValueError, OverflowError):
        pass
    moment = _parse_moment(cleaned)
    return Parsed("text") if moment is None else Parsed("timestamp", _instant(moment, zone))


def _parse_moment(text: str) -> datetime | None:
    """Parse a date with or without a time, as written by ISO 8601, Excel or Google Sheets (zh-TW: 下午 3:00:00)."""
    try:
        if text[:4].isdigit() and text[4:5] == "-" and len(text) > len("2026-10-01"):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        match = _MOMENT.fullmatch(text)
        if match is None:
            return datetime.combine(parse_date(text), time())
        hour = int(match["hour"])
        half = (match["half"] or match["english"] or "").upper()
        if half and 1 <= hour <= _NOON:
            hour = hour % _NOON + (_NOON if half in ("下午", "PM") else 0)
        return datetime.combine(parse_date(match["day"]), time(hour, int(match["minute"]), int(match["second"] or 0)))
    except ValueError:
        return None


def _instant(moment: datetime, zone: tzinfo) -> datetime:
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        return moment.replace(tzinfo=UTC)
