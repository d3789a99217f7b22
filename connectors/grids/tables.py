"""Convert a grid of values with a header row to a table with typed columns, for sheets, workbooks and CSV files.

A cell that does not fit its column's type is never dropped silently, which would make sums smaller: it is reported,
and `failed_columns` names its column as failed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo

from config.errors import SourceError
from config.message import Message, in_turn
from config.tables import Column, ColumnType
from connectors.grids.a1 import letters
from connectors.grids.cells import CellLike, Kind, Parsed, as_text, is_empty, keeps_text, parse_cell
from connectors.grids.layout import Shape, lay_out
from connectors.grids.place import GridPlace
from connectors.grids.table_warnings import warnings_of
from connectors.protocol import Value

NO_VALUES = "no values yet"
"""`doc` of a column without any value, whose type `text` means nothing."""

_FOUND = Shape()
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
    """Table converted from a grid: rows by column name, with bad cells as None.

    `header_row` counts from 1 and is 0 without one. `notes` say what was left out, `warnings` what looks wrong. `wide`
    has the rows with values right of the last of the `width` columns: their indexes, and their numbers of cells.
    """

    columns: tuple[Column, ...]
    rows: list[dict[str, Value]]
    bad: tuple[BadCell, ...]
    header_row: int
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    width: int = 0
    wide: tuple[tuple[int, int], ...] = ()


def table_of(
    grid: Sequence[Sequence[CellLike]], place: GridPlace, shape: Shape = _FOUND, *, zone: tzinfo = UTC
) -> GridTable:
    """Convert a grid to a table.

    Args:
        grid: rows of values, which may differ in length.
        place: the place of the grid, for error messages.
        shape: what is stated about headers and rows.
        zone: time zone of dates and of date-times without an offset.

    Raises:
        SourceError: no header row.
    """
    found = lay_out(grid, place, shape)
    body = found.body
    rows: list[dict[str, Value]] = [{} for _ in body]
    columns: list[Column] = []
    bad: list[BadCell] = []
    for index, name in found.names.items():
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
    for name, indexes in found.lists.items():
        columns.append(Column(name, "list", Message("the columns with this header, in one list")))
        for (_, row), target in zip(body, rows, strict=True):
            target[name] = tuple(as_text(row[at]) for at in indexes if at < len(row) and not is_empty(row[at]))
    table = GridTable(
        tuple(columns), rows, tuple(sorted(bad, key=lambda b: (b.row, b.index))), place.top + found.header_row + 1
    )
    warnings = warnings_of(found, table.columns, rows, place)
    return replace(table, notes=found.notes, warnings=warnings, width=found.width, wide=tuple(found.wide))


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
