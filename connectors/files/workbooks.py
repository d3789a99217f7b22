"""Read a tab of an XLSX workbook as a grid of last calculated values, streamed with openpyxl."""

import io
import re
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from config.message import Message
from config.suggest import did_you_mean
from connectors.grids.cells import CellLike
from connectors.local_sheet.xlsx_limits import FAULTS, reason, require_small

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

UNCALCULATED = "#CALC!"
"""Value in the grid of a formula that was never calculated, treated as a sheet error."""

_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of a tab, and the positions (row, column, counted from 0) of formulas that were never calculated."""

    tab: str
    rows: list[list[CellLike]]
    uncalculated: frozenset[tuple[int, int]] = frozenset()


def grid_of(data: bytes, tab: str) -> Grid:
    """Read a tab of a workbook; its first visible one where `tab` is empty.

    Raises ValueError: the data is no workbook, has a password, or has no such tab.
    """
    if data[:4] == b"\xd0\xcf\x11\xe0":
        raise ValueError(Message("it has a password, or is an old .xls; save it as .xlsx without a password"))
    title, rows = _read(data, tab, values=True, take=_shown)
    if not _has_formulas(data):
        return Grid(title, [[value for value, _ in row] for row in rows])
    _, formulas = _read(data, tab, values=False, take=lambda cell: cell.data_type == "f")
    missing = set()
    for number, (shown, computed) in enumerate(zip_longest(rows, formulas, fillvalue=())):
        for column, ((value, kind), is_formula) in enumerate(zip(shown, computed, strict=False)):
            if is_formula and value is None and kind != "str":
                missing.add((number, column))
    grid = [[value for value, _ in row] for row in rows]
    for number, column in missing:
        grid[number][column] = UNCALCULATED
    return Grid(title, grid, frozenset(missing))


def _read(data: bytes, tab: str, *, values: bool, take: Callable[[Any], Any]) -> tuple[str, list[list[Any]]]:
    from openpyxl import load_workbook

    warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
    try:
        require_small(data)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=values)
    except FAULTS as exc:
        raise ValueError(Message("it is no workbook that can be read ({why})", why=reason(exc))) from exc
    try:
        title = _title(book, tab)
        sheet = book[title]
        sheet.reset_dimensions()  # other programs record a wrong extent
        return title, [[take(cell) for cell in row] for row in sheet.iter_rows()]
    except FAULTS as exc:
        if isinstance(exc, _UnknownTabError):
            raise
        raise ValueError(Message("tab '{tab}' cannot be read ({why})", tab=tab, why=reason(exc))) from exc
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


def _shown(cell: Any) -> tuple[CellLike, str]:
    value = cell.value
    known = value is None or isinstance(value, (str, int, float, date))
    return (value if known else str(value)), str(cell.data_type)


def _has_formulas(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return any(_holds_formula(archive, name) for name in archive.namelist() if "/worksheets/" in name)
    except FAULTS as exc:
        raise ValueError(Message("it is no workbook that can be read ({why})", why=reason(exc))) from exc


def _holds_formula(archive: zipfile.ZipFile, name: str) -> bool:
    with archive.open(name) as part:
        tail = b""
        while chunk := part.read(_CHUNK):
            if _FORMULA.search(tail + chunk):
                return True
            tail = chunk[-16:]
    return False
