"""Read a tab of an XLSX workbook as a grid of last calculated values."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import field
from decimal import Decimal

from config.dataclass import dataclass
from config.errors import SheetError
from config.message import Message
from config.suggest import did_you_mean
from connectors.files.limits import TooManyCellsError, bounded
from connectors.grids.a1 import Area, parse_area
from connectors.grids.cells import CellLike
from connectors.grids.merges import fill_down
from connectors.grids.place import GridPlace
from connectors.local_sheet.xlsx_cells import NOT_CALCULATED, SheetCells, read_values, shared_of
from connectors.local_sheet.xlsx_image import Sheet, sheets_of
from connectors.local_sheet.xlsx_limits import FAULTS, reason, require_safe
from connectors.local_sheet.xlsx_package import Package, open_package
from connectors.okr_sheet import Cell

UNCALCULATED = "#CALC!"
"""Value in the grid of a formula that was never calculated, treated as a sheet error."""

MOST_CELLS = 320_000
"""Maximum number of cells of a worksheet and of different texts of its workbook together."""

MOST_MERGES = 100_000

_MOST_ROWS = 1 << 20
_CELL = re.compile(rb"<(?:\w+:)?c[\s>/]")
_MERGE = re.compile(rb"<(?:\w+:)?mergeCell[\s>/]")
_TEXT = re.compile(rb"<(?:\w+:)?si[\s>/]")
_STRICT = (
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
)


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
    package, sheet = _chosen(data, tab)
    try:
        part = package.parts[sheet.part]
        texts = sum(
            _count(_TEXT, package.parts[one]) for one in package.related(package.workbook, "/sharedStrings").values()
        )
        _require(_count(_CELL, part) + texts, MOST_CELLS, Message("cells and different texts"))
        _require(_count(_MERGE, part), MOST_MERGES, Message("merged cells"))
        cells = read_values(part, shared_of(package))
        rows = list(bounded(_rows(cells), most_rows=_MOST_ROWS))
        totals = dict(_totals(package, sheet.part))
    except TooManyCellsError:
        raise
    except FAULTS as exc:
        raise ValueError(Message("tab '{tab}' cannot be read ({why})", tab=sheet.title, why=reason(exc))) from exc
    notes = tuple(_without_totals(rows, totals))
    merges = [Area("", merge.top, merge.left, merge.bottom, merge.right) for merge in cells.merges]
    shown: dict[tuple[int, int], str] = {
        (row, column): Message("a formula that was never calculated")
        for row, found in cells.rows.items()
        for column, cell in found.items()
        if cell.error == NOT_CALCULATED
    }
    return Grid(sheet.title, rows, shown | {**fill_down(rows, merges, GridPlace("", sheet.title))}, notes)


def _chosen(data: bytes, tab: str) -> tuple[Package, Sheet]:
    """Return the workbook and the tab to read. Raises ValueError."""
    try:
        package = open_package(_as_transitional(data), "", endings=(".xml", ".rels"))
        sheets = {title: sheet for title, sheet in sheets_of(package).items() if sheet.part}
    except SheetError as exc:
        raise ValueError(exc.saw) from exc
    except FAULTS as exc:
        raise ValueError(Message("it is not a workbook ({why})", why=reason(exc))) from exc
    if tab and tab not in sheets:
        raise ValueError(
            Message(
                "there is no tab '{tab}'{meant} (its tabs: {titles})",
                tab=tab,
                meant=did_you_mean(tab, sheets),
                titles=list(sheets),
            )
        )
    visible = [sheet for sheet in sheets.values() if not sheet.hidden]
    found = sheets.get(tab) or next(iter([*visible, *sheets.values()]), None)
    if found is None:
        raise ValueError(Message("it is not a workbook ({why})", why=Message("no tab with cells")))
    return package, found


def _as_transitional(data: bytes) -> bytes:
    """Return a Strict Open XML workbook with the namespaces of ordinary ones; any other data as it is."""
    try:
        require_safe(data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if _STRICT[0][0] not in archive.read("xl/workbook.xml"):
                return data
            made = io.BytesIO()
            with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as copy:
                for info in archive.infolist():
                    part = archive.read(info)
                    for strict, ordinary in _STRICT:
                        part = part.replace(strict, ordinary)
                    copy.writestr(info.filename, part)
    except FAULTS:
        return data
    return made.getvalue()


def _count(element: re.Pattern[bytes], part: bytes) -> int:
    return sum(1 for _ in element.finditer(part))


def _require(count: int, most: int, what: Message) -> None:
    if count > most:
        raise TooManyCellsError(
            Message("it has {count:,} {what}, more than {most:,}", count=count, what=what, most=most)
        )


def _rows(cells: SheetCells) -> Iterator[list[CellLike]]:
    """Yield the values of each row up to the last one that has any, without empty cells at its end."""
    for number in range(max(cells.rows, default=-1) + 1):
        found = cells.rows.get(number, {})
        yield [_value(found.get(column)) for column in range(max(found, default=-1) + 1)]


def _value(cell: Cell | None) -> CellLike:
    if cell is None or cell.error is not None:
        return None if cell is None else UNCALCULATED if cell.error == NOT_CALCULATED else cell.error
    value = cell.value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _totals(package: Package, part: str) -> Iterator[tuple[str, Area]]:
    """Yield the totals rows of the tables of a worksheet, by the name of the table."""
    for table in package.related(part, "/table").values():
        tag = re.search(rb"<(?:\w+:)?table\b[^>]*>", package.parts.get(table, b""))
        stated = {key: value.decode() for key, value in re.findall(rb'\b(\w+)="([^"]*)"', tag[0] if tag else b"")}
        rows = int(stated.get(b"totalsRowCount", "0"))
        area = parse_area(stated[b"ref"]) if rows and b"ref" in stated else None
        if area is not None and area.bottom is not None:
            yield stated.get(b"displayName", ""), Area("", area.bottom - rows, area.left, area.bottom, area.right)


def _without_totals(rows: list[list[CellLike]], totals: Mapping[str, Area]) -> Iterator[str]:
    """Clear the totals rows of Excel tables; yield a note on each."""
    for name, area in totals.items():
        for row in rows[area.top : area.bottom]:
            width = min(area.right or 0, len(row)) - area.left
            row[area.left : area.left + width] = [None] * width
        yield Message("row {row} is the totals row of the table {name}; it is left out", row=area.top + 1, name=name)
