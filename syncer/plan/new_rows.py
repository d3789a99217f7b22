"""Where a plan's new rows go: below the people's, or in okrsync's own tab, which may have to be made."""

from collections import defaultdict

from connectors.okr_sheet import RowInsert, Tab
from syncer.model.plan import CellChange
from syncer.sheet.columns import COLUMNS, header_of
from syncer.sheet.layout import Layout
from syncer.sheet.view import SheetView

DATA_COLUMNS = tuple(name for name, column in COLUMNS.items() if column.owner != "people" and name != "computed_score")
"""What okrsync's own tab holds, from left to right."""


class NewRows:
    """Gives out places, one after another. `own_tab` is the title of okrsync's own tab, empty for `in_place`."""

    def __init__(self, view: SheetView, own_tab: str) -> None:
        self._view = view
        self._own_tab = own_tab
        self._taken: dict[str, int] = defaultdict(int)

    @property
    def new_tab(self) -> str:
        """The tab that has to be made, if any."""
        return self._own_tab if self._view.data is None else ""

    def place(self, key: str) -> tuple[Layout, int]:
        """The next free row for a key: the columns there, and the row from 0."""
        layout = self._own_layout() if self._own_tab else self._view.home_of(key)
        at = self._view.first_free_row(layout) + self._taken[layout.tab.title]
        self._taken[layout.tab.title] += 1
        return layout, at

    def inserts(self) -> tuple[RowInsert, ...]:
        """The rows to insert first; none in okrsync's own tab, where nothing stands below."""
        if self._own_tab:
            return ()
        layouts = {layout.tab.title: layout for layout in self._view.layouts}
        return tuple(
            RowInsert(title, self._view.first_free_row(layouts[title]), count)
            for title, count in sorted(self._taken.items())
        )

    def headers(self, language: str) -> tuple[CellChange, ...]:
        """The header row of a tab that has to be made."""
        if not self.new_tab:
            return ()
        return tuple(
            CellChange("", name, self.new_tab, 0, index, None, header_of(name, language))
            for index, name in enumerate(DATA_COLUMNS)
        )

    def _own_layout(self) -> Layout:
        columns = {name: index for index, name in enumerate(DATA_COLUMNS)}
        return self._view.data or Layout(Tab(self._own_tab), 0, columns)
