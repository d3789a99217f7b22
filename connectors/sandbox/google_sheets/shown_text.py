"""Format values as text in the locale of a spreadsheet."""

from collections.abc import Mapping
from typing import Any

from connectors.google_sheets.values import ERROR_TEXTS, from_serial
from connectors.sandbox.google_sheets.book import Book

_MONTH_FIRST, _DAY_FIRST = "en_US", "de_DE"


def formatted(book: Book, value: Mapping[str, Any], number_format: Mapping[str, str]) -> str:
    """Format an ExtendedValue as displayed in the sheet."""
    if "errorValue" in value:
        return ERROR_TEXTS.get(value["errorValue"].get("type", ""), "#ERROR!")
    if "boolValue" in value:
        return "TRUE" if value["boolValue"] else "FALSE"
    if "numberValue" in value:
        return _number(book, value["numberValue"], number_format)
    return str(value.get("stringValue", ""))


def _number(book: Book, number: float, number_format: Mapping[str, str]) -> str:
    kind, pattern = number_format.get("type", ""), number_format.get("pattern", "")
    if kind in ("DATE", "DATE_TIME"):
        return _date(book, number, kind, pattern)
    digits = len(pattern.partition(".")[2].rstrip("%").rstrip("#"))
    if kind == "PERCENT":
        return f"{number * 100:.{digits}f}%"
    if pattern:
        return f"{number:,.{digits}f}" if "," in pattern else f"{number:.{digits}f}"
    return f"{number:.10g}"


def _date(book: Book, number: float, kind: str, pattern: str) -> str:
    day = from_serial(number)
    if pattern.lower().startswith("yyyy-mm-dd"):
        text = f"{day:%Y-%m-%d}"
    elif book.locale == _MONTH_FIRST:
        text = f"{day.month}/{day.day}/{day.year}"
    elif book.locale == _DAY_FIRST:
        text = f"{day:%d.%m.%Y}"
    else:
        text = f"{day.year}/{day.month}/{day.day}"
    if kind == "DATE_TIME":
        text += f" {day:%H:%M:%S}" if hasattr(day, "hour") else " 00:00:00"
    return text
