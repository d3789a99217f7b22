"""okrsync's own tab in a Google spreadsheet: columns, rows by id, and the stamp of its workspace. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, field, replace
from types import MappingProxyType

from config.dataclass import dataclass
from config.errors import SheetError
from config.identity import NO_ID
from config.message import Message
from config.models import OkrSheet, Workspace
from connectors.google_sheets.links import spreadsheet_id
from connectors.okr_sheet import SheetImage, Tab
from syncer.model.cells import as_text
from syncer.sheet.columns import MEASURES, ROWS_READ, column_of
from syncer.sheet.layout import HEADER_SEARCH_ROWS, Layout, SheetRow, cell_id, rows_of

OWN_COLUMNS = (
    "id", "objective", "title", "owner", "team", "baseline", "target", "unit", "weight", "source", "current",
    "progress", "attainment", "expected", "status", "updated", "forecast", "link", "computed_score", ROWS_READ,
    MEASURES,
)  # fmt: skip
"""Columns of a new own tab from left to right. Append new ones at the end, since lookups refer to positions."""

STAMP_ID = "(okrsync)"
"""Id of the row with the stamp; not a valid key result id."""
STAMP_COLUMN = "source"


@dataclass(frozen=True, slots=True)
class Stamp:
    """Workspace and cycle that the own tab belongs to, and the last run that wrote it."""

    workspace: str
    spreadsheet: str
    tabs: tuple[str, ...]
    cycle: str
    run: str = ""

    @property
    def text(self) -> str:
        """The stamp as JSON text, as stored in its cell."""
        return json.dumps(asdict(self), ensure_ascii=False)

    def same_workspace(self, other: "Stamp") -> bool:
        """Whether both stamps are of one workspace, spreadsheet and cycle.

        Where a config states no id, workspaces with at least one of people's tabs in common are the same.
        """
        if (self.spreadsheet, self.cycle) != (other.spreadsheet, other.cycle):
            return False
        if NO_ID in (self.workspace, other.workspace):
            return bool(set(self.tabs) & set(other.tabs))
        return self.workspace == other.workspace


@dataclass(frozen=True, slots=True)
class OwnTab:
    """The own tab as read; `title` is its current name for formulas, `tab` is None if it does not exist yet.

    Attributes:
        layout: its rows, with the header row moved to the top, and the columns found, from 0.
        columns: the target position of each column, from 0.
        rows: its rows by id; the upper one of duplicates.
        doubled: row numbers of each duplicate id.
        readable: whether its header row was found; if not, all of the tab is rewritten.
        displaced: whether the headers were not in the first row, to which they are moved back.
    """

    title: str
    layout: Layout
    columns: Mapping[str, int]
    rows: Mapping[str, SheetRow] = field(default_factory=dict)
    doubled: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    tab: Tab | None = None
    readable: bool = False
    displaced: bool = False

    @property
    def new_layout(self) -> Layout:
        """The layout after the write."""
        return replace(self.layout, columns=self.columns)

    @property
    def stale(self) -> frozenset[int]:
        """Positions of columns that have to move or are duplicates."""
        tab, row = self.layout.tab, self.layout.header_row
        cells = tab.rows[row] if self.readable else ()
        known = {
            index for index, cell in enumerate(cells) if (name := column_of(cell_id(cell))) and name.name in OWN_COLUMNS
        }
        return frozenset(known - set(self.columns.values()))

    @property
    def stamp(self) -> Stamp | None:
        """The stamp; None if it is missing or cannot be parsed."""
        row = self.rows.get(STAMP_ID)
        cell = row.cell(STAMP_COLUMN) if row else None
        return parse_stamp(as_text(cell.value)) if cell else None


def is_own_tab(tab: Tab) -> bool:
    """Whether a tab is one that okrsync made for itself, of any cycle: it holds the stamp row."""
    return any(cell.value == STAMP_ID for row in tab.rows for cell in row[:1])


def parse_stamp(text: str) -> Stamp | None:
    """Parse a stamp; None for any other text."""
    try:
        found = json.loads(text)
        texts = {name: str(found[name]) for name in ("workspace", "spreadsheet", "cycle", "run")}
        return Stamp(**texts, tabs=tuple(map(str, found["tabs"])))
    except (ValueError, KeyError, TypeError):
        return None


def read_own_tab(image: SheetImage, stated: OkrSheet, claims: Mapping[str, int] = MappingProxyType({})) -> OwnTab:
    """Read the own tab of an image; its headers are always the default ones, whatever the config calls columns.

    `claims` are the positions in lookups of people's tabs. They take precedence over the headers: if somebody moves
    columns while okrsync writes, lookups follow and headers do not.
    """
    tab, title = image.tabs.get(stated.own_tab), image.title_now(stated.own_tab)
    if tab is None:
        return OwnTab(title, Layout(Tab(stated.own_tab), 0, {}), _columns({}, claims))
    header_row, found = _headers(tab)
    columns = _columns(found, claims)
    if "id" not in found:  # its headers were deleted: all of it is okrsync's, and is written again
        return OwnTab(title, Layout(tab, 0, {}), columns, tab=tab)
    headers_first = (tab.rows[header_row], *tab.rows[:header_row], *tab.rows[header_row + 1 :])
    layout = Layout(replace(tab, rows=headers_first), 0, found)
    rows: dict[str, list[SheetRow]] = {}
    for row in rows_of(layout):
        rows.setdefault(row.id, []).append(row)
    doubled = {key: tuple(row.number for row in places) for key, places in rows.items() if len(places) > 1}
    uppermost = {key: places[0] for key, places in rows.items()}
    return OwnTab(title, layout, columns, uppermost, doubled, tab, readable=True, displaced=header_row > 0)


def _headers(tab: Tab) -> tuple[int, Mapping[str, int]]:
    """Find the row with the most own headers, and their columns; the left one of duplicates."""
    best: tuple[int, Mapping[str, int]] = 0, {}
    for row, cells in enumerate(tab.rows[:HEADER_SEARCH_ROWS]):
        found: dict[str, int] = {}
        for index, cell in enumerate(cells):
            known = column_of(cell_id(cell))
            if known is not None and known.name in OWN_COLUMNS:
                found.setdefault(known.name, index)
        if len(found) > max(len(best[1]), 1):
            best = row, found
    return best


def _columns(found: Mapping[str, int], claims: Mapping[str, int]) -> Mapping[str, int]:
    """Return the target position of each column: that in lookups, else the current one, else after all others."""
    columns = dict(claims)
    for name, index in found.items():
        if name not in columns and index not in columns.values():
            columns[name] = index
    free = max([*columns.values(), *found.values()], default=-1) + 1
    missing = [name for name in OWN_COLUMNS if name not in columns]
    return columns | {name: free + place for place, name in enumerate(missing)}


def stamp_of(workspace: Workspace, layouts: Sequence[Layout]) -> Stamp:
    """Build the stamp of a workspace with these layouts of people's tabs, without a run."""
    tabs = tuple(layout.tab.title for layout in layouts)
    spreadsheet = spreadsheet_id(workspace.okr_sheet.spreadsheet or "")
    return Stamp(workspace.id, spreadsheet, tabs, workspace.cycle.name)


def require_own(own: OwnTab, expected: Stamp) -> None:
    """Check that the own tab belongs to this workspace.

    Raises SheetError if it was written by another workspace, or for another spreadsheet or cycle.
    """
    found = own.stamp
    if found is None or found.same_workspace(expected):
        return
    raise SheetError(
        Message("looking at okrsync's own tab '{tab}'", tab=own.title),
        Message(
            "another workspace wrote it: {workspace}, spreadsheet {spreadsheet}, tabs {tabs}, cycle {cycle}",
            workspace=Message("without an id") if found.workspace == NO_ID else found.workspace,
            spreadsheet=found.spreadsheet,
            tabs=list(found.tabs),
            cycle=found.cycle,
        ),
        effect="Nothing was written.",
        advice="Name a separate own tab for this workspace (okr_sheet.own_tab). If the spreadsheet is a copy, or you "
        "renamed the tabs in the config, delete that tab and run `okrsync init --sheet`.",
    )
