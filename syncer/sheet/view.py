"""View of the OKR sheet by key result: rows of all tabs, okrsync's own tab, last-written values. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import field, replace

from config.dataclass import dataclass
from config.errors import SheetError
from config.message import Message
from config.models import OkrSheet
from config.suggest import did_you_mean
from connectors.okr_sheet import EMPTY, MEMORY_TAB, Cell, CellValue, CellWrite, NewTab, SheetImage, Tab
from syncer.model.cells import as_text, decode_cell, encode_cell
from syncer.model.plan import Key
from syncer.sheet.layout import Layout, SheetRow, find_layout, history_layout, rows_of
from syncer.sheet.lookups import claims, is_lookup
from syncer.sheet.own_tab import OwnTab, read_own_tab

HEADERS = ("id", "column", "value", "run")
WORKSPACE = "*"
"""Id of the entries about the whole workspace; not a valid key result id."""


def memory_key(workspace: str) -> Key:
    """Return the key of the entry that says which run first wrote a local file for a workspace: the file's own id."""
    return WORKSPACE, f"workspace {workspace}"


EMPTY_CELL = "-"
"""Stands for a cell that okrsync left empty."""


@dataclass(frozen=True, slots=True)
class LastWritten:
    """Last-written values by key. `rows` are their rows in the memory tab; `next_row` is the first free one.

    `runs` are the ids of the runs that wrote them.
    """

    values: Mapping[Key, CellValue] = field(default_factory=dict)
    rows: Mapping[Key, int] = field(default_factory=dict)
    next_row: int = 1
    exists: bool = False
    runs: Mapping[Key, str] = field(default_factory=dict)

    def ids(self) -> frozenset[str]:
        """Return the ids of the key results with last-written values."""
        return frozenset(key for key, _ in self.values if key != WORKSPACE)


def read_last_written(tab: Tab | None) -> LastWritten:
    """Read the memory tab. Rows that cannot be parsed are ignored, so that their cells require `--adopt`."""
    if tab is None:
        return LastWritten()
    values: dict[Key, CellValue] = {}
    rows: dict[Key, int] = {}
    runs: dict[Key, str] = {}
    for row, key in _keys_of(tab):
        try:
            values[key] = _value_at(tab, row)
        except ValueError:
            continue
        rows[key], runs[key] = row, as_text(tab.cell(row, 3).value)
    return LastWritten(values, rows, max(len(tab.rows), 1), exists=True, runs=runs)


def run_that_wrote(tab: Tab | None, key: Key) -> str:
    """Return the run that last wrote one value, as the memory tab has it; empty if none did."""
    if tab is None:
        return ""
    found = ""
    for row in (row for row, named in _keys_of(tab) if named == key):
        with suppress(ValueError):
            _value_at(tab, row)
            found = as_text(tab.cell(row, 3).value)
    return found


def _keys_of(tab: Tab) -> Iterator[tuple[int, Key]]:
    for row in range(1, len(tab.rows)):
        key = (as_text(tab.cell(row, 0).value), as_text(tab.cell(row, 1).value))
        if all(key):
            yield row, key


def _value_at(tab: Tab, row: int) -> CellValue:
    text = as_text(tab.cell(row, 2).value)
    return decode_cell(None if text == EMPTY_CELL else text)


def last_written_cells(
    base: LastWritten, updates: Mapping[Key, CellValue], forget: frozenset[Key], run: str
) -> tuple[tuple[NewTab, ...], tuple[CellWrite, ...]]:
    """Return the writes that add `updates` to the memory tab and remove `forget` from it."""
    cells: list[CellWrite] = []
    if not base.exists:
        cells += [CellWrite(MEMORY_TAB, 0, index, header) for index, header in enumerate(HEADERS)]
    free = base.next_row
    for key in sorted(updates):
        row = base.rows.get(key)
        texts: tuple[CellValue, ...] = (*key, encode_cell(updates[key]) or EMPTY_CELL, run)
        if row is None:
            row, free, first = free, free + 1, 0
        else:
            first = 2
        cells += [CellWrite(MEMORY_TAB, row, index, texts[index]) for index in range(first, 4)]
    for key in sorted(forget & set(base.rows) - set(updates)):
        cells += [CellWrite(MEMORY_TAB, base.rows[key], index, None) for index in range(4)]
    return (() if base.exists else (NewTab(MEMORY_TAB, hidden=True, protected=True),)), tuple(cells)


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
    account: str = ""

    def row_of(self, key: str, former: str = "") -> SheetRow | None:
        """Return the row of a key result in people's tabs, by its id or its former id."""
        return self.by_id.get(key) or self.by_id.get(former)

    def own_row_of(self, key: str) -> SheetRow | None:
        """Return the row of a key result in okrsync's own tab."""
        return self.own.rows.get(key) if self.own else None

    def sheet_cell(self, row: SheetRow, column: str) -> Cell:
        """Return a cell of people's tabs as it is in the sheet, including lookups."""
        return self.sheet[row.layout.tab.title].cell(row.row, row.layout.columns[column])

    def home_of(self, key: str) -> Layout:
        """Return the tab for a new row of `key`: that with rows of the same id prefix, else the first."""
        prefix = key.rpartition(".")[0]
        if prefix and len(self.layouts) > 1:
            for row in reversed(self.rows):
                if row.id.rpartition(".")[0] == prefix:
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
        account=image.account,
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
