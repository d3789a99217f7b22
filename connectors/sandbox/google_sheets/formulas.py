"""What cells of the sandbox show: a few formulas evaluated, and values written as a sheet of that locale does.

Only `=SUM(...)` and references are evaluated. Any other formula shows the value stored with it, or #ERROR!.
"""

import re
from collections.abc import Mapping
from typing import Any

from connectors.google_sheets.values import ERROR_TEXTS, from_serial
from connectors.grids.a1 import Area, parse_area
from connectors.sandbox.google_sheets.book import Book, GridCell, GridTab, Refusal

_SUM = re.compile(r"=SUM\((.+)\)", re.IGNORECASE)
_REFERENCE = re.compile(r"=((?:'(?:[^']|'')+'|\w+)!)?\$?[A-Za-z]{1,3}\$?\d+")
_ANY_REFERENCE = re.compile(
    r"(?P<tab>(?:'(?:[^']|'')+'|\w+)!)?(?P<dc>\$?)(?P<column>[A-Z]{1,3})(?P<dr>\$?)(?P<row>\d+)\b"
)
_DEEPEST = 50
_MONTH_FIRST = "en_US"


def effective(book: Book, tab: GridTab, cell: GridCell, depth: int = 0) -> dict[str, Any]:
    """The ExtendedValue a cell shows; {} when it shows nothing."""
    formula = cell.entered.get("formulaValue")
    if formula is None:
        return cell.entered or cell.stored
    if depth > _DEEPEST:
        return {"errorValue": {"type": "REF", "message": "Circular dependency detected."}}
    try:
        if match := _SUM.fullmatch(formula):
            return _sum(book, tab, match[1], depth)
        if _REFERENCE.fullmatch(formula):
            found = [shown for shown in _values(book, tab, formula[1:], depth) if shown]
            return found[0] if found else {"numberValue": 0}
    except (Refusal, ValueError):
        return {"errorValue": {"type": "REF", "message": "Reference does not exist."}}
    return cell.stored or {"errorValue": {"type": "ERROR", "message": "The sandbox does not evaluate this formula."}}


def _sum(book: Book, tab: GridTab, arguments: str, depth: int) -> dict[str, Any]:
    total: float = 0
    for argument in arguments.split(","):
        for shown in _values(book, tab, argument.strip(), depth):
            if "errorValue" in shown:
                return shown
            total += shown.get("numberValue", 0)
    return {"numberValue": total}


def _values(book: Book, tab: GridTab, text: str, depth: int) -> list[dict[str, Any]]:
    area = parse_area(text)
    if area.tab:
        tab, box, _ = book.find(text)
    else:
        box = tab.box(Area("", area.top, area.left, area.bottom, area.right))
    return [effective(book, tab, cell, depth + 1) for _, _, cell in tab.used(box)]


def formatted(book: Book, value: Mapping[str, Any], number_format: Mapping[str, str]) -> str:
    """An ExtendedValue as the sheet shows it."""
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
    else:
        text = f"{day.year}/{day.month}/{day.day}"
    if kind == "DATE_TIME":
        text += f" {day:%H:%M:%S}" if hasattr(day, "hour") else " 00:00:00"
    return text


def shift_references(book: Book, changed: GridTab, first: int, count: int) -> None:
    """After rows were inserted (count > 0) or deleted (count < 0) at `first`: let formulas follow their cells."""
    for tab in book.tabs:
        for cell in tab.cells.values():
            if formula := cell.entered.get("formulaValue"):
                cell.entered = {"formulaValue": _shifted(formula, changed, first, count, same_tab=tab is changed)}


def _shifted(formula: str, changed: GridTab, first: int, count: int, *, same_tab: bool) -> str:
    def move(match: re.Match[str]) -> str:
        named = (match["tab"] or "").rstrip("!").strip("'").replace("''", "'")
        if named != changed.title and not (same_tab and not named):
            return match[0]
        row = int(match["row"]) - 1
        if row < first:
            return match[0]
        if count < 0 and row < first - count:
            return "#REF!"
        return f"{match['tab'] or ''}{match['dc']}{match['column']}{match['dr']}{row + count + 1}"

    return _ANY_REFERENCE.sub(move, formula)
