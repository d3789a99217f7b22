"""Rows of a sandbox tab that move: inserted, deleted, sorted. Merges, protections, filters and formulas follow."""

from collections.abc import Callable, Sequence
from typing import Any

from connectors.sandbox.google_sheets.book import Book, GridCell, GridTab, Refusal
from connectors.sandbox.google_sheets.formulas import shift_references
from connectors.sandbox.google_sheets.ranges import Box


def insert_rows(book: Book, tab: GridTab, first: int, count: int, *, inherit: bool) -> None:
    """Insert empty rows above row `first`; with `inherit` they take the number formats of the row above."""
    _move(tab, lambda row: row + count if row >= first else row)
    tab.rows += count
    if inherit:
        above = {column: cell for (row, column), cell in tab.cells.items() if row == first - 1 and cell.number_format}
        for row in range(first, first + count):
            for column, cell in above.items():
                tab.cell(row, column).number_format = dict(cell.number_format)
    shift_references(book, tab, first, count)
    _stretch(tab, lambda row: row + count if row >= first else row, lambda row: row + count if row > first else row)


def delete_rows(book: Book, tab: GridTab, first: int, count: int) -> None:
    """Delete rows and what stood in them."""
    last = first + count
    tab.cells = {place: cell for place, cell in tab.cells.items() if not first <= place[0] < last}
    _move(tab, lambda row: row - count if row >= last else row)
    tab.rows -= count
    shift_references(book, tab, first, -count)

    def moved(row: int) -> int:
        return row - count if row >= last else min(row, first)

    _stretch(tab, moved, moved)


def sort_rows(tab: GridTab, box: Box, keys: Sequence[tuple[int, bool]]) -> None:
    """Sort the rows of a box by columns, each with whether it descends; empty cells come last. Raises Refusal."""
    top, left, bottom, right = box
    if any(top < m[2] and m[0] < bottom and left < m[3] and m[1] < right for m in tab.merges):
        raise Refusal("The range contains merged cells and cannot be sorted.")
    if any("formulaValue" in cell.entered for _, _, cell in tab.used(box)):
        raise Refusal("the sandbox does not sort formulas")
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
    value: Any = next(iter(cell.entered.values()))
    return (1, 0.0, value) if isinstance(value, str) else (0, float(value), "")


def _move(tab: GridTab, moved: Callable[[int], int]) -> None:
    tab.cells = {(moved(row), column): cell for (row, column), cell in tab.cells.items()}


def _stretch(tab: GridTab, start: Callable[[int], int], end: Callable[[int], int]) -> None:
    """Let merges, protections and filters follow: `start` moves a first row, `end` a half-open last one."""
    tab.merges = [
        (start(top), left, end(bottom), right) for top, left, bottom, right in tab.merges if start(top) < end(bottom)
    ]

    def moved(span: Sequence[int | None]) -> list[int | None]:
        top, left, bottom, right = span
        return [None if top is None else start(top), left, None if bottom is None else end(bottom), right]

    for one in (*tab.protected, *tab.filter_views, *([tab.basic_filter] if tab.basic_filter else [])):
        one["range"] = moved(one["range"])
        if one.get("unprotectedRanges"):
            one["unprotectedRanges"] = [moved(span) for span in one["unprotectedRanges"]]
