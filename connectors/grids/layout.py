"""Find the header row, the columns and the data rows in a grid of cells, or take them as a query states them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import translate

from config.dataclass import dataclass
from config.message import Message
from config.tables import QueryKey
from connectors.grids.a1 import letters
from connectors.grids.cells import CellLike, as_text, is_empty
from connectors.grids.headers import header_index, names_of
from connectors.grids.place import GridPlace

LAYOUT_KEYS = (
    QueryKey("header_row", "The row of the headers, counted from 1; default: found.", required=False),
    QueryKey("header", "`none`: there is no header row; `columns` names the columns.", required=False),
    QueryKey("columns", "The names of the columns, without a header row; default: A, B, C.", required=False),
    QueryKey("until", "Where the data ends: `blank`, or a cell's text such as Total.", required=False),
)
"""Query keys of a table of rows that is made of a grid."""

BLANK = "blank"
"""`until` of a table that ends at its first blank row."""

Row = Sequence[CellLike]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a query states about the layout of a grid.

    Attributes:
        header_row: row of the headers, counted from 1 in the tab; None detects it.
        headerless: whether the first row is data.
        columns: names of the columns from the left, if headerless; those left out are named by their letters.
        until: `blank`, or a pattern of the cell that ends the data; empty for all rows.
        joined: whether columns with the same header are joined to a list if the grid is Jira's CSV export.
    """

    header_row: int | None = None
    headerless: bool = False
    columns: tuple[str, ...] = ()
    until: str = ""
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns and data rows of a grid.

    Attributes:
        header_row: index of the header row; -1 without one.
        names: names of the columns by index.
        lists: indexes of the columns that are joined to one list, by name.
        body: indexes of the data rows in the grid; blank rows are left out.
        rows: the data rows.
        width: number of columns up to the last one with a header, or that are named.
        notes: what was left out or renamed.
    """

    header_row: int
    names: Mapping[int, str]
    lists: Mapping[str, tuple[int, ...]]
    body: Sequence[int]
    rows: Sequence[Row]
    width: int
    notes: tuple[str, ...]

    @property
    def wide(self) -> Iterator[tuple[int, int]]:
        """Data rows with a value right of the last column, by index, and their numbers of cells."""
        if max(map(len, self.rows), default=0) <= self.width:
            return
        for index, row in zip(self.body, self.rows, strict=True):
            if len(row) > self.width and any(not is_empty(cell) for cell in row[self.width :]):
                yield index, max(at for at, cell in enumerate(row) if not is_empty(cell)) + 1


def shape_of(query: Mapping[str, str]) -> Shape:
    """Return the layout that a query states."""
    stated = query.get("header_row")
    return Shape(
        header_row=int(stated) if stated else None,
        headerless=query.get("header") == "none",
        columns=tuple(name.strip() for name in json.loads(query.get("columns", "[]"))),
        until=query.get("until", "").strip(),
    )


def lay_out(grid: Sequence[Row], place: GridPlace, shape: Shape) -> Layout:
    """Find the columns and the data rows of a grid. Raises SourceError: there is no header row."""
    notes: list[str] = []
    lists: Mapping[str, tuple[int, ...]] = {}
    if shape.headerless:
        top = -1
        names: Mapping[int, str] = _letters(grid, place, shape.columns)
    else:
        top = header_index(grid, place, shape.header_row)
        headers = names_of(grid[top], place.below(top), joined=shape.joined)
        names, lists = headers.names, headers.lists
        notes += headers.notes
    used = [*names, *(index for several in lists.values() for index in several)]
    end = _end(grid, top + 1, used, shape.until, place, notes)
    filled = [index for index in range(top + 1, end) if _has_value(grid[index], used)]
    body = _without_unchecked(grid, filled, used, notes)
    width = len(shape.columns) or max(used, default=-1) + 1
    return Layout(top, names, lists, body, [grid[index] for index in body], width, tuple(notes))


def _letters(grid: Sequence[Row], place: GridPlace, stated: Sequence[str]) -> dict[int, str]:
    width = max((len(row) for row in grid), default=0)
    names = dict(enumerate(stated))
    taken = {name.lower() for name in stated}
    for index in range(len(stated), width):
        name = letters(place.left + index)
        names[index] = name if name.lower() not in taken else f"{name}_{index + 1}"
    return names


def _end(grid: Sequence[Row], start: int, used: Sequence[int], until: str, place: GridPlace, notes: list[str]) -> int:
    """Return the index of the row that ends the data, with a note on what is left out."""
    if not until:
        return len(grid)
    pattern = re.compile(translate(_plain(until)))
    started = False
    for index in range(start, len(grid)):
        row = grid[index]
        filled = _has_value(row, used)
        ends = started and not filled if until == BLANK else any(pattern.match(_plain(as_text(cell))) for cell in row)
        if ends:
            left_out = sum(_has_value(row, used) for row in grid[index:])
            notes.append(
                Message(
                    "the data ends above row {row} (`until: {until}`); {count:,} row below is left out",
                    "the data ends above row {row} (`until: {until}`); {count:,} rows below are left out",
                    row=place.top + index + 1,
                    until=until,
                    count=left_out,
                )
            )
            return index
        started = started or filled
    notes.append(Message("no row matches `until: {until}`; all rows are data", until=until))
    return len(grid)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _has_value(row: Row, used: Sequence[int]) -> bool:
    for index in used:  # noqa: SIM110 - runs for each row, where a generator takes twice as long
        if index < len(row) and not is_empty(row[index]):
            return True
    return False


def _without_unchecked(grid: Sequence[Row], body: list[int], used: Sequence[int], notes: list[str]) -> list[int]:
    """Leave out rows of unchecked checkboxes alone: FALSE, and nothing in a column that all other rows fill."""
    suspects = {index for index in body if _is_unchecked(grid[index], used)}
    if not suspects or len(suspects) == len(body):
        return body
    others = [grid[index] for index in body if index not in suspects]
    always = [at for at in used if all(at < len(row) and not is_empty(row[at]) for row in others)]
    blank = {index for index in suspects if any(at >= len(grid[index]) or is_empty(grid[index][at]) for at in always)}
    if blank:
        notes.append(
            Message(
                "{count:,} row with nothing but FALSE is left out as blank",
                "{count:,} rows with nothing but FALSE are left out as blank",
                count=len(blank),
            )
        )
    return [index for index in body if index not in blank]


def _is_unchecked(row: Row, used: Sequence[int]) -> bool:
    for index in used:  # noqa: SIM110 - see _has_value
        if index < len(row) and not _is_false(row[index]):
            return False
    return True


def _is_false(cell: CellLike) -> bool:
    """Return whether a cell is empty or an unchecked checkbox."""
    if isinstance(cell, str):
        return cell.strip().upper() in ("", "FALSE")
    return cell is None or cell is False
