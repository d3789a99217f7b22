"""Read the tabs of a workbook: formulas and last calculated values of all cells."""

import io
import warnings
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from config.errors import SheetError
from config.message import Message
from config.suggest import did_you_mean
from connectors.local_sheet.xlsx_limits import (
    FAULTS,
    MOST_CELLS,
    TooLargeError,
    reason,
    require_few_claims,
    require_safe,
)
from connectors.local_sheet.xlsx_package import MADE
from connectors.okr_sheet import EMPTY, MEMORY_TAB, Cell, CellValue, Merge, Tab

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

NOT_CALCULATED = "not calculated"
"""Error of a formula that was never calculated."""

_NOTHING = Message("Nothing was written.")


def load(data: bytes, doing: str, *, values: bool) -> "Workbook":
    """Load a workbook with openpyxl, with formulas or with their last calculated values. Raises SheetError."""
    from openpyxl import load_workbook

    warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
    try:
        require_safe(data)
        require_few_claims(data)
        return load_workbook(io.BytesIO(data), data_only=values)
    except FAULTS as exc:
        advice = (
            "Delete what it does not need, such as merged cells and links of whole columns, and save it."
            if isinstance(exc, TooLargeError)
            else "Open it in Excel and save it again as .xlsx."
        )
        saw = Message("the workbook cannot be read ({why})", why=reason(exc))
        raise SheetError(doing, saw, effect=_NOTHING, advice=advice) from exc


def tabs_of(data: bytes, wanted: Sequence[str], doing: str) -> tuple[Mapping[str, Tab], tuple[str, ...]]:
    """Read the wanted tabs and okrsync's own tabs; return them by title, and the titles of all tabs.

    Without wanted tabs, the first visible tab that is not okrsync's own is read. Wanted tabs that do not exist (yet)
    are left out.

    Raises SheetError: the workbook cannot be read, none of the wanted tabs exists, or a tab has more than MOST_CELLS.
    """
    book = load(data, doing, values=False)
    titles = tuple(book.sheetnames)
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    own = [title for title, sheet in sheets.items() if _is_own(sheet)]
    visible = [title for title, sheet in sheets.items() if sheet.sheet_state == "visible" and title not in own]
    found = [title for title in wanted if title in sheets]
    if wanted and not found:
        saw = Message("there is no tab '{wanted}'{meant}", wanted=wanted[0], meant=did_you_mean(wanted[0], sheets))
        raise SheetError(doing, saw, effect=_NOTHING, advice=Message("Its tabs: {sheets}.", sheets=list(sheets)))
    chosen = dict.fromkeys([*(found or visible[:1]), *own])
    for title in chosen:
        _require_narrow(sheets[title], doing)
    formulas = any(_is_formula(cell) for title in chosen for row in sheets[title].iter_rows() for cell in row)
    values = load(data, doing, values=True) if formulas else book
    return {title: _tab(sheets[title], values[title] if formulas else None) for title in chosen}, titles


def _require_narrow(sheet: "Worksheet", doing: str) -> None:
    """Check that a tab's extent is at most MOST_CELLS, which a stray distant cell would exceed. Raises SheetError."""
    if sheet.max_row * sheet.max_column > MOST_CELLS:
        saw = Message(
            "tab '{title}' reaches to row {max_row:,} and column {max_column:,}",
            title=sheet.title,
            max_row=sheet.max_row,
            max_column=sheet.max_column,
        )
        advice = "Delete the rows and columns behind the last one that is used (select them, then Delete), and save it."
        raise SheetError(doing, saw, effect=_NOTHING, advice=advice)


def _is_own(sheet: "Worksheet") -> bool:
    return sheet.title == MEMORY_TAB or MADE in sheet.defined_names


def _tab(sheet: "Worksheet", values: "Worksheet | None") -> Tab:
    """Convert one tab. `values` is the same tab with calculated values; None if there are no formulas."""
    spilled = _array_areas(sheet) if values else frozenset()
    protected = bool(sheet.protection.sheet) and not _is_own(sheet)
    rows = []
    for own, shown in zip(sheet.iter_rows(), (values or sheet).iter_rows(), strict=True):
        cells = [_cell(one, other, protected=protected, spilled=spilled) for one, other in zip(own, shown, strict=True)]
        while cells and cells[-1] == EMPTY:
            cells.pop()
        rows.append(tuple(cells))
    while rows and not rows[-1]:
        rows.pop()
    merges = sorted((m.min_row - 1, m.min_col - 1, m.max_row, m.max_col) for m in sheet.merged_cells.ranges)
    return Tab(
        sheet.title,
        tuple(rows),
        tuple(Merge(*merge) for merge in merges),
        sheet.sheet_state != "visible",
        sheet.max_row,
        sheet.max_column,
    )


def _cell(own: Any, shown: Any, *, protected: bool, spilled: frozenset[tuple[int, int]]) -> Cell:
    from openpyxl.cell.cell import MergedCell

    if isinstance(own, MergedCell):
        return Cell(locked="inside a merge")
    locked = None
    if protected and own.protection.locked:
        locked = "protected"
    elif (own.row, own.column) in spilled:
        locked = "inside an array formula"
    formula = _formula(own.value) if _is_formula(own) else None
    error = str(shown.value) if shown.data_type == "e" else None
    if formula is not None and shown.value is None and shown.data_type != "str":
        error = NOT_CALCULATED
    value = None if error else _value(shown.value)
    percent = "%" in str(own.number_format)
    if value is None and formula is None and error is None and locked is None:
        return Cell(percent=True) if percent else EMPTY
    return Cell(value, formula, error, locked, percent)


def _is_formula(cell: Any) -> bool:
    return getattr(cell, "data_type", "") == "f"


def _formula(value: object) -> str:
    """Return the text of a formula; openpyxl returns array formulas and data tables as objects."""
    text = getattr(value, "text", value)
    return text if isinstance(text, str) and text.startswith("=") else f"={text or ''}"


def _array_areas(sheet: "Worksheet") -> frozenset[tuple[int, int]]:
    """Return the (row, column) of cells filled by array formulas and data tables, except the formulas' own cells."""
    from openpyxl.worksheet.cell_range import CellRange

    found = set()
    for row in sheet.iter_rows():
        for cell in row:
            reference = getattr(cell.value, "ref", None) if _is_formula(cell) else None
            if reference:
                found |= set(CellRange(reference).cells) - {(cell.row, cell.column)}
    return frozenset(found)


def _value(value: Any) -> CellValue:
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(int(value)) if value.is_integer() else Decimal(repr(value))
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    if isinstance(value, (date, str)):
        return value or None
    return str(value) if isinstance(value, (time, timedelta)) else None
