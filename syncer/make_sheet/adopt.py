"""Add missing ids, columns and lookups to an existing OKR sheet, verify them, and revert misplaced writes."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from config.errors import SheetError
from config.loading.loader import Config
from config.message import Message, in_turn
from connectors.grids.a1 import cell_name
from connectors.okr_sheet import EMPTY, Cell, CellWrite, ColumnChange, NewTab, SheetBatch, SheetImage, SheetWriter, Tab
from syncer.make_sheet.proposal import NewLookup, Proposal, TabProposal
from syncer.plan.new_rows import measure_cells, own_headers
from syncer.sheet.columns import header_of
from syncer.sheet.layout import Layout, cell_id
from syncer.sheet.lookups import same_formula

_KEYS = ("title", "objective")
"""Columns whose texts identify a row."""


def put_back(layout: Layout, now: Tab, hit: list[CellWrite]) -> Iterator[CellWrite]:
    """Return writes that restore the cells in `hit`; the previous content is empty if it cannot be determined.

    `layout` is the tab as read, `now` the tab after the write.
    """
    columns = _columns(layout, now, [one.column for one in hit if one.row == layout.header_row])
    rows = _rows(layout, now, columns)
    for one in hit:
        row, column = rows.get(one.row), columns.get(one.column)
        known = layout.tab.cell(row, column) if row is not None and column is not None else EMPTY
        yield CellWrite(one.tab, one.row, one.column, known.value, formula=known.formula or "")


def _columns(layout: Layout, now: Tab, hit: list[int]) -> dict[int, int]:
    """Map columns to their position before the write, by header; overwritten headers match the missing ones."""
    then = _once({index: cell_id(cell) for index, cell in enumerate(_row(layout.tab, layout.header_row))})
    today = _once({index: cell_id(cell) for index, cell in enumerate(_row(now, layout.header_row)) if index not in hit})
    found = {index: then[text] for text, index in today.items() if text in then}
    gone = sorted(index for text, index in then.items() if text not in today)
    return found | dict(zip(sorted(hit), gone, strict=False))


def _rows(layout: Layout, now: Tab, columns: Mapping[int, int]) -> dict[int, int]:
    """Map rows to their position before the write, by their texts, without rows above the headers and duplicates."""
    keys = [layout.columns[name] for name in _KEYS if name in layout.columns]
    today = {then: index for index, then in columns.items()}

    def texts(tab: Tab, places: list[int]) -> dict[int, str]:
        rows = range(layout.header_row + 1, len(tab.rows))
        found = {row: "\0".join(cell_id(tab.cell(row, place)) for place in places) for row in rows}
        return {row: text for row, text in found.items() if text.strip("\0")}

    then = _once(texts(layout.tab, keys))
    found = _once(texts(now, [today.get(key, -1) for key in keys]))
    rows = {row: then[text] for text, row in found.items() if text in then}
    return rows | {layout.header_row: layout.header_row}


def _once(texts: Mapping[int, str]) -> dict[str, int]:
    """Return the positions by text, without empty texts and duplicates."""
    count = Counter(texts.values())
    return {text: place for place, text in texts.items() if text and count[text] == 1}


def _row(tab: Tab, row: int) -> tuple[Cell, ...]:
    return tab.rows[row] if row < len(tab.rows) else ()


def write_proposal(config: Config, writer: SheetWriter, proposal: Proposal) -> None:
    """Write the proposal in one request, and verify it.

    Raises SheetError if people moved rows meanwhile; misplaced cells were reverted, or are named in the error.
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
    cells += [
        CellWrite(tab.layout.tab.title, one.row, one.index, None, formula=one.formula, percent=one.percent)
        for tab in proposal.tabs
        for one in tab.lookups
    ]
    made = _own_tab(config, proposal)
    columns = _inserted(proposal)
    batch = SheetBatch((*cells, *made), columns=columns, new_tabs=_new_tabs(config, proposal), version=proposal.version)
    after = writer.write(batch)
    if not _stray(proposal, after):
        return
    undone: list[CellWrite] = []
    for tab in proposal.tabs:
        title = tab.layout.tab.title
        hit = [one for one in cells if one.tab == title and _holds(after, one)]
        undone += put_back(tab.layout, after.tabs[title], hit) if hit else ()
    withdrawn = tuple(_withdrawn(columns, cells, after))
    kept = tuple(moved for one in undone if (moved := _left_of(one, withdrawn)) is not None)
    left = _left(proposal, cells, writer.write(SheetBatch(kept, columns=withdrawn, version=after.version)))
    doing = "adding ids to the OKR sheet"
    saw = "rows or columns were moved while they were written"
    if left:
        raise SheetError(
            doing,
            saw,
            effect=Message("They were removed again, except where rows moved once more: {cells}.", cells=in_turn(left)),
            advice="Type in what those cells held (see the version history), then run `okrsync init --sheet` again.",
        )
    raise SheetError(
        doing,
        saw,
        effect="They were removed again.",
        advice="Run `okrsync init --sheet` again when the sheet is quiet.",
    )


