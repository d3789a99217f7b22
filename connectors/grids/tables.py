"""Convert a grid of values with a header row to a table with typed columns, for sheets, workbooks and CSV files.

A cell that does not fit its column's type is never dropped silently, which would make sums smaller: it is reported,
and `failed_columns` names its column as failed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from config.errors import SourceError
from config.message import Message, in_turn
from config.tables import Column, ColumnType
from connectors.grids.a1 import cell_name, letters
from connectors.grids.cells import CellLike, Kind, Parsed, as_text, is_empty, keeps_text, parse_cell
from connectors.protocol import Value

NO_VALUES = "no values yet"
"""`doc` of a column without any value, whose type `text` means nothing."""

_NEEDED = {"number": Message("a number"), "timestamp": Message("a date"), "text": Message("a value")}
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that does not fit its column's type, or holds a sheet error. `row` counts from 1, `index` from 0."""

    row: int
    column: str
    text: str
    index: int
    needed: str


@dataclass(frozen=True, slots=True)
class GridTable:
    """Table converted from a grid: rows by column name, with bad cells as None. `header_row` counts from 1."""

    columns: tuple[Column, ...]
    rows: list[dict[str, Value]]
    bad: tuple[BadCell, ...]
    header_row: int


@dataclass(frozen=True, slots=True)
class GridPlace:
    """Place of a grid: operation for errors, tab, and row and column of its first cell, counted from 0."""

    doing: str
    tab: str = ""
    top: int = 0
    left: int = 0

    def name(self, row: int, column: int) -> str:
        """Format a cell of the tab, counted from 0, as `Deals!E7`."""
        return f"{self.tab}!{cell_name(row, column)}" if self.tab else cell_name(row, column)

    def refusal(self, saw: str, advice: str) -> SourceError:
        """Create the SourceError for a grid that cannot be read as a table."""
        return SourceError(self.doing, saw, effect="Its key results were left as they were.", advice=advice)


def table_of(
    grid: Sequence[Sequence[CellLike]], place: GridPlace, *, header_row: int | None = None, zone: tzinfo = UTC
) -> GridTable:
    """Convert a grid to a table.

    Args:
        grid: rows of values, which may differ in length.
        place: the place of the grid, for error messages.
        header_row: row of the headers, counted from 1 in the tab; None detects it.
        zone: time zone of dates and of date-times without an offset.

    Raises:
        SourceError: no header row, or two columns with the same name, ignoring case.
    """
    top = _header_index(grid, place, header_row)
    names = _names(grid[top], place, top)
    body = [(index, row) for index, row in enumerate(grid[top + 1 :], top + 1) if _has_value(row, names)]
    rows: list[dict[str, Value]] = [{} for _ in body]
    columns: list[Column] = []
    bad: list[BadCell] = []
    for index, name in names.items():
        cells = [row[index] if index < len(row) else None for _, row in body]
        parsed = [parse_cell(cell, zone) for cell in cells]
        kind = _column_type(cells, parsed)
        doc = (
            Message("column {letters}", letters=letters(place.left + index))
            if any(p.kind != "empty" for p in parsed)
            else NO_VALUES
        )
        columns.append(Column(name, kind, doc))
        for (row_index, _), target, cell, one in zip(body, rows, cells, parsed, strict=True):
            target[name], fits = _fitted(cell, one, kind)
            if not fits:
                bad.append(
                    BadCell(place.top + row_index + 1, name, as_text(cell), place.left + index, _NEEDED.get(kind, ""))
                )
    return GridTable(tuple(columns), rows, tuple(sorted(bad, key=lambda b: (b.row, b.index))), place.top + top + 1)


def failed_columns(table: GridTable, place: GridPlace) -> dict[str, SourceError]:
    """Return the columns with bad cells, for `Reading.failed`; each error names the first of its cells."""
    bad: dict[str, list[BadCell]] = {}
    for cell in table.bad:
        bad.setdefault(cell.column, []).append(cell)
    return {column: _bad_cells(cells, place) for column, cells in bad.items()}


def _bad_cells(bad: Sequence[BadCell], place: GridPlace) -> SourceError:
    shown = in_turn(
        Message(
            "{name} is '{text}' where {needed} is needed",
            name=place.name(cell.row - 1, cell.index),
            text=cell.text,
            needed=cell.needed,
        )
        for cell in bad[:_SHOWN]
    )
    more = Message("; and {bad} more", bad=len(bad) - _SHOWN) if len(bad) > _SHOWN else ""
    return place.refusal(shown + more, Message("Correct the cell, or clear it where the value is not known yet."))


def _has_value(row: Sequence[CellLike], names: dict[int, str]) -> bool:
    return any(index < len(row) and not is_empty(row[index]) for index in names)


def _header_index(grid: Sequence[Sequence[CellLike]], place: GridPlace, header_row: int | None) -> int:
    if header_row is not None:
        index = header_row - 1 - place.top
        if 0 <= index < len(grid) and any(not is_empty(cell) for cell in grid[index]):
            return index
        raise place.refusal(
            Message("row {header_row} holds no headers", header_row=header_row),
            Message("State the `header_row` that does, counted from 1."),
        )
    filled = [sum(not is_empty(cell) for cell in row) for row in grid]
    widest = max(filled, default=0)
    likely = [
        index
        for index, row in enumerate(grid)
        if filled[index] * 2 >= widest and _looks_like_headers(row, min(widest, 2))
    ]
    best = [index for index in likely if filled[index] * 2 > widest]
    if likely:
        return (best or likely)[0]
    raise place.refusal(
        Message("no header row was found"),
        Message("Give the columns names in the first row, or state `header_row`, counted from 1."),
    )


def _looks_like_headers(row: Sequence[CellLike], at_least: int) -> bool:
    """Return whether a row has enough distinct texts, other than numbers and dates, for a header row."""
    texts = {" ".join(cell.split()) for cell in row if isinstance(cell, str) and parse_cell(cell, UTC).kind == "text"}
    return at_least > 0 and len(texts) >= at_least


def _names(headers: Sequence[CellLike], place: GridPlace, top: int) -> dict[int, str]:
    names = {index: " ".join(as_text(cell).split()) for index, cell in enumerate(headers) if not is_empty(cell)}
    seen: dict[str, int] = {}
    for index, name in names.items():
        first = seen.setdefault(name.lower(), index)
        if first != index:
            where = " and ".join(place.name(place.top + top, place.left + column) for column in (first, index))
            raise place.refusal(
                Message("two columns are called '{name}' ({where})", name=name, where=where),
                Message("Give each column its own name."),
            )
    return names


def _column_type(cells: Sequence[CellLike], parsed: Sequence[Parsed]) -> ColumnType:
    """Infer the type of at least half of the values; boolean only for all; one id such as 0123 makes a column text."""
    kinds = [one.kind for one in parsed if one.kind not in ("empty", "error")]
    if not kinds or keeps_text(cells):
        return "text"
    if all(kind == "boolean" for kind in kinds):
        return "boolean"
    candidates: tuple[Kind, ...] = ("number", "timestamp")
    most = max(candidates, key=kinds.count)
    return ("number" if most == "number" else "timestamp") if kinds.count(most) * 2 >= len(kinds) else "text"


def _fitted(cell: CellLike, parsed: Parsed, kind: ColumnType) -> tuple[Value, bool]:
    """Return the value of a cell in a column of that type, and whether it fits."""
    if parsed.kind == "empty":
        return None, True
    if parsed.kind == "error":
        return None, False
    if kind == "text":
        return as_text(cell), True
    return (parsed.value, True) if parsed.kind == kind else (None, False)
