"""View of the OKR sheet by key result: rows of all tabs, okrsync's own tab, last-written values. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from config.errors import SheetError
from config.message import Message
from config.models import OkrSheet
from config.suggest import did_you_mean
from connectors.okr_sheet import EMPTY, MEMORY_TAB, Cell, SheetImage, Tab
from syncer.sheet.history_tab import history_layout
from syncer.sheet.last_written import LastWritten, read_last_written
from syncer.sheet.layout import Layout, SheetRow, find_layout, rows_of
from syncer.sheet.lookups import claims, is_lookup
from syncer.sheet.own_tab import OwnTab, read_own_tab


@dataclass(frozen=True, slots=True)
class SheetView:
    """Layouts and rows of people's tabs in order, okrsync's own tab if there is one, and last-written values.

    In `layouts` and `rows`, lookups read as empty cells, since values written by okrsync are not input. `sheet` has the
    tabs unchanged.
    """

    layouts: tuple[Layout, ...]
    rows: tuple[SheetRow, ...]
    by_id: Mapping[str, SheetRow]
    duplicates: Mapping[str, tuple[str, ...]]
    base: LastWritten
    sheet: Mapping[str, Tab]
    own: OwnTab | None = None

    def row_of(self, key: str, former: str = "") -> SheetRow | None:
        """Return the row of a key result in people's tabs, by its id or its former id."""
        return self.by_id.get(key) or self.by_id.get(former)

    def own_row_of(self, key: str) -> SheetRow | None:
        """Return the row of a key result in okrsync's own tab."""
        return self.own.rows.get(key) if self.own else None

    def stands(self, row: SheetRow, column: str) -> Cell:
        """Return a cell of people's tabs as it is in the sheet, including lookups."""
        return self.sheet[row.layout.tab.title].cell(row.row, row.layout.columns[column])

    def home_of(self, key: str) -> Layout:
        """Return the tab for a new row of `key`: that with rows of the same id prefix, else the first."""
        for row in reversed(self.rows):
            if key.rpartition(".")[0] and row.id.rpartition(".")[0] == key.rpartition(".")[0]:
                return row.layout
        return self.layouts[0]

    def first_free_row(self, layout: Layout) -> int:
        """Return the row below the last one with an id."""
        rows = rows_of(layout)
        return (rows[-1].row if rows else layout.header_row) + 1


def own_tab_of(image: SheetImage, layouts: Sequence[Layout], stated: OkrSheet) -> OwnTab:
    """Read okrsync's own tab, with columns at the positions in lookups of people's tabs."""
    claimed = claims(layouts, image.tabs, image.title_now(stated.own_tab))
    return read_own_tab(image, stated, claimed)


def last_in_own_tab(own: OwnTab) -> LastWritten:
    """Return the values in the own tab as last-written values."""
    values = {
        (key, column): row.layout.tab.cell(row.row, index).value
        for key, row in own.rows.items()
        for column, index in own.layout.columns.items()
    }
    return LastWritten({key: value for key, value in values.items() if value is not None}, exists=own.tab is not None)


def view_sheet(image: SheetImage, stated: OkrSheet) -> SheetView:
    """Find headers and rows of the wanted tabs. Raises SheetError: unknown tab, no header row."""
    titles = (
        stated.tabs
        or tuple(
            tab.title
            for tab in image.tabs.values()
            if not tab.hidden and tab.title not in (MEMORY_TAB, stated.own_tab, *stated.history_titles)
        )[:1]
    )
    if not titles:
        raise SheetError(
            "reading the OKR sheet", "it has no visible tab", effect="Nothing was written.", advice="Add a tab to it."
        )
    layouts = tuple(find_layout(_own_words(_tab(image, title, stated), stated), stated) for title in titles)
    by_id: dict[str, list[SheetRow]] = defaultdict(list)
    rows = tuple(row for layout in layouts for row in rows_of(layout))
    for row in rows:
        by_id[row.id].append(row)
    own = own_tab_of(image, layouts, stated) if stated.has_own_tab else None
    return SheetView(
        layouts=layouts,
        rows=rows,
        by_id={key: found[0] for key, found in by_id.items() if len(found) == 1},
        duplicates={
            key: tuple(f"{row.layout.tab.title}!{row.number}" for row in found)
            for key, found in by_id.items()
            if len(found) > 1
        },
        base=last_in_own_tab(own) if own else read_last_written(image.tabs.get(MEMORY_TAB)),
        sheet=image.tabs,
        own=own,
    )


def _own_words(tab: Tab, stated: OkrSheet) -> Tab:
    """Return the tab with lookups replaced by empty cells."""
    if not stated.has_own_tab:
        return tab

    def word(cell: Cell) -> Cell:
        return EMPTY if cell.formula is not None and is_lookup(cell.formula) else cell

    return replace(tab, rows=tuple(tuple(map(word, row)) for row in tab.rows))


def layout_of(image: SheetImage, title: str, stated: OkrSheet) -> Layout:
    """Return the layout of a tab; okrsync's own tabs have fixed headers. Raises SheetError."""
    if title in stated.history_titles:
        return history_layout(image.tabs[title])
    if stated.has_own_tab and title == stated.own_tab:
        return read_own_tab(image, stated).layout
    return find_layout(image.tabs[title], stated)


def _tab(image: SheetImage, title: str, stated: OkrSheet) -> Tab:
    if title in image.tabs:
        return image.tabs[title]
    known = image.all_tabs or tuple(image.tabs)
    raise SheetError(
        "reading the OKR sheet",
        Message(
            "it has no tab '{title}' (it has {known}){meant}",
            title=title,
            known=known,
            meant=did_you_mean(title, known),
        ),
        effect="Nothing was written.",
        advice="Correct okr_sheet.tabs in the config, or let `okrsync init --sheet` make the tab."
        if stated.has_own_tab
        else "Correct okr_sheet.tabs in the config.",
    )
