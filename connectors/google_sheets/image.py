"""Convert a Spreadsheet resource of the Sheets API to a SheetImage. Pure functions."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.google_sheets.links import DOCS
from connectors.google_sheets.values import to_cell
from connectors.okr_sheet import EMPTY, Cell, Merge, SheetImage, Tab

GRID_RANGE = "sheetId,startRowIndex,endRowIndex,startColumnIndex,endColumnIndex"
_VALUE = "numberValue,stringValue,boolValue,formulaValue"
FIELDS = (
    "spreadsheetUrl,properties.title,sheets("
    "properties(sheetId,title,index,hidden,gridProperties(rowCount,columnCount)),"
    f"merges({GRID_RANGE}),"
    f"protectedRanges(range({GRID_RANGE}),unprotectedRanges({GRID_RANGE}),warningOnly,requestingUserCanEdit),"
    "data(startRow,startColumn,rowData.values("
    f"userEnteredValue({_VALUE}),effectiveValue(numberValue,stringValue,boolValue,errorValue.type),"
    "effectiveFormat.numberFormat.type)))"
)
"""Field mask of a read: only the fields that an image needs."""

_PROTECTED, _MERGED = "protected", "inside a merge"
WITHOUT_END = 1 << 31
_ROWS_BELOW = 100
"""Number of rows below the last used one for which locks are computed, since new rows are inserted there."""


def make_image(spreadsheet: Mapping[str, Any], tabs: Sequence[str], read_at: datetime) -> SheetImage:
    """Convert the requested tabs present in the answer, in the spreadsheet's order; without `tabs`, all of them.

    `all_tabs` of the image names every tab in the answer.
    """
    sheets = sorted(spreadsheet["sheets"], key=lambda sheet: sheet["properties"].get("index", 0))
    by_title = {str(sheet["properties"]["title"]): sheet for sheet in sheets}
    wanted = set(tabs or by_title)
    link = str(spreadsheet.get("spreadsheetUrl", ""))
    page = link.partition("/edit")[0] if link.startswith(DOCS) else ""
    return SheetImage(
        title=str(spreadsheet.get("properties", {}).get("title", "")),
        tabs={title: _tab(sheet) for title, sheet in by_title.items() if title in wanted},
        read_at=read_at,
        all_tabs=tuple(by_title),
        link=link,
        ids=sheet_ids(spreadsheet),
        tab_links={title: f"{page}/edit#gid={number}" for title, number in sheet_ids(spreadsheet).items() if page},
    )


def sheet_ids(spreadsheet: Mapping[str, Any]) -> dict[str, int]:
    """Return the sheet ids by title."""
    return {
        str(sheet["properties"]["title"]): int(sheet["properties"].get("sheetId", 0)) for sheet in spreadsheet["sheets"]
    }


def with_first_titles(
    spreadsheet: Mapping[str, Any], known: Mapping[str, int]
) -> tuple[Mapping[str, Any], dict[str, str]]:
    """Restore the known titles of renamed tabs by sheet id; return the spreadsheet, and current titles by known title.

    A new tab that has taken the title of a renamed one is left out.
    """
    first = {sheet_id: title for title, sheet_id in known.items()}
    renamed: dict[str, str] = {}
    for title, sheet_id in sheet_ids(spreadsheet).items():
        if first.get(sheet_id, title) != title:
            renamed[first[sheet_id]] = title
    if not renamed:
        return spreadsheet, {}
    sheets = []
    for sheet in spreadsheet["sheets"]:
        properties = sheet["properties"]
        title = first.get(int(properties.get("sheetId", 0)), "")
        if title or properties["title"] not in renamed:
            sheets.append({**sheet, "properties": {**properties, "title": title or properties["title"]}})
    return {**spreadsheet, "sheets": sheets}, renamed


def _tab(sheet: Mapping[str, Any]) -> Tab:
    properties = sheet["properties"]
    grid = properties.get("gridProperties", {})
    merges = tuple(Merge(*span_of(one)) for one in sheet.get("merges", ()))
    rows, columns = int(grid.get("rowCount", 0)), int(grid.get("columnCount", 0))
    return Tab(
        title=str(properties["title"]),
        rows=_rows(sheet, merges, (rows, columns)),
        merges=merges,
        hidden=bool(properties.get("hidden")),
        row_count=rows,
        column_count=columns,
        closed_rows=tuple(_closed_rows(sheet.get("protectedRanges", ()), columns)),
    )


def _closed_rows(protections: Sequence[Mapping[str, Any]], columns: int) -> Iterator[tuple[int, int]]:
    """Yield the protected spans of rows, without those that are left open in their whole width."""
    for one in filter(is_locked, protections):
        top, _, bottom, _ = span_of(one.get("range", {}))
        parts = sorted(map(span_of, one.get("unprotectedRanges", ())))
        for first, left, end, right in parts:
            if left == 0 and right >= columns:
                yield top, first + 1
                top = end - 1
        yield top, bottom


def span_of(one: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """Return top, left, bottom and right of a GridRange, of which the API omits zeros and open ends."""
    return (
        one.get("startRowIndex", 0),
        one.get("startColumnIndex", 0),
        one.get("endRowIndex", WITHOUT_END),
        one.get("endColumnIndex", WITHOUT_END),
    )


def is_locked(protection: Mapping[str, Any]) -> bool:
    """Return whether a ProtectedRange keeps the account from editing, beyond a warning."""
    return not (protection.get("requestingUserCanEdit") or protection.get("warningOnly"))


def _rows(sheet: Mapping[str, Any], merges: Sequence[Merge], grid: tuple[int, int]) -> tuple[tuple[Cell, ...], ...]:
    """Return the cells with the reasons why they are locked, including empty locked cells."""
    data: dict[tuple[int, int], Mapping[str, Any]] = {}
    for block in sheet.get("data", ()):
        top, left = block.get("startRow", 0), block.get("startColumn", 0)
        for row, line in enumerate(block.get("rowData", ()), top):
            for column, cell in enumerate(line.get("values", ()), left):
                data[row, column] = cell
    used = 1 + max((row for row, _ in data), default=-1), 1 + max((column for _, column in data), default=-1)
    reach = min(grid[0], used[0] + _ROWS_BELOW), grid[1]
    locks = _locks(merges, sheet.get("protectedRanges", ()), *reach)
    bottom = max(used[0], 1 + max((row for row, _ in locks), default=-1))
    right = max(used[1], 1 + max((column for _, column in locks), default=-1))
    rows: list[tuple[Cell, ...]] = []
    for row in range(bottom):
        cells = [_cell(data.get((row, column)), locks.get((row, column))) for column in range(right)]
        while cells and cells[-1] == EMPTY:
            cells.pop()
        rows.append(tuple(cells))
    while rows and not rows[-1]:
        rows.pop()
    return tuple(rows)


def _cell(data: Mapping[str, Any] | None, locked: str | None) -> Cell:
    if data:
        return to_cell(data, locked)
    return Cell(locked=locked) if locked else EMPTY


def _locks(
    merges: Sequence[Merge], protections: Sequence[Mapping[str, Any]], bottom: int, right: int
) -> dict[tuple[int, int], str]:
    """Return why cells within `bottom` and `right` may not be written, by (row, column): protected or merged."""
    locks: dict[tuple[int, int], str] = {}
    for one in protections:
        if not is_locked(one):
            continue
        free = {place for span in one.get("unprotectedRanges", ()) for place in _places(span_of(span), bottom, right)}
        locks |= {
            place: _PROTECTED for place in _places(span_of(one.get("range", {})), bottom, right) if place not in free
        }
    for merge in merges:
        places = _places((merge.top, merge.left, merge.bottom, merge.right), bottom, right)
        locks |= {place: _MERGED for place in places if place != (merge.top, merge.left)}
    return locks


def _places(span: tuple[int, int, int, int], bottom: int, right: int) -> list[tuple[int, int]]:
    top, left, end, last = span
    return [(row, column) for row in range(top, min(end, bottom)) for column in range(left, min(last, right))]
