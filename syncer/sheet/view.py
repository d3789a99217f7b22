"""The OKR sheet as key results see it: rows by id over all its tabs, okrsync's own tab, the base. Pure."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from config.errors import SheetError
from config.message import Message
from config.models import OkrSheet
from config.suggest import did_you_mean
from connectors.okr_sheet import EMPTY, MEMORY_TAB, SheetImage, Tab
from syncer.sheet.history_tab import history_layout
from syncer.sheet.last_written import LastWritten, read_last_written
from syncer.sheet.layout import Layout, SheetRow, find_layout, rows_of


@dataclass(frozen=True, slots=True)
class SheetView:
    """The people's tabs by layout, their rows in order, okrsync's own tab where there is one, and the base."""

    layouts: tuple[Layout, ...]
    rows: tuple[SheetRow, ...]
    by_id: Mapping[str, SheetRow]
    duplicates: Mapping[str, tuple[str, ...]]
    base: LastWritten
    data: Layout | None = None
    data_rows: Mapping[str, SheetRow] | None = None

    def row_of(self, key: str, former: str = "") -> SheetRow | None:
        """The people's row of a key result, by its id or its former one."""
        return self.by_id.get(key) or self.by_id.get(former)

    def data_row_of(self, key: str, former: str = "") -> SheetRow | None:
        """The row of a key result in okrsync's own tab."""
        rows = self.data_rows or {}
        return rows.get(key) or rows.get(former)

    def home_of(self, key: str) -> Layout:
        """The tab in which a new row of `key` is made: the one that holds its prefix's rows, else the first."""
        for row in reversed(self.rows):
            if key.rpartition(".")[0] and row.id.rpartition(".")[0] == key.rpartition(".")[0]:
                return row.layout
        return self.layouts[0]

    def first_free_row(self, layout: Layout) -> int:
        """The row below the last one that holds an id."""
        rows = rows_of(layout)
        return (rows[-1].row if rows else layout.header_row) + 1


def view_sheet(image: SheetImage, stated: OkrSheet) -> SheetView:
    """Recognise headers and rows of the wanted tabs. Raises SheetError: unknown tab, no header row."""
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
    layouts = tuple(find_layout(_own_words(_tab(image, title), stated), stated) for title in titles)
    by_id: dict[str, list[SheetRow]] = defaultdict(list)
    rows = tuple(row for layout in layouts for row in rows_of(layout))
    for row in rows:
        by_id[row.id].append(row)
    data = _own_tab(image, stated)
    return SheetView(
        layouts=layouts,
        rows=rows,
        by_id={key: found[0] for key, found in by_id.items() if len(found) == 1},
        duplicates={
            key: tuple(f"{row.layout.tab.title}!{row.number}" for row in found)
            for key, found in by_id.items()
            if len(found) > 1
        },
        base=read_last_written(image.tabs.get(MEMORY_TAB)),
        data=data,
        data_rows={row.id: row for row in reversed(rows_of(data))} if data else None,
    )


def _own_words(tab: Tab, stated: OkrSheet) -> Tab:
    """The tab without the cells that only look okrsync's tab up: what it wrote is nobody's definition."""
    if not stated.has_own_tab:
        return tab

    def looks_up(formula: str | None) -> bool:
        return formula is not None and (f"{stated.own_tab}!" in formula or f"{stated.own_tab}'!" in formula)

    rows = tuple(tuple(EMPTY if looks_up(cell.formula) else cell for cell in row) for row in tab.rows)
    return replace(tab, rows=rows)


def _own_tab(image: SheetImage, stated: OkrSheet) -> Layout | None:
    if not stated.has_own_tab or stated.own_tab not in image.tabs:
        return None
    try:
        return layout_of(image.tabs[stated.own_tab], stated)
    except SheetError:
        return None  # somebody took its headers away: it is written anew, for all of it is okrsync's


def layout_of(tab: Tab, stated: OkrSheet) -> Layout:
    """The layout of a tab; okrsync's own tabs have okrsync's own headers, whatever people call theirs."""
    if tab.title in stated.history_titles:
        return history_layout(tab)
    own = stated.has_own_tab and tab.title == stated.own_tab
    return find_layout(tab, OkrSheet(file="-") if own else stated)


def _tab(image: SheetImage, title: str) -> Tab:
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
        advice="Correct okr_sheet.tabs in the config.",
    )
