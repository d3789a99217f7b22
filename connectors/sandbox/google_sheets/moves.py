"""Move rows and columns of the sandbox, and adjust merges, protections and formulas."""

from collections.abc import Callable, Sequence
from typing import Any

from connectors.sandbox.google_sheets.book import Book, GridCell, GridTab, Refusal
from connectors.sandbox.google_sheets.formula_text import Dimension, Moved, following
from connectors.sandbox.google_sheets.ranges import Box


def insert_dimension(
    book: Book, tab: GridTab, dimension: Dimension, span: tuple[int, int], *, inherit: bool = False
) -> None:
    """Insert empty rows or columns, half-open; with `inherit` they take the number formats of those before them."""
    (first, last), axis = span, _axis(dimension)
    count = last - first

    def moved(place: int) -> int:
        return place + count if place >= first else place

    move_dimension(book, tab, dimension, moved)
    if axis:
        tab.columns += count
    else:
        tab.rows += count
    if inherit:
        before = [(place, cell) for place, cell in tab.cells.items() if place[axis] == first - 1 and cell.number_format]
        for (row, column), cell in before:
            for new in range(first, last):
                tab.cell(*((row, new) if axis else (new, column))).number_format = dict(cell.number_format)
    _stretch(tab, axis, moved, lambda end: end + count if end > first else end)


def delete_dimension(book: Book, tab: GridTab, dimension: Dimension, span: tuple[int, int]) -> None:
    """Delete rows or columns, half-open, with their content."""
    (first, last), axis = span, _axis(dimension)
    count = last - first
    move_dimension(
        book, tab, dimension, lambda place: place if place < first else place - count if place >= last else None
    )
    if axis:
        tab.columns -= count
    else:
        tab.rows -= count

    def moved(place: int) -> int:
        return place - count if place >= last else min(place, first)

    _stretch(tab, axis, moved, moved)


def move_dimension(book: Book, tab: GridTab, dimension: Dimension, moved: Moved) -> None:
    """Move cells, and adjust all formulas that refer to them."""
    axis = _axis(dimension)
    places = {(row, column): moved(column if axis else row) for row, column in tab.cells}
    tab.cells = {
        (row, now) if axis else (now, column): tab.cells[row, column]
        for (row, column), now in places.items()
        if now is not None
    }
    rewrite(book, lambda formula, one: following(formula, tab.title, dimension, moved, same_tab=one is tab))


def sort_rows(tab: GridTab, box: Box, keys: Sequence[tuple[int, bool]]) -> None:
    """Sort the rows of a box by (column, descending) keys; empty cells come last. Raises Refusal."""
    top, left, bottom, right = box
    if any(top < m[2] and m[0] < bottom and left < m[3] and m[1] < right for m in tab.merges):
        raise Refusal("The range contains merged cells and cannot be sorted.")
    rows = [[tab.cells.pop((row, column), GridCell()) for column in range(left, right)] for row in range(top, bottom)]
    for column, descending in reversed(keys):
        filled = [row for row in rows if row[column - left].entered]
        filled.sort(key=lambda row: _order(row[column - left]), reverse=descending)
        rows = filled + [row for row in rows if not row[column - left].entered]
    for row_number, row in enumerate(rows, top):
        for column_number, cell in enumerate(row, left):
            if not cell.blank:
                tab.cells[row_number, column_number] = cell


def _order(cell: GridCell) -> tuple[int, float, str]:
    if "formulaValue" in cell.entered:
        raise Refusal("the sandbox does not sort by formulas")
    value: Any = next(iter(cell.entered.values()))
    return (1, 0.0, value) if isinstance(value, str) else (0, float(value), "")


def _axis(dimension: Dimension) -> int:
    return 1 if dimension == "COLUMNS" else 0


def rewrite(book: Book, change: Callable[[str, GridTab], str]) -> None:
    """Change all formulas; `change` takes a formula and its tab."""
    for tab in book.tabs:
        for cell in tab.cells.values():
            if formula := cell.entered.get("formulaValue"):
                cell.entered = {"formulaValue": change(formula, tab)}


def _stretch(tab: GridTab, axis: int, start: Callable[[int], int], end: Callable[[int], int]) -> None:
    """Adjust merges and protections: `start` moves a first row or column, `end` a half-open last one."""

    def moved(span: Sequence[int | None]) -> list[int | None]:
        ends = list(span)
        for place, move in ((axis, start), (axis + 2, end)):
            there = ends[place]
            ends[place] = None if there is None else move(there)
        return ends

    merges = [tuple(one) for one in map(moved, tab.merges)]
    tab.merges = [(a, b, c, d) for a, b, c, d in merges if (a or 0) < (c or 0) and (b or 0) < (d or 0)]  # type: ignore[misc]
    for one in tab.protected:
        one["range"] = moved(one["range"])
        if one.get("unprotectedRanges"):
            one["unprotectedRanges"] = [moved(span) for span in one["unprotectedRanges"]]
