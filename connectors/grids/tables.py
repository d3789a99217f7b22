"""Convert a grid of values with a header row to a table with typed columns, for sheets, workbooks and CSV files.

A cell that does not fit its column's type is never dropped silently, which would make sums smaller: it is reported,
and `failed_columns` names its column as failed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from functools import partial
from operator import itemgetter
from typing import Self

from config.cell_types import CellRules
from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from config.tables import Column
from connectors.grids.a1 import letters
from connectors.grids.cells import CellLike, as_text, is_empty
from connectors.grids.column_rows import ColumnRows
from connectors.grids.columns import require_columns, typed_column
from connectors.grids.doubts import Doubt
from connectors.grids.layout import Shape, lay_out
from connectors.grids.misfits import bad_cells, doubtful
from connectors.grids.place import GridPlace
from connectors.grids.table_warnings import warnings_of
from connectors.protocol import Row, Value

_FOUND = Shape()
_NOTHING_STATED = CellRules()


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that does not fit its column's type, or holds a sheet error. `row` counts from 1, `index` from 0."""

    row: int
    column: str
    text: str
    index: int


@dataclass(frozen=True, slots=True)
class DoubtfulColumn:
    """A column whose type is not certain. `index` counts from 0 in the tab."""

    name: str
    index: int
    doubt: Doubt


@dataclass(frozen=True, slots=True)
class GridTable:
    """Table converted from a grid: rows by column name, with bad cells as None.

    `header_row` counts from 1 and is 0 without one. `notes` say what was left out, `warnings` what looks wrong. `wide`
    has the rows with values right of the last of the `width` columns: their indexes, and their numbers of cells.
    """

    columns: tuple[Column, ...]
    rows: Sequence[Row]
    bad: tuple[BadCell, ...]
    header_row: int
    doubts: tuple[DoubtfulColumn, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    width: int = 0
    wide: tuple[tuple[int, int], ...] = ()
    names: Mapping[int, str] = field(default_factory=dict)
    """Names of the columns by their indexes in the grid."""

    def showing(self, texts: Mapping[tuple[int, int], str]) -> Self:
        """Return the table with other texts for some bad cells, by row and column of the tab, counted from 0."""
        bad = (replace(cell, text=texts.get((cell.row - 1, cell.index), cell.text)) for cell in self.bad)
        return replace(self, bad=tuple(bad))


def table_of(
    grid: Sequence[Sequence[CellLike]],
    place: GridPlace,
    shape: Shape = _FOUND,
    *,
    rules: CellRules = _NOTHING_STATED,
) -> GridTable:
    """Convert a grid to a table.

    Args:
        grid: rows of values, which may differ in length.
        place: the place of the grid, for error messages.
        shape: what is stated about headers and rows.
        rules: what is stated about types, numbers and dates.

    Raises:
        SourceError: no header row, or `types` of an unknown column.
    """
    found = lay_out(grid, place, shape)
    body, rows = found.body, found.rows
    values: dict[str, list[Value]] = {}
    columns: list[Column] = []
    bad: list[BadCell] = []
    doubts: list[DoubtfulColumn] = []
    narrowest = min(map(len, rows), default=0)
    require_columns(rules, found.names.values(), place.doing)
    for index, name in found.names.items():
        cells = _cells(rows, index, narrowest)
        typed = typed_column(name, cells, rules, partial(_named, place, body, index))
        doc = Message("column {letters}", letters=letters(place.left + index))
        columns.append(Column(name, typed.type, doc, note=typed.note))
        values[name] = typed.values
        bad += [BadCell(place.top + body[at] + 1, name, as_text(cells[at]), place.left + index) for at in typed.bad]
        if typed.doubt:
            doubts.append(DoubtfulColumn(name, place.left + index, typed.doubt))
    for name, indexes in found.lists.items():
        columns.append(Column(name, "list", Message("the columns with this header, in one list")))
        values[name] = [
            tuple(as_text(row[at]) for at in indexes if at < len(row) and not is_empty(row[at])) for row in rows
        ]
    bad.sort(key=lambda cell: (cell.row, cell.index))
    return GridTable(
        tuple(columns),
        ColumnRows(values, len(rows)),
        tuple(bad),
        place.top + found.header_row + 1,
        tuple(doubts),
        notes=found.notes,
        warnings=warnings_of(found, columns, values, place),
        width=found.width,
        wide=tuple(found.wide),
        names=found.names,
    )


def _cells(rows: Sequence[Sequence[CellLike]], index: int, narrowest: int) -> list[CellLike]:
    """Return the cells of a column; None where a row ends before it. `narrowest` is the length of the shortest row."""
    if index < narrowest:
        return list(map(itemgetter(index), rows))
    return [row[index] if index < len(row) else None for row in rows]


def failed_columns(table: GridTable, place: GridPlace) -> dict[str, SourceError]:
    """Return the columns with bad cells or a doubtful type, for `Reading.failed`."""
    types = {column.name: column.type for column in table.columns}
    bad: dict[str, list[tuple[str, str]]] = {}
    for cell in table.bad:
        bad.setdefault(cell.column, []).append((place.name(cell.row - 1, cell.index), cell.text))
    failed = {name: bad_cells(place.doing, cells, types[name]) for name, cells in bad.items()}
    return failed | {each.name: doubtful(place.doing, each.doubt) for each in table.doubts}


def _named(place: GridPlace, rows: Sequence[int], column: int, at: int) -> str:
    return place.name(place.top + rows[at], place.left + column)
