"""Convert a SheetBatch to the requests of one `spreadsheets.batchUpdate`. Pure functions."""

import zlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from config.dataclass import dataclass
from connectors.google_sheets.tab_format import dressing
from connectors.google_sheets.values import to_extended
from connectors.okr_sheet import CellWrite, ColumnChange, NewTab, RowInsert, SheetBatch, SheetImage

PERCENT = {"type": "PERCENT", "pattern": "0%"}
DATE = {"type": "DATE", "pattern": "yyyy-mm-dd"}
DATE_TIME = {"type": "DATE_TIME", "pattern": "yyyy-mm-dd hh:mm:ss"}

_ROWS, _COLUMNS = 200, 8
"""Minimum size of a new tab; the API's default is 1000 by 26 empty cells."""
_LARGEST_ID = 2**31 - 1
_VALUE = "userEnteredValue"
_WITH_FORMAT = "userEnteredValue,userEnteredFormat.numberFormat"
_WITH_LINK = "userEnteredValue,userEnteredFormat.textFormat.link"


@dataclass(slots=True)
class _Grid:
    """Id and current size of a tab while requests are generated."""

    sheet_id: int
    rows: int
    columns: int


def make_requests(batch: SheetBatch, before: SheetImage, ids: Mapping[str, int], editor: str) -> list[dict[str, Any]]:
    """Generate requests in the order in which they have to be applied: new tabs, inserts, cells, formats.

    Args:
        batch: the batch; each insert counts rows after the previous ones, cells count rows after all inserts.
        before: the sheet as last read, for the sizes of tabs and the formats of date cells.
        ids: sheet ids by title.
        editor: the only e-mail address that may edit protected new tabs; empty: the API adds the requesting account.

    Raises:
        ValueError: NaN, infinity or a number too large for a sheet.
        KeyError: a tab that is neither in `ids` nor new.
    """
    grids = {
        title: _Grid(sheet_id, before.tabs[title].row_count, before.tabs[title].column_count)
        for title, sheet_id in ids.items()
        if title in before.tabs
    }
    requests: list[dict[str, Any]] = []
    for tab in batch.new_tabs:
        grids[tab.title] = _new_grid(tab, batch.cells, {*ids.values(), *(grid.sheet_id for grid in grids.values())})
        requests += _add_tab(tab, grids[tab.title], editor)
    for insert in batch.inserts:
        requests += _insert(insert, grids[insert.tab])
    for change in batch.columns:
        requests.append(_change_columns(change, grids[change.tab]))
    for title in sorted({cell.tab for cell in batch.cells}):
        grid = grids[title]
        cells = sorted((cell for cell in batch.cells if cell.tab == title), key=lambda cell: (cell.row, cell.column))
        requests += _room(grid, cells)
        requests += _updates(grid, [(cell, *_cell_data(cell)) for cell in cells])
    for look in batch.looks:
        grid = grids[look.title]
        requests += _grown(grid, {"ROWS": look.rows, "COLUMNS": len(look.columns)})
        requests += dressing(look, grid.sheet_id)
    return requests


def new_sheet_id(title: str) -> int:
    """Return the sheet id for a new tab of this title, which stays the same when the tab is renamed."""
    return zlib.crc32(title.encode()) % _LARGEST_ID


def _new_grid(tab: NewTab, cells: Sequence[CellWrite], taken: set[int]) -> _Grid:
    mine = [cell for cell in cells if cell.tab == tab.title]
    sheet_id = new_sheet_id(tab.title)
    while sheet_id in taken:
        sheet_id += 1
    rows, columns = max([_ROWS, *(cell.row + 1 for cell in mine)]), max([_COLUMNS, *(cell.column + 1 for cell in mine)])
    return _Grid(sheet_id, rows, columns)


def _add_tab(tab: NewTab, grid: _Grid, editor: str) -> list[dict[str, Any]]:
    size = {"rowCount": grid.rows, "columnCount": grid.columns}
    properties = {"sheetId": grid.sheet_id, "title": tab.title, "hidden": tab.hidden, "gridProperties": size}
    requests: list[dict[str, Any]] = [{"addSheet": {"properties": properties}}]
    if tab.protected:
        protection: dict[str, Any] = {
            "range": {"sheetId": grid.sheet_id},
            "description": "okrsync writes here",
            "warningOnly": False,
        }
        if editor:
            protection["editors"] = {"users": [editor]}
        requests.append({"addProtectedRange": {"protectedRange": protection}})
    return requests