def _withdrawn(columns: tuple[ColumnChange, ...], cells: list[CellWrite], after: SheetImage) -> Iterator[ColumnChange]:
    """Find the inserted columns by their headers, for deletion."""
    for insert in columns:
        tab = after.tabs.get(insert.tab, Tab(insert.tab))
        heads = [one.value for one in cells if one.tab == insert.tab][: insert.count]
        for row, found in enumerate(tab.rows):
            for column in range(len(found)):
                if [tab.cell(row, column + place).value for place in range(insert.count)] == heads:
                    yield ColumnChange(insert.tab, column, -insert.count)
                    break


def _left_of(one: CellWrite, withdrawn: tuple[ColumnChange, ...]) -> CellWrite | None:
    """Shift a write to its position after those columns are deleted; None for a cell in one of them."""
    for gone in withdrawn:
        if gone.tab == one.tab and one.column >= gone.column:
            return None if one.column < gone.column - gone.count else replace(one, column=one.column + gone.count)
    return one


def _left(proposal: Proposal, written: list[CellWrite], now: SheetImage) -> list[str]:
    """List cells that still have a written value which the tab did not contain before."""
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
        if any(_misplaced(tab, now, one) for one in tab.lookups):
            return True
    return False


def _misplaced(tab: TabProposal, now: Tab, one: NewLookup) -> bool:
    """Whether a lookup is in the wrong column, or in a row whose id has changed since planning."""
    key = tab.layout.columns.get("id")
    cell, head = now.cell(one.row, one.index), tab.layout.tab.cell(tab.layout.header_row, one.index)
    moved = key is not None and cell_id(now.cell(one.row, key)) != cell_id(tab.layout.tab.cell(one.row, key))
    if moved and one.row not in {new.row for new in tab.ids}:
        return True
    if one.column in tab.layout.columns and now.cell(tab.layout.header_row, one.index).value != head.value:
        return True
    return cell.formula is None or not same_formula(cell.formula, one.formula)


def _holds(after: SheetImage, one: CellWrite) -> bool:
    if one.tab not in after.tabs:
        return False
    cell = after.tabs[one.tab].cell(one.row, one.column)
    if one.formula:
        return cell.formula is not None and same_formula(cell.formula, one.formula)
    return cell.value == one.value


def _new_tabs(config: Config, proposal: Proposal) -> tuple[NewTab, ...]:
    """Return okrsync's own tab if it is missing; a formula that refers to a missing tab stays an error."""
    missing = proposal.own is not None and proposal.own.tab is None
    return (NewTab(config.workspace.okr_sheet.own_tab, protected=True),) if missing else ()


def _own_tab(config: Config, proposal: Proposal) -> list[CellWrite]:
    if proposal.own is None:
        return []
    begun = own_headers(proposal.own, config.workspace.language)
    begun += measure_cells(proposal.own, tuple(config.workspace.measures))
    return [CellWrite(change.tab, change.row, change.index, change.after) for change in begun]


def _inserted(proposal: Proposal) -> tuple[ColumnChange, ...]:
    """Return the columns to insert in a Google sheet, where cells filled meanwhile move right instead of being lost."""
    if proposal.own is None:
        return ()
    return tuple(
        ColumnChange(tab.layout.tab.title, min(tab.columns.values()), len(tab.columns))
        for tab in proposal.tabs
        if tab.columns
    )
