"""Ids and columns for an OKR sheet that people made before okrsync came: proposed, confirmed, written, verified."""

from collections.abc import Iterator
from dataclasses import dataclass

from config.errors import SheetError
from config.loading.loader import Config
from config.message import Message, in_turn
from connectors.grids.a1 import cell_name, letters
from connectors.okr_sheet import MEMORY_TAB, CellWrite, SheetBatch, SheetImage, SheetWriter, Tab
from syncer.i18n import join, translate, translate_count
from syncer.make_sheet.adopt_undo import put_back
from syncer.sheet.columns import header_of, normal_header
from syncer.sheet.layout import Layout, cell_id, filled_down, find_headers, rows_of

ADDED = ("id", "source", "current", "progress", "expected", "status", "updated")
"""The columns that a sheet gets where it lacks them, right of its last one; with `data_tab` only the first."""


@dataclass(frozen=True, slots=True)
class NewId:
    """An id for one row; `title` is what stands there, by which the row is recognised after the write."""

    row: int
    id: str
    title: str


@dataclass(frozen=True, slots=True)
class TabProposal:
    """What one tab would get: headers of new columns by name, and ids in the column `id_column`. All count from 0."""

    layout: Layout
    columns: dict[str, int]
    ids: tuple[NewId, ...]

    @property
    def id_column(self) -> int:
        """Where the ids go."""
        return self.columns.get("id", self.layout.columns.get("id", -1))


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an existing sheet would get. `unnamed` are tabs that look like OKRs too, but the config does not name."""

    tabs: tuple[TabProposal, ...]
    version: str = ""
    unnamed: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not any(tab.columns or tab.ids for tab in self.tabs)


def propose(config: Config, image: SheetImage) -> Proposal:
    """What the named tabs (or the first one) lack. Raises SheetError: two headers mean the same."""
    sheet = config.workspace.okr_sheet
    own = {MEMORY_TAB, sheet.own_tab, *sheet.history_titles}
    visible = [title for title, tab in image.tabs.items() if not tab.hidden and title not in own]
    named = [title for title in sheet.tabs or visible[:1] if title in image.tabs]
    layouts = [layout for title in named if (layout := find_headers(image.tabs[title], sheet))]
    taken = {key.casefold() for key in _known_ids(config)}
    taken |= {row.id.casefold() for layout in layouts if "id" in layout.columns for row in rows_of(layout)}
    ids = _Ids(config, taken)
    others = [title for title in visible if title not in named and find_headers(image.tabs[title], sheet)]
    return Proposal(tuple(_of_tab(config, layout, ids) for layout in layouts), image.version, tuple(others))


def whole_image(config: Config, image: SheetImage) -> SheetImage:
    """The image with every tab in it; of a workbook whose tabs the config does not name, only the first was read."""
    sheet = config.workspace.okr_sheet
    if sheet.file is None or sheet.tabs or set(image.tabs) >= set(image.all_tabs):
        return image
    from connectors.local_sheet.okr_sheet import open_reader

    return open_reader(config.base_dir / sheet.file, image.all_tabs).read()


def _known_ids(config: Config) -> Iterator[str]:
    yield from config.workspace.objectives
    yield from (entry.id for entry in config.key_results)


class _Ids:
    """Gives out ids: the config's where the title is the same, else the next free one, over all tabs."""

    def __init__(self, config: Config, taken: set[str]) -> None:
        objectives = config.workspace.objectives.items()
        self._objectives = {normal_header(one.title): key for key, one in objectives if one.title}
        results = [(entry.definition.title, entry.id) for entry in config.key_results]
        self._results = {normal_header(title): key for title, key in results if title}
        self._taken = taken
        self._used: set[str] = set()

    def of(self, title: str, *, objective: bool) -> str:
        """The id for a row."""
        known = (self._objectives if objective else self._results).get(normal_header(title))
        if known is not None and known not in self._used:
            self._used.add(known)
            return known
        letter = "O" if objective else "KR"
        number = next(n for n in range(1, 1_000_000) if f"{letter}{n}".casefold() not in self._taken)
        self._taken.add(f"{letter}{number}".casefold())
        return f"{letter}{number}"


def _of_tab(config: Config, layout: Layout, ids: _Ids) -> TabProposal:
    width = max((len(row) for row in layout.tab.rows), default=0)
    merges = max(
        (merge.right for merge in layout.tab.merges if merge.top <= layout.header_row < merge.bottom), default=0
    )
    names = ADDED[:1] if config.workspace.okr_sheet.has_own_tab else ADDED
    missing = [name for name in names if name not in layout.columns]
    columns = {name: max(width, merges) + place for place, name in enumerate(missing)}
    return TabProposal(layout, columns, tuple(_new_ids(layout, ids)))


def _new_ids(layout: Layout, ids: _Ids) -> Iterator[NewId]:
    """For each row with a key result's title, and each that holds an objective alone."""
    for row in range(layout.header_row + 1, len(layout.tab.rows)):
        index = layout.columns.get("id")
        there = layout.tab.cell(row, index) if index is not None else None
        if there is not None and (cell_id(there) or there.locked or there.formula):
            continue
        title, objective = _own_text(layout, row, "title"), _own_text(layout, row, "objective")
        if title:
            yield NewId(row, ids.of(title, objective=False), title)
        elif objective and not _inside_a_merge(layout, row):
            yield NewId(row, ids.of(objective, objective=True), objective)


