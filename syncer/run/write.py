"""Write a plan as one atomic batch and verify the sheet in the response, cell by cell."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from config.dataclass import dataclass
from config.errors import SheetError, UncertainWriteError
from config.message import Message
from config.models import OkrSheet
from connectors.grids.a1 import cell_name
from connectors.okr_sheet import MEMORY_TAB, CellWrite, NewTab, SheetBatch, SheetImage, SheetWriter
from syncer.model.cells import as_text, same
from syncer.model.plan import CellChange, Plan
from syncer.plan.rows import VALUE_COLUMNS
from syncer.sheet.layout import Layout, SheetRow, history_layout, rows_of
from syncer.sheet.lookups import same_formula
from syncer.sheet.own_tab import STAMP_COLUMN, OwnTab, parse_stamp, read_own_tab
from syncer.sheet.view import last_written_cells, layout_of, read_last_written, view_sheet

_INSIDE_A_MERGE = "inside a merge"
_A_LOOKUP = Message("a lookup of okrsync's tab")


@dataclass(frozen=True, slots=True)
class Receipt:
    """Number of cells with the planned value, and descriptions of those that differ."""

    written: int
    wrong: tuple[str, ...] = ()


def write_plan(writer: SheetWriter, image: SheetImage, plan: Plan, run: str, stated: OkrSheet) -> Receipt:
    """Write a plan made from `image` in a single request and verify the response.

    If the response is lost, the sheet is read to see whether the write arrived. Nothing is sent twice: the next run
    plans from what it reads. What cannot be verified in the response is named in the receipt, as it was written.

    Raises:
        UncertainWriteError: no response, and the sheet does not contain the whole plan.
        SheetError: the write was refused.
    """
    plan = replace(plan, stamp=tuple(_signed(change, run) for change in plan.stamp))
    try:
        after = writer.write(make_batch(plan, image, run, stated))
    except UncertainWriteError as lost:
        after = _sheet_with(plan, writer, stated, lost)
    try:
        return verify(plan, _aligned(writer, after, stated), stated)
    except SheetError as error:
        return Receipt(0, (Message("{doing}: {saw}", doing=error.doing, saw=error.saw),))


def _sheet_with(plan: Plan, writer: SheetWriter, stated: OkrSheet, lost: UncertainWriteError) -> SheetImage:
    """Read the sheet after a write without a response. Raises `lost` unless it contains the whole plan."""
    try:
        after = writer.read()
        arrived = not verify(plan, after, stated).wrong
    except SheetError:
        raise lost from None
    if not arrived:
        raise lost
    return after


def _aligned(writer: SheetWriter, after: SheetImage, stated: OkrSheet) -> SheetImage:
    """Move columns of okrsync's own tab to where lookups expect them, if somebody moved columns meanwhile."""
    own = view_sheet(after, stated).own if stated.has_own_tab else None
    if own is None or all(own.columns[name] == index for name, index in own.layout.columns.items()):
        return after
    return writer.write(SheetBatch(tuple(_own_block(own))))


def _signed(change: CellChange, run: str) -> CellChange:
    """Put the run id into the stamp."""
    stamp = parse_stamp(as_text(change.after)) if change.column == STAMP_COLUMN else None
    return replace(change, after=replace(stamp, run=run).text) if stamp else change


def make_batch(plan: Plan, image: SheetImage, run: str, stated: OkrSheet) -> SheetBatch:
    """Build the whole plan as one atomic batch, for a local file including the memory tab.

    If any cell of the own tab or the history tab changes, the batch contains all cells of that tab, so that a row moved
    since the read cannot receive another row's value.
    """
    tabs: list[NewTab] = [NewTab(plan.new_tab, protected=True)] if plan.new_tab else []
    tabs += [NewTab(plan.history_tab)] if plan.history_tab else []
    cells = {
        (change.tab, change.row, change.index): CellWrite(
            change.tab,
            change.row,
            change.index,
            None if change.formula else change.after,
            percent=change.percent,
            link=change.link,
            formula=as_text(change.after) if change.formula else "",
            reset_format=plan.has_own_tab
            and not change.formula
            and change.tab in (stated.own_tab, *stated.history_titles),
        )
        for change in (*plan.changes, *plan.stamp)
    }
    cells |= {place: _unformatted(cells.get(place), *place) for place in _inserted_values(plan, image, stated)}
    memory: tuple[CellWrite, ...] = ()
    if plan.has_own_tab:
        written = {tab for tab, _, _ in cells} & image.tabs.keys()
        blocks = [_own_block(own)] if (own := view_sheet(image, stated).own) and stated.own_tab in written else []
        blocks += [
            _history_block(history_layout(image.tabs[title]), plan) for title in written & {*stated.history_titles}
        ]
        cells = {(one.tab, one.row, one.column): one for block in blocks for one in block} | cells
    else:
        base = read_last_written(image.tabs.get(MEMORY_TAB))
        memory_tabs, memory = last_written_cells(base, plan.remember, plan.forget, run)
        tabs += memory_tabs
    return SheetBatch(
        cells=(*cells.values(), *memory),
        inserts=plan.inserts,
        new_tabs=tuple(tabs),
        version=plan.sheet_version,
    )


