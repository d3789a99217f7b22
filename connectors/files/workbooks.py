"""Read a tab of an XLSX workbook as a grid of last calculated values, streamed with openpyxl."""

import io
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from xml.parsers.expat import ExpatError

from config.message import Message
from config.suggest import did_you_mean
from connectors.files.limits import TooManyCellsError, bounded
from connectors.files.workbook_facts import SheetFacts, as_transitional, facts_of, require_few
from connectors.grids.cells import CellLike
from connectors.grids.merges import fill_down
from connectors.grids.place import GridPlace
from connectors.local_sheet.xlsx_limits import FAULTS, reason, require_safe

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

UNCALCULATED = "#CALC!"
"""Value in the grid of a formula that was never calculated, treated as a sheet error."""

_MOST_ROWS = 1 << 20


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of a tab, what to show for cells that are errors, by row and column from 0, and what was left out."""

    tab: str
    rows: list[list[CellLike]]
    shown: Mapping[tuple[int, int], str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def grid_of(data: bytes, tab: str) -> Grid:
    """Read a tab of a workbook; its first visible one where `tab` is empty.

    Raises ValueError: the data is no workbook, is too large, has a password, or has no such tab.
    """
    if data[:4] == b"\xd0\xcf\x11\xe0":
        raise ValueError(Message("it has a password, or is an old .xls; save it as .xlsx without a password"))
    title, rows, facts = _read(data, tab)
    shown: dict[tuple[int, int], str] = {}
    for row, column in facts.uncalculated:
        if row < len(rows):
            rows[row] += [None] * (column + 1 - len(rows[row]))
            rows[row][column] = UNCALCULATED
            shown[row, column] = Message("a formula that was never calculated")
    notes = tuple(_without_totals(rows, facts))
    shown |= fill_down(rows, facts.merges, GridPlace("", title))
    return Grid(title, rows, shown, notes)


def _without_totals(rows: list[list[CellLike]], facts: SheetFacts) -> list[str]:
    """Clear the totals rows of Excel tables; return notes on them."""
    notes: list[str] = []
    for name, area in facts.totals.items():
        for row in rows[area.top : area.bottom]:
            width = min(area.right or 0, len(row)) - area.left
            row[area.left : area.left + width] = [None] * width
        notes.append(
            Message("row {row} is the totals row of the table {name}; it is left out", row=area.top + 1, name=name)
        )
    return notes


def _read(data: bytes, tab: str) -> tuple[str, list[list[CellLike]], SheetFacts]:
    from openpyxl import load_workbook

    warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
    try:
        require_safe(data)
        data = as_transitional(data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            texts = require_few(archive)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except TooManyCellsError:
        raise
    except FAULTS as exc:
        raise ValueError(Message("it is not a readable workbook ({why})", why=reason(exc))) from exc
    title = tab
    try:
        title = _title(book, tab)
        sheet: Any = book[title]
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            facts = facts_of(archive, sheet._worksheet_path, texts)  # noqa: SLF001 - openpyxl has no public name for it
        sheet.reset_dimensions()  # other programs record a wrong extent
        rows = (_filled([_shown(cell.value) for cell in row]) for row in sheet.iter_rows())
        return title, list(bounded(rows, most_rows=_MOST_ROWS)), facts
    except (TooManyCellsError, _UnknownTabError):
        raise
    except (*FAULTS, ExpatError) as exc:
        raise ValueError(Message("tab '{tab}' cannot be read ({why})", tab=title, why=reason(exc))) from exc
    finally:
        book.close()


class _UnknownTabError(ValueError):
    """The workbook has no tab of that name."""


def _title(book: "Workbook", tab: str) -> str:
    titles = [sheet.title for sheet in book.worksheets]
    if tab and tab not in titles:
        raise _UnknownTabError(
            Message(
                "there is no tab '{tab}'{meant} (its tabs: {titles})",
                tab=tab,
                meant=did_you_mean(tab, titles),
                titles=titles,
            )
        )
    visible = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
    return tab or next(iter([*visible, *titles]))


def _shown(value: Any) -> CellLike:
    known = value is None or isinstance(value, (str, int, float, date))
    return value if known else str(value)


def _filled(row: list[CellLike]) -> list[CellLike]:
    """Remove empty cells at the end of a row, which may go up to column XFD."""
    while row and row[-1] is None:
        row.pop()
    return row
