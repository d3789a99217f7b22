"""Spreadsheets of the sandbox: tabs with sparse cells, and their API representation."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, Self

from connectors.grids.a1 import Area, cell_name, parse_area, quoted

ROWS, COLUMNS = 1000, 26
"""Size of a new tab."""


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault of ours
    """An error response with Google's error body."""

    def __init__(self, message: str, *, code: int = 400, status: str = "INVALID_ARGUMENT", reason: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.body: dict[str, Any] = {"error": {"code": code, "message": message, "status": status}}
        if reason:
            kind = "type.googleapis.com/google.rpc.ErrorInfo"
            self.body["error"]["details"] = [{"@type": kind, "reason": reason, "domain": "googleapis.com"}]


@dataclass(slots=True)
class GridCell:
    """One cell. `entered` and `stored` are ExtendedValues; `stored` is the value of a formula that is not evaluated.

    `look` is the rest of the CellFormat. A change replaces these mappings and leaves them as they were to copies.
    """

    entered: dict[str, Any] = field(default_factory=dict)
    stored: dict[str, Any] = field(default_factory=dict)
    number_format: dict[str, str] = field(default_factory=dict)
    validation: dict[str, Any] = field(default_factory=dict)
    look: dict[str, Any] = field(default_factory=dict)

    @property
    def blank(self) -> bool:
        """Whether the cell has neither content nor format."""
        return not (self.entered or self.stored or self.number_format or self.validation or self.look)


@dataclass(slots=True)
class GridTab:
    """One tab. Ranges are half-open, from 0: (top, left, bottom, right)."""

    sheet_id: int
    title: str
    rows: int = ROWS
    columns: int = COLUMNS
    hidden: bool = False
    frozen_rows: int = 0
    cells: dict[tuple[int, int], GridCell] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    protected: list[dict[str, Any]] = field(default_factory=list)
    frozen_columns: int = 0
    rules: list[dict[str, Any]] = field(default_factory=list)
    charts: list[dict[str, Any]] = field(default_factory=list)
    widths: list[list[int]] = field(default_factory=list)
    """(first column, end column, pixels), half-open; `heights` are those of rows."""
    heights: list[list[int]] = field(default_factory=list)
    groups: list[dict[str, Any]] = field(default_factory=list)

    def cell(self, row: int, column: int) -> GridCell:
        """Return the cell at that position, creating it if needed."""
        found = self.cells.get((row, column))
        if found is None:
            found = self.cells[row, column] = GridCell()
        return found

    def copied(self) -> Self:
        """Return a copy whose changes leave this tab as it is."""
        cells = {
            place: GridCell(cell.entered, cell.stored, cell.number_format, cell.validation, cell.look)
            for place, cell in self.cells.items()
        }
        return replace(deepcopy(replace(self, cells={})), cells=cells)

    def box(self, area: Area) -> tuple[int, int, int, int]:
        """Clip an area to the grid. Raises Refusal if it begins outside the grid."""
        if area.top >= self.rows or area.left >= self.columns:
            raise Refusal(
                f"Range ({self.title}!{cell_name(area.top, area.left)}) exceeds grid limits. "
                f"Max rows: {self.rows}, max columns: {self.columns}"
            )
        bottom = self.rows if area.bottom is None else min(area.bottom, self.rows)
        right = self.columns if area.right is None else min(area.right, self.columns)
        return area.top, area.left, bottom, right

    def used(self, box: tuple[int, int, int, int]) -> Iterator[tuple[int, int, GridCell]]:
        """Yield the cells with content inside a box."""
        top, left, bottom, right = box
        for row, column in sorted(self.cells):
            if top <= row < bottom and left <= column < right and not (cell := self.cells[row, column]).blank:
                yield row, column, cell

    def properties(self, index: int) -> dict[str, Any]:
        """Return the SheetProperties; false and zero are omitted as by Google."""
        grid: dict[str, Any] = {"rowCount": self.rows, "columnCount": self.columns}
        if self.frozen_rows:
            grid["frozenRowCount"] = self.frozen_rows
        if self.frozen_columns:
            grid["frozenColumnCount"] = self.frozen_columns
        found = {"sheetId": self.sheet_id, "title": self.title, "index": index, "sheetType": "GRID"}
        return {**found, "gridProperties": grid, **({"hidden": True} if self.hidden else {})}


@dataclass(slots=True)
class Book:
    """One spreadsheet. If it is not `shared`, requests get 403, as from Google for the wrong account."""

    id: str
    title: str
    tabs: list[GridTab] = field(default_factory=list)
    locale: str = "zh_TW"
    time_zone: str = "Asia/Taipei"
    shared: bool = True

    def copied(self) -> Self:
        """Return a copy whose changes leave this book as it is."""
        return replace(self, tabs=[tab.copied() for tab in self.tabs])

    def tab(self, sheet_id: int) -> GridTab:
        """Return the tab of that id. Raises Refusal."""
        for tab in self.tabs:
            if tab.sheet_id == sheet_id:
                return tab
        raise Refusal(f"No grid with id: {sheet_id}")

    def find(self, text: str) -> tuple[GridTab, tuple[int, int, int, int], Area]:
        """Resolve a range in A1 notation to tab, box and area. Raises Refusal with Google's message."""
        try:
            bare = next((tab for tab in self.tabs if tab.title == text), None)
            area = Area(bare.title) if bare else parse_area(text)
        except ValueError:
            raise Refusal(f"Unable to parse range: {text}") from None
        if area.tab:
            found = next((tab for tab in self.tabs if tab.title.lower() == area.tab.lower()), None)
        else:
            found = next((tab for tab in self.tabs if not tab.hidden), None)
        if found is None:
            raise Refusal(f"Unable to parse range: {text}")
        return found, found.box(area), area

    @classmethod
    def of_values(cls, book_id: str, title: str, tabs: Mapping[str, Sequence[Sequence[Any]]]) -> Self:
        """Create a spreadsheet with these values per tab; see `enter` for their forms."""
        made = cls(book_id, title)
        for number, (name, rows) in enumerate(tabs.items()):
            tab = GridTab(number, name, rows=max(ROWS, len(rows) + 100))
            made.tabs.append(tab)
            for row, values in enumerate(rows):
                for column, value in enumerate(values):
                    enter(tab, row, column, value)
        return made


def enter(tab: GridTab, row: int, column: int, value: Any) -> None:
    """Put a plain value, a formula (`=...`) or {"value": ..., "format": {...}, "stored": {...}} into a cell."""
    cell = tab.cell(row, column)
    if isinstance(value, Mapping):
        cell.number_format = dict(value.get("format") or cell.number_format)
        cell.stored = dict(value.get("stored") or {})
        value = value.get("value")
    else:
        cell.stored = {}
    cell.entered = entered(value)


def entered(value: Any) -> dict[str, Any]:
    """Convert a plain value to an ExtendedValue; None is {}."""
    if value is None:
        return {}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, (int, float)):
        return {"numberValue": value}
    text = str(value)
    return {"formulaValue": text} if text.startswith("=") else {"stringValue": text}


def range_name(tab: GridTab, box: tuple[int, int, int, int]) -> str:
    """Format a range as in responses, such as Deals!A1:F1000."""
    top, left, bottom, right = box
    title = tab.title if tab.title.isidentifier() else quoted(tab.title)
    first, last = cell_name(top, left), cell_name(bottom - 1, right - 1)
    return f"{title}!{first}" if first == last else f"{title}!{first}:{last}"
