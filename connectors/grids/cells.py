"""Single cells of grids: their forms in Python, their text, and errors of sheets."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from math import isfinite

from config.scalars import plain

CellLike = str | int | float | bool | date | datetime | Decimal | None

ERRORS = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#ERROR!", "#SPILL!", "#CALC!", "Loading..."}
)
"""Error values of cells in Google Sheets and Excel."""


def is_empty(cell: CellLike) -> bool:
    """Return whether the cell is empty or only white space."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def is_error(cell: CellLike) -> bool:
    """Return whether the cell holds an error of the sheet, or a number that is none."""
    if isinstance(cell, str):
        return plain(cell) in ERRORS
    return isinstance(cell, (int, float, Decimal)) and not isinstance(cell, bool) and finite(cell) is None


def present(cell: CellLike) -> CellLike:
    """Return the cell, or None if it is empty or holds an error of the sheet."""
    if isinstance(cell, str):
        text = plain(cell)
        return cell if text and text not in ERRORS else None
    return None if is_error(cell) else cell


def all_present(cells: Iterable[CellLike]) -> list[CellLike]:
    """Return `present` of each cell; plain texts and numbers, of which there may be a million, without a call."""
    return [
        cell
        if (isinstance(cell, str) and (text := cell.strip()) and text.isascii() and text not in ERRORS)
        or (type(cell) is float and isfinite(cell))
        else present(cell)
        for cell in cells
    ]


def as_text(cell: CellLike) -> str:
    """Format a cell as text: 3.0 is 3, a date is ISO, outer white space is removed."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def finite(cell: object) -> float | None:
    """Return the number in a cell; None for infinity, NaN, a number too large for a double, and other values."""
    if isinstance(cell, bool) or not isinstance(cell, (int, float, Decimal)):
        return None
    try:
        number = float(cell) if isinstance(cell, Decimal) else cell
        return number if isfinite(number) else None
    except (OverflowError, ValueError):
        return None
