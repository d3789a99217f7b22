"""Detect what an existing OKR sheet lacks: ids, columns and, in Google Sheets, lookups. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from config.dataclass import dataclass
from config.loading.loader import Config
from connectors.okr_sheet import MEMORY_TAB, SheetImage, SheetReader, Tab
from syncer.compute.definitions import from_config, from_row
from syncer.compute.row_definitions import ObjectiveNames, is_typed
from syncer.model.cells import as_text
from syncer.plan.own_tab_plan import DEFINED, typed_ids
from syncer.plan.rows import PERCENT_COLUMNS
from syncer.sheet.headings import may_be_objective
from syncer.sheet.layout import Layout, SheetRow, find_headers, has_content, rows_of
from syncer.sheet.lookups import LOOKED_UP, Lookups, Shows
from syncer.sheet.new_ids import Ids, NewId, ids_for, new_ids
from syncer.sheet.own_tab import OwnTab
from syncer.sheet.view import own_tab_of

DESCRIBING = ("baseline", "unit", "kind")
"""Columns added for key results that only the sheet states."""

ADDED = ("id", "source", "current", "progress", "expected", "status", "updated", "computed_score")
"""Columns added to a sheet that lacks them, right of its last column."""


@dataclass(frozen=True, slots=True)
class NewLookup:
    """New lookup in one cell; `replaced` is the value or formula that it overwrites, if any."""

    row: int
    column: str
    index: int
    formula: str
    replaced: str = ""

    @property
    def percent(self) -> bool:
        """Whether the column contains percentages."""
        return self.column in PERCENT_COLUMNS


@dataclass(frozen=True, slots=True)
class TabProposal:
    """Additions to one tab: new columns by name, ids in `id_column`, lookups. Positions are from 0."""

    layout: Layout
    columns: dict[str, int]
    ids: tuple[NewId, ...]
    lookups: tuple[NewLookup, ...] = ()

    @property
    def id_column(self) -> int:
        """Position of the id column."""
        return self.columns.get("id", self.layout.columns.get("id", -1))

    @property
    def empty(self) -> bool:
        """Whether the tab lacks nothing."""
        return not (self.columns or self.ids or self.lookups)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Additions to an existing sheet. `unnamed` are tabs with OKRs that the config does not name.

    `missing` are tabs that the config names and that are not there, or hold no headers.
    `unread` are tabs among the named ones with content but without known headers. `own` is okrsync's own tab in Google
    Sheets, which is created if missing.
    """

    tabs: tuple[TabProposal, ...]
    version: str = ""
    unnamed: tuple[str, ...] = ()
    own: OwnTab | None = None
    missing: tuple[str, ...] = ()
    unread: tuple[Tab, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return all(tab.empty for tab in self.tabs)

    @property
    def complete(self) -> bool:
        """Whether the sheet is there, in all its tabs, and lacks nothing."""
        return self.empty and bool(self.tabs) and not self.missing

    @property
    def replaced(self) -> tuple[tuple[str, NewLookup], ...]:
        """(tab, lookup) of each lookup that overwrites a manual value."""
        return tuple((tab.layout.tab.title, one) for tab in self.tabs for one in tab.lookups if one.replaced)

    def keeping(self) -> "Proposal":
        """Return the proposal without lookups over manual values."""
        tabs = (replace(tab, lookups=tuple(one for one in tab.lookups if not one.replaced)) for tab in self.tabs)
        return replace(self, tabs=tuple(tabs))


def propose(config: Config, image: SheetImage) -> Proposal:
    """Return what the named tabs (or the first one) lack. Raises SheetError if two headers have the same meaning."""
    sheet = config.workspace.okr_sheet
    own = {MEMORY_TAB, sheet.own_tab, *sheet.history_titles}
    visible = [title for title, tab in image.tabs.items() if not tab.hidden and title not in own]
    named = [title for title in sheet.tabs or visible[:1] if title in image.tabs]
    layouts = [layout for title in named if (layout := find_headers(image.tabs[title], sheet))]
    ids = ids_for(config, [row.id for layout in layouts if "id" in layout.columns for row in rows_of(layout)])
    others = [title for title in visible if title not in named and find_headers(image.tabs[title], sheet)]
    known = frozenset(_known_ids(config))
    tabs = tuple(_of_tab(layout, ids, known) for layout in layouts)
    read = {layout.tab.title for layout in layouts}
    missing = tuple(sorted({*sheet.tabs} - read))
    unread = tuple(image.tabs[title] for title in named if title not in read and has_content(image.tabs[title]))
    if not sheet.has_own_tab:
        return Proposal(tabs, image.version, tuple(others), missing=missing, unread=unread)
    lookups = NewLookups(config, own_tab_of(image, layouts, sheet))
    tabs = tuple(replace(tab, lookups=tuple(lookups.of_tab(tab))) for tab in tabs)
    return Proposal(tabs, image.version, tuple(others), lookups.own, missing, unread)


def whole_image(config: Config, image: SheetImage, reader: SheetReader) -> SheetImage:
    """Return the image with all tabs; a workbook without `tabs` in the config is otherwise read with its first only."""
    if config.workspace.okr_sheet.tabs or set(image.tabs) >= set(image.all_tabs):
        return image
    return reader.read_all()


def _known_ids(config: Config) -> Iterator[str]:
    yield from config.workspace.objectives
    yield from (entry.id for entry in config.key_results)


class NewLookups:
    """Finds the lookups missing in rows with an id."""

    def __init__(self, config: Config, own: OwnTab) -> None:
        self.own = own
        self._config = config
        self._names = ObjectiveNames(config)
        self._typed = typed_ids(config)
        self._known = {*_known_ids(config), *(entry.definition.was or "" for entry in config.key_results)}
        self._stated = {entry.id: from_config(config, entry, None).stated for entry in config.key_results}
        self._lookups = Lookups(own)

    def of_tab(self, tab: TabProposal) -> Iterator[NewLookup]:
        """List the missing lookups of a tab, for all rows with an id or a new one."""
        columns = {**tab.layout.columns, **tab.columns}
        if "id" not in columns:
            return
        layout = replace(tab.layout, columns=columns)
        ids = {row.row: row.id for row in rows_of(tab.layout)} if "id" in tab.layout.columns else {}
        ids |= {new.row: new.id for new in tab.ids}
        for row, key in sorted(ids.items()):
            for name in (*LOOKED_UP, *DEFINED):
                cell = layout.tab.cell(row, columns[name]) if name in columns else None
                if cell is None or cell.locked or not self._is_ours(layout, row, key, name):
                    continue
                shown = self._lookups.shown(layout, name, cell)
                if shown is not Shows.OWN:
                    replaced = (cell.formula or cell.error or as_text(cell.value)) if shown is Shows.TYPED else ""
                    yield NewLookup(row, name, columns[name], self._lookups.formula(layout, name), replaced)

    def _is_ours(self, layout: Layout, row: int, key: str, name: str) -> bool:
        """Whether okrsync fills a cell; people fill values without a measure and definitions not in the config."""
        if name in DEFINED:  # people fill what the config leaves out
            empty = self._lookups.shown(layout, name, layout.tab.cell(row, layout.columns[name])) is not Shows.TYPED
            return empty and name in self._stated.get(key, {})
        if name != "current":
            return True
        if key in self._known:
            return key not in self._typed
        there = SheetRow(layout, row, key)
        found = from_row(self._config, there, self._names.named_by(there))
        return found is not None and not found.manual


def _of_tab(layout: Layout, ids: Ids, known: frozenset[str]) -> TabProposal:
    new = tuple(
        replace(
            one, may_be_objective=one.id not in known and not one.is_objective and may_be_objective(layout, one.row)
        )
        for one in new_ids(layout, ids)
    )
    width = max((len(row) for row in layout.tab.rows), default=0)
    merges = max(
        (merge.right for merge in layout.tab.merges if merge.top <= layout.header_row < merge.bottom), default=0
    )
    present = rows_of(layout) if "id" in layout.columns else ()
    alone = {one.id for one in new if not one.is_objective} | {row.id for row in present if is_typed(row)}
    wanted = (*ADDED, *(DESCRIBING if alone - known else ()))
    missing = [name for name in wanted if name not in layout.columns]
    columns = {name: max(width, merges) + place for place, name in enumerate(missing)}
    return TabProposal(layout, columns, new)
