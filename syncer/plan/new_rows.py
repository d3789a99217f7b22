"""Positions of new rows: below the last key result in people's tabs, and below the last row of okrsync's own tab."""

from collections import defaultdict
from collections.abc import Sequence

from connectors.okr_sheet import RowInsert
from syncer.model.cells import as_text
from syncer.model.plan import CellChange
from syncer.sheet.columns import MEASURES, header_of
from syncer.sheet.layout import Layout
from syncer.sheet.own_tab import OwnTab
from syncer.sheet.view import SheetView


class NewRows:
    """Allocates positions, one after another."""

    def __init__(self, view: SheetView) -> None:
        self._view = view
        self._taken: dict[str, int] = defaultdict(int)
        self._in_own_tab = 0

    def place(self, key: str) -> tuple[Layout, int]:
        """Return the layout and the next new row, from 0, for a key in people's tabs."""
        layout = self._view.home_of(key)
        at = self._view.first_free_row(layout) + self._taken[layout.tab.title]
        self._taken[layout.tab.title] += 1
        return layout, at

    def place_in(self, own: OwnTab) -> tuple[Layout, int]:
        """Return the layout and the next free row of okrsync's own tab."""
        last = self._view.first_free_row(own.layout) if own.readable else own.layout.header_row + 1
        self._in_own_tab += 1
        return own.new_layout, last + self._in_own_tab - 1

    def inserts(self) -> tuple[RowInsert, ...]:
        """Return the rows to insert in people's tabs; the own tab needs none, as nothing is below."""
        layouts = {layout.tab.title: layout for layout in self._view.layouts}
        return tuple(
            RowInsert(title, self._view.first_free_row(layouts[title]), count)
            for title, count in sorted(self._taken.items())
        )


def own_headers(own: OwnTab, language: str) -> tuple[CellChange, ...]:
    """Return the headers that are missing in okrsync's own tab or have to move."""
    title, row = own.layout.tab.title, own.layout.header_row
    return tuple(
        CellChange("", name, title, row, index, None, header_of(name, language))
        for name, index in sorted(own.columns.items(), key=lambda item: item[1])
        if own.displaced or own.layout.columns.get(name) != index
    )


def measure_cells(own: OwnTab, names: Sequence[str]) -> tuple[CellChange, ...]:
    """Return the changes that list the measures in okrsync's own tab; none if it lists them in any order."""
    tab, found = own.layout.tab, own.layout.columns.get(MEASURES)
    there = [tab.cell(row, found).value for row in range(1, len(tab.rows))] if found is not None else []
    if found == own.columns[MEASURES] and sorted(as_text(value) for value in there if value is not None) == sorted(
        names
    ):
        return ()
    wanted = [*names, *[None] * (len(there) - len(names))]
    before = [*there, *[None] * (len(wanted) - len(there))]
    return tuple(
        CellChange("", MEASURES, tab.title, row, own.columns[MEASURES], then, now)
        for row, (then, now) in enumerate(zip(before, wanted, strict=True), 1)
        if then != now or found != own.columns[MEASURES]
    )
