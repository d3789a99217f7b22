"""A plan as one batch, and the receipt: what the sheet holds after, checked cell by cell against the plan."""

from collections.abc import Mapping
from dataclasses import dataclass

from config.models import OkrSheet
from connectors.grids.a1 import cell_name
from connectors.okr_sheet import MEMORY_TAB, CellValue, CellWrite, NewTab, SheetBatch, SheetImage
from syncer.model.cells import as_text, same
from syncer.model.plan import CellChange, Key, Plan
from syncer.run.columns import INSIDE_A_MERGE
from syncer.run.owed import Owed
from syncer.sheet.last_written import LastWritten, last_written_cells, read_last_written
from syncer.sheet.layout import SheetRow, rows_of
from syncer.sheet.view import layout_of


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a write did, verified against the answer of the write itself.

    Attributes:
        written: how many cells hold what the plan said.
        wrong: those that do not, with what they hold: somebody took their row or column away meanwhile.
        put_back: cells that were hit because people moved rows or columns meanwhile, and hold what they held again.
        moved: whether some row or column was not where it was written.
    """

    written: int
    wrong: tuple[str, ...] = ()
    put_back: tuple[Owed, ...] = ()
    moved: bool = False


def make_batch(plan: Plan, base: LastWritten, run: str, mark: Mapping[Key, CellValue]) -> SheetBatch:
    """The whole plan, the base included, as one atomic batch; `mark` is remembered besides."""
    tabs: list[NewTab] = [NewTab(plan.new_tab, protected=True)] if plan.new_tab else []
    tabs += [NewTab(plan.history_tab)] if plan.history_tab else []
    base_tabs, base_cells = last_written_cells(base, {**plan.remember, **mark}, plan.forget, run)
    cells = [
        CellWrite(change.tab, change.row, change.index, change.after, percent=change.percent, link=change.link)
        for change in (*plan.changes, *plan.stamp)
    ]
    return SheetBatch(
        cells=(*cells, *base_cells),
        inserts=plan.inserts,
        new_tabs=(*tabs, *base_tabs),
        version=plan.sheet_version,
    )


def verify(plan: Plan, after: SheetImage, stated: OkrSheet) -> Receipt:
    """Find every changed row by its id, wherever it stands now; compare each written cell, and what the base knows.

    Raises SheetError: a tab or its header row is not to be found any more.
    """
    rows = _rows_by_id(plan, after, stated)
    wrong = [
        f"{change.id} {change.column}: wanted '{as_text(change.after)}', found {found}"
        for change in plan.changes
        if change.id and (found := _difference(change, rows)) is not None
    ]
    moved = any(change.id and not _in_place(change, rows) for change in (*plan.changes, *plan.stamp))
    written = len(plan.changes) - len(wrong)
    wrong += [
        f"{change.tab}!{cell_name(change.row, change.index)}: wanted '{as_text(change.after)}'"
        for change in plan.stamp
        if not _stands(change, rows, after)
    ]
    known = read_last_written(after.tabs.get(MEMORY_TAB)).values
    wrong += [
        f"{key} {column}: the base does not remember '{as_text(value)}'"
        for (key, column), value in sorted(plan.remember.items())
        if (key, column) not in known or not same(known[key, column], value)
    ]
    return Receipt(written, tuple(wrong), moved=moved)


def _rows_by_id(plan: Plan, after: SheetImage, stated: OkrSheet) -> Mapping[tuple[str, str], SheetRow]:
    titles = sorted({change.tab for change in (*plan.changes, *plan.stamp) if change.id})
    layouts = [layout_of(after.tabs[title], stated) for title in titles if title in after.tabs]
    return {(layout.tab.title, row.id): row for layout in layouts for row in rows_of(layout)}


def _in_place(change: CellChange, rows: Mapping[tuple[str, str], SheetRow]) -> bool:
    row = rows.get((change.tab, change.id))
    return row is not None and (row.row, row.layout.columns.get(change.column)) == (change.row, change.index)


def _stands(change: CellChange, rows: Mapping[tuple[str, str], SheetRow], after: SheetImage) -> bool:
    """Whether the cell that says when okrsync last wrote holds that: by its row's id, else by its place."""
    if change.id:
        return _difference(change, rows) is None
    tab = after.tabs.get(change.tab)
    return tab is not None and same(tab.cell(change.row, change.index).value, change.after)


def _difference(change: CellChange, rows: Mapping[tuple[str, str], SheetRow]) -> str | None:
    row = rows.get((change.tab, change.id))
    if row is None:
        return "no row with that id"
    cell = row.cell(change.column)
    if cell is None:
        return "no such column any more"
    if cell.locked == INSIDE_A_MERGE:
        return f"it inside a merge in row {row.number}"
    return None if same(cell.value, change.after) else f"'{as_text(cell.value)}' in row {row.number}"
