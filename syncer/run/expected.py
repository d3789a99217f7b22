"""The sheet as it should stand: with what is owed put back, with a batch's rows inserted. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from connectors.okr_sheet import EMPTY, Cell, RowInsert, SheetImage, Tab
from syncer.run.alignment import Alignment
from syncer.run.columns import Place
from syncer.run.owed import Owed
from syncer.run.references import moved_formula


def patched(image: SheetImage, owed: Sequence[Owed]) -> SheetImage:
    """The image as if what is owed were put back."""
    by_tab: dict[str, dict[Place, Cell]] = defaultdict(dict)
    for one in owed:
        if one.tab not in image.tabs:
            continue
        now = image.tabs[one.tab].cell(one.row, one.column)
        by_tab[one.tab][one.row, one.column] = replace(one.before, locked=now.locked, percent=now.percent)
    tabs = {title: _with_cells(tab, by_tab[title]) if title in by_tab else tab for title, tab in image.tabs.items()}
    return replace(image, tabs=tabs)


def _with_cells(tab: Tab, cells: Mapping[Place, Cell]) -> Tab:
    rows = [list(row) for row in tab.rows]
    for (row, column), cell in cells.items():
        rows.extend([] for _ in range(row + 1 - len(rows)))
        rows[row].extend([EMPTY] * (column + 1 - len(rows[row])))
        rows[row][column] = cell
    return replace(tab, rows=tuple(map(tuple, rows)))


def with_inserts(tab: Tab, inserts: Sequence[RowInsert]) -> tuple[Tab, frozenset[int]]:
    """The tab with the batch's empty rows in it, and which they are."""
    rows, new = list(tab.rows), set[int]()
    for insert in inserts:
        if insert.tab == tab.title:
            rows.extend(() for _ in range(insert.row - len(rows)))
            rows[insert.row : insert.row] = [()] * insert.count
            new = {row + insert.count if row >= insert.row else row for row in new}
            new |= set(range(insert.row, insert.row + insert.count))
    if new:
        kept = [row for row in range(len(rows)) if row not in new]
        columns = {column: column for column in range(max(map(len, rows), default=0))}
        rows = _with_formulas(rows, Alignment({now: old for old, now in enumerate(kept)}, columns))
    return replace(tab, rows=tuple(rows)), frozenset(new)


def _with_formulas(rows: Sequence[tuple[Cell, ...]], alignment: Alignment) -> list[tuple[Cell, ...]]:
    """The rows with the references of their formulas moved."""
    return [
        tuple(replace(cell, formula=moved_formula(cell.formula, alignment)) if cell.formula else cell for cell in row)
        for row in rows
    ]