def _insert(insert: RowInsert, grid: _Grid) -> list[dict[str, Any]]:
    """Insert rows above a row, formatted like the row above.

    Where the grid ends above `insert.row`, rows up to it are appended first. Cells are never written into rows that
    existed when the sheet was read, since people may have moved other rows there meanwhile.
    """
    more: list[dict[str, Any]] = []
    if insert.row >= grid.rows:
        length = insert.row + 1 - grid.rows
        grid.rows += length
        more = [{"appendDimension": {"sheetId": grid.sheet_id, "dimension": "ROWS", "length": length}}]
    grid.rows += insert.count
    span = {
        "sheetId": grid.sheet_id,
        "dimension": "ROWS",
        "startIndex": insert.row,
        "endIndex": insert.row + insert.count,
    }
    return [*more, {"insertDimension": {"range": span, "inheritFromBefore": insert.row > 0}}]


def _change_columns(change: ColumnChange, grid: _Grid) -> dict[str, Any]:
    grid.columns += change.count
    span = {
        "sheetId": grid.sheet_id,
        "dimension": "COLUMNS",
        "startIndex": change.column,
        "endIndex": change.column + abs(change.count),
    }
    if change.count < 0:
        return {"deleteDimension": {"range": span}}
    return {"insertDimension": {"range": span, "inheritFromBefore": False}}


def _room(grid: _Grid, cells: Sequence[CellWrite]) -> list[dict[str, Any]]:
    wanted = {"ROWS": max(cell.row for cell in cells) + 1, "COLUMNS": max(cell.column for cell in cells) + 1}
    return _grown(grid, wanted)


def _grown(grid: _Grid, wanted: Mapping[str, int]) -> list[dict[str, Any]]:
    """Append rows and columns up to the wanted size, and update the size of the grid."""
    missing = {"ROWS": wanted["ROWS"] - grid.rows, "COLUMNS": wanted["COLUMNS"] - grid.columns}
    grid.rows, grid.columns = max(grid.rows, wanted["ROWS"]), max(grid.columns, wanted["COLUMNS"])
    return [
        {"appendDimension": {"sheetId": grid.sheet_id, "dimension": dimension, "length": length}}
        for dimension, length in missing.items()
        if length > 0
    ]


def _cell_data(cell: CellWrite) -> tuple[dict[str, Any], str]:
    """Return the CellData of a write and its field mask. A date always gets a date format, so that it reads as one."""
    data: dict[str, Any] = {}
    if value := {"formulaValue": cell.formula} if cell.formula else to_extended(cell.value):
        data["userEnteredValue"] = value
    if cell.link:
        return {**data, "userEnteredFormat": {"textFormat": {"link": {"uri": cell.link}}}}, _WITH_LINK
    if cell.percent:
        return {**data, "userEnteredFormat": {"numberFormat": PERCENT}}, _WITH_FORMAT
    if isinstance(cell.value, date):
        shape = DATE_TIME if isinstance(cell.value, datetime) else DATE
        return {**data, "userEnteredFormat": {"numberFormat": shape}}, _WITH_FORMAT
    return data, _WITH_FORMAT if cell.reset_format else _VALUE


def _updates(grid: _Grid, writes: Sequence[tuple[CellWrite, dict[str, Any], str]]) -> list[dict[str, Any]]:
    """Merge adjacent cells into rectangular blocks, and return one `updateCells` request per block."""
    blocks: list[tuple[int, int, str, list[list[dict[str, Any]]]]] = []
    for cell, data, fields in writes:
        if blocks:
            top, left, same_fields, rows = blocks[-1]
            if (top + len(rows) - 1, left + len(rows[-1]), same_fields) == (cell.row, cell.column, fields):
                rows[-1].append(data)
                continue
        blocks.append((cell.row, cell.column, fields, [[data]]))
    return [_update(grid, *block) for block in _stacked(blocks)]


def _stacked(
    blocks: Sequence[tuple[int, int, str, list[list[dict[str, Any]]]]],
) -> list[tuple[int, int, str, list[list[dict[str, Any]]]]]:
    kept: dict[tuple[int, int, str, int], tuple[int, int, str, list[list[dict[str, Any]]]]] = {}
    done = []
    for top, left, fields, rows in blocks:
        above = kept.pop((top, left, fields, len(rows[0])), None)
        if above is not None:
            above[3].extend(rows)
        else:
            above = (top, left, fields, list(rows))
            done.append(above)
        kept[above[0] + len(above[3]), left, fields, len(rows[0])] = above
    return done


def _update(grid: _Grid, top: int, left: int, fields: str, rows: Sequence[Sequence[dict[str, Any]]]) -> dict[str, Any]:
    start = {"sheetId": grid.sheet_id, "rowIndex": top, "columnIndex": left}
    return {"updateCells": {"start": start, "rows": [{"values": list(row)} for row in rows], "fields": fields}}