def _own_text(layout: Layout, row: int, name: str) -> str:
    index = layout.columns.get(name)
    cell = layout.tab.cell(row, index) if index is not None else None
    return cell.value.strip() if cell is not None and isinstance(cell.value, str) and cell.formula is None else ""


def _inside_a_merge(layout: Layout, row: int) -> bool:
    """Whether the objective's cell spans several rows: then it is the heading of key results, not a row of its own."""
    index = layout.columns["objective"]
    spans = (merge for merge in layout.tab.merges if merge.left <= index < merge.right)
    return any(merge.top <= row < merge.bottom and merge.bottom - merge.top > 1 for merge in spans)


def proposal_text(proposal: Proposal, language: str) -> str:
    """For people, before they say yes."""
    lines = []
    for tab in proposal.tabs:
        if not (tab.columns or tab.ids):
            continue
        lines.append(
            translate(
                language, "Tab '{tab}', headers in row {row}:", tab=tab.layout.tab.title, row=tab.layout.header_row + 1
            )
        )
        if tab.columns:
            heads = [f"{letters(index)} {header_of(name, language)}" for name, index in tab.columns.items()]
            lines.append("  " + translate(language, "new columns: {columns}", columns=join(language, heads)))
        for new in tab.ids:
            above = filled_down(tab.layout, new.row, "objective")
            objective = above.value if above is not None and isinstance(above.value, str) else ""
            told = f"{objective} / {new.title}" if objective and objective.strip() != new.title else new.title
            lines.append(f"  {cell_name(new.row, tab.id_column)}  {new.id}  {' '.join(told.split())}")
    if proposal.unnamed:
        told = translate(
            language,
            "Tabs that look like OKRs, too: {tabs}. Name them in okr_sheet.tabs to include them.",
            tabs=join(language, proposal.unnamed),
        )
        lines.append(told)
    count = sum(len(tab.ids) + len(tab.columns) for tab in proposal.tabs)
    lines.append(
        translate_count(
            language,
            "{count} cell would be written; nothing else changes.",
            "{count} cells would be written; nothing else changes.",
            count,
        )
    )
    return "\n".join(lines)


def write_proposal(config: Config, writer: SheetWriter, proposal: Proposal) -> None:
    """Write it in one request, and verify it.

    Raises SheetError: people moved rows meanwhile; what had landed in another row was taken out again, or is named.
    """
    language = config.workspace.language
    cells = [
        CellWrite(
            tab.layout.tab.title,
            tab.layout.header_row,
            index,
            config.workspace.okr_sheet.columns.get(name) or header_of(name, language),
        )
        for tab in proposal.tabs
        for name, index in tab.columns.items()
    ]
    cells += [
        CellWrite(tab.layout.tab.title, new.row, tab.id_column, new.id) for tab in proposal.tabs for new in tab.ids
    ]
    after = writer.write(SheetBatch(tuple(cells), version=proposal.version))
    if not _stray(proposal, after):
        return
    undone: list[CellWrite] = []
    for tab in proposal.tabs:
        title = tab.layout.tab.title
        hit = [one for one in cells if one.tab == title and _holds(after, one)]
        undone += put_back(tab.layout, after.tabs[title], hit) if hit else ()
    left = _left(proposal, cells, writer.write(SheetBatch(tuple(undone), version=after.version)))
    doing, saw = "giving the OKR sheet its ids", "somebody moved rows or columns while they were written"
    if left:
        raise SheetError(
            doing,
            saw,
            effect=Message(
                "They were taken out again, but not where rows moved once more: {cells}.", cells=in_turn(left)
            ),
            advice="Type in what those cells held (see the version history), then run `okrsync init --sheet` again.",
        )
    raise SheetError(
        doing,
        saw,
        effect="They were taken out again.",
        advice="Run `okrsync init --sheet` again when the sheet is quiet.",
    )


def _left(proposal: Proposal, written: list[CellWrite], now: SheetImage) -> list[str]:
    """The cells that still hold what was written and nobody had there before."""
    left = []
    for tab in proposal.tabs:
        title = tab.layout.tab.title
        before = {cell_id(cell) for cells in tab.layout.tab.rows for cell in cells}
        mine = {str(one.value) for one in written if one.tab == title} - before
        there = now.tabs.get(title, Tab(title))
        left += [
            f"{title}!{cell_name(row, column)}"
            for row, cells in enumerate(there.rows)
            for column, cell in enumerate(cells)
            if cell_id(cell) in mine
        ]
    return left


def _stray(proposal: Proposal, after: SheetImage) -> bool:
    for tab in proposal.tabs:
        now = after.tabs.get(tab.layout.tab.title, Tab(tab.layout.tab.title))
        known = [tab.layout.columns[name] for name in ("title", "objective") if name in tab.layout.columns]
        for new in tab.ids:
            texts = [str(now.cell(new.row, column).value or "").strip() for column in known]
            if cell_id(now.cell(new.row, tab.id_column)) != new.id or new.title not in texts:
                return True
    return False


def _holds(after: SheetImage, one: CellWrite) -> bool:
    return one.tab in after.tabs and after.tabs[one.tab].cell(one.row, one.column).value == one.value