def _inserted_values(plan: Plan, image: SheetImage, stated: OkrSheet) -> Iterator[tuple[str, int, int]]:
    """Yield (tab, row, column) of the value cells of rows inserted into people's tabs."""
    layouts = {layout.tab.title: layout for layout in view_sheet(image, stated).layouts} if plan.inserts else {}
    for insert in plan.inserts:
        for name in VALUE_COLUMNS & layouts[insert.tab].columns.keys() if insert.tab in layouts else ():
            for row in range(insert.row, insert.row + insert.count):
                yield insert.tab, row, layouts[insert.tab].columns[name]


def _unformatted(write: CellWrite | None, tab: str, row: int, column: int) -> CellWrite:
    """Remove the number format that a cell took from the row above, which may show another unit."""
    return replace(write or CellWrite(tab, row, column, None), reset_format=True)


def _own_block(own: OwnTab) -> Iterator[CellWrite]:
    """Return all cells of the own tab at their target positions; without headers, all cells are cleared."""
    tab = own.layout.tab
    for row, cells in enumerate(tab.rows):
        cleared = own.stale if own.readable else range(len(cells))
        yield from (CellWrite(tab.title, row, column, None) for column in cleared)
    if own.readable:
        yield from _block(own.layout, own.columns, lambda row: row)


def _history_block(layout: Layout, plan: Plan) -> Iterator[CellWrite]:
    """Return all cells of the history tab, shifted by the rows that the plan inserts."""
    inserts = [one for one in plan.inserts if one.tab == layout.tab.title]
    yield from _block(layout, layout.columns, lambda row: row + sum(one.count for one in inserts if one.row <= row))


def _block(layout: Layout, columns: Mapping[str, int], moved: Callable[[int], int]) -> Iterator[CellWrite]:
    for row in range(len(layout.tab.rows)):
        for name, index in layout.columns.items():
            cell = layout.tab.cell(row, index)
            if cell.locked is None:
                value = None if cell.formula else cell.value
                yield CellWrite(
                    layout.tab.title, moved(row), columns[name], value, percent=cell.percent, reset_format=True
                )


def verify(plan: Plan, after: SheetImage, stated: OkrSheet) -> Receipt:
    """Find every changed row by id and compare each written cell and the memory tab with the plan.

    Raises SheetError if a tab has no header row any more.
    """
    rows = _rows_by_id(plan, after, stated)
    wrong: list[str] = [
        Message(
            "{id} {column}: wanted {wanted}, found {found}",
            id=change.id,
            column=change.column,
            wanted=_A_LOOKUP if change.formula else Message("'{text}'", text=as_text(change.after)),
            found=found,
        )
        for change in plan.changes
        if change.id and (found := _difference(change, rows)) is not None
    ]
    written = len(plan.changes) - len(wrong)
    wrong += [
        Message(
            "{place}: wanted '{wanted}'",
            place=f"{change.tab}!{cell_name(change.row, change.index)}",
            wanted=as_text(change.after),
        )
        for change in plan.stamp
        if not _holds_stamp(change, rows, after)
    ]
    known = read_last_written(after.tabs.get(MEMORY_TAB)).values
    wrong += [
        Message("{id} {column}: not recorded as '{value}'", id=key, column=column, value=as_text(value))
        for (key, column), value in sorted(plan.remember.items())
        if (key, column) not in known or not same(known[key, column], value)
    ]
    return Receipt(written, tuple(wrong))


def _rows_by_id(plan: Plan, after: SheetImage, stated: OkrSheet) -> Mapping[tuple[str, str], SheetRow]:
    """Return the rows of every changed tab by id; the upper one of duplicates, as in lookups."""
    titles = sorted({change.tab for change in (*plan.changes, *plan.stamp) if change.id} & after.tabs.keys())
    rows = (row for title in titles for row in reversed(_rows_of(after, title, stated)))
    return {(row.layout.tab.title, row.id): row for row in rows}


def _rows_of(after: SheetImage, title: str, stated: OkrSheet) -> tuple[SheetRow, ...]:
    if stated.has_own_tab and title == stated.own_tab:
        return tuple(read_own_tab(after, stated).rows.values())
    return rows_of(layout_of(after, title, stated))


def _holds_stamp(change: CellChange, rows: Mapping[tuple[str, str], SheetRow], after: SheetImage) -> bool:
    """Whether the stamp's cell has the planned value, found by its row's id, else by its position."""
    if change.id:
        return _difference(change, rows) is None
    tab = after.tabs.get(change.tab)
    return tab is not None and same(tab.cell(change.row, change.index).value, change.after)


def _difference(change: CellChange, rows: Mapping[tuple[str, str], SheetRow]) -> str | None:
    row = rows.get((change.tab, change.id))
    if row is None:
        return Message("no row with that id")
    cell = row.cell(change.column)
    if cell is None:
        return Message("no such column any more")
    if cell.locked == _INSIDE_A_MERGE:
        return Message("the cell inside a merge in row {row}", row=row.number)
    if change.formula:
        right = cell.formula is not None and same_formula(cell.formula, as_text(change.after))
    else:
        right = same(cell.value, change.after)
    shown = cell.formula or cell.error or as_text(cell.value)
    return None if right else Message("'{shown}' in row {row}", shown=shown, row=row.number)
