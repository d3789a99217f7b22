"""Undo a run: restore its cells by id unless they were edited since; recorded, so that it can be undone as well."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum

from config.dataclass import dataclass
from config.errors import LedgerError, SheetError
from config.loading.loader import Config
from config.models import OkrSheet
from connectors.okr_sheet import Cell, CellValue, SheetImage
from connectors.registry import Context
from syncer.ledger.ledger import Ledger
from syncer.ledger.records import CellRecord, Outcome, Run, Scope
from syncer.model.cells import as_text, same
from syncer.model.plan import LINK_COLUMN, CellChange, Figures, Key, Line, Mark, Plan
from syncer.plan.new_rows import NewRows
from syncer.plan.stamp import stamped
from syncer.run.run_records import cell_records, new_run, unrecorded
from syncer.run.same_sheet import require_same_sheet, scope_of
from syncer.run.write import write_plan
from syncer.sheet.layout import SheetRow, find_history, history_layout, rows_of
from syncer.sheet.lookups import is_lookup, same_formula
from syncer.sheet.open_sheet import open_writer
from syncer.sheet.view import SheetView, view_sheet

UNDO = "undo"
LOOK_BACK_RUNS = 500
"""Number of runs searched for the earlier writer of a cell; beyond that, its value counts as a person's."""


class Keep(StrEnum):
    """Reason code of a cell that an undo leaves unchanged."""

    GONE = "gone"
    """Its row or its column is no longer in the sheet."""
    EDITED = "edited"
    """Its value is not the one that the run wrote."""
    ID = "id"
    """Ids are not taken back: people's rows refer to them."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A cell that an undo left unchanged, and why."""

    tab: str
    id: str
    column: str
    reason: Keep


@dataclass(frozen=True, slots=True)
class Undone:
    """Result of an undo: restored cells, and cells left unchanged with the reason.

    `unwritten` describes cells that read back with another value than was put back. If the undone run was an undo
    itself, `was_undo` is set, and `back` is the run whose values are in the sheet again; empty if no run in the ledger
    wrote them.
    """

    run: str
    restored: tuple[CellChange, ...]
    kept: tuple[Kept, ...]
    unwritten: tuple[str, ...] = ()
    was_undo: bool = False
    back: str = ""

    @property
    def complete(self) -> bool:
        """Whether every cell of the run was put back."""
        return not (self.kept or self.unwritten)


def undo_run(config: Config, context: Context, now: datetime, ledger: Ledger, run_id: str) -> Undone:
    """Undo a run, by default the last finished one that wrote. Raises LedgerError, SheetError."""
    scope = scope_of(config)
    target = ledger.run(run_id, scope) if run_id else _last(ledger, scope)
    records = ledger.cells(target.id)
    stated = config.workspace.okr_sheet
    writer = open_writer(config, replace(context, confirm_write=ledger.confirm_lease))
    try:
        image = writer.read()
        require_same_sheet(config, image, ledger.sheet(scope))
        view = view_sheet(image, stated)
        unwritten: tuple[str, ...] = ()
        changes, kept = _restorable(records, _rows(image, view, stated), view, stated)
        plan = replace(_plan_of(config, image, now, changes), has_own_tab=view.own is not None)
        if view.own is None:
            links = {(change.id, LINK_COLUMN) for change in changes if change.column == "source"}
            plan = replace(plan, forget=_theirs(ledger, target, changes) | links)  # the next sync links them again
        plan = stamped(plan, config, image, view, NewRows(view)) if view.own else plan
        run = new_run(config, UNDO, now)
        ledger.begin(run)
        ledger.record_cells(run.id, cell_records(plan, run.id))
        if changes:
            try:
                receipt = write_plan(writer, image, plan, run.id, stated)
            except SheetError:
                ledger.finish(run.id, "failed", {}, datetime.now(UTC))
                raise
            unwritten = receipt.wrong
            changes = changes[: receipt.written]
        try:
            outcome: Outcome = "partial" if kept or unwritten else "done"
            ledger.finish(run.id, outcome, {"change": len(changes)}, datetime.now(UTC))
        except LedgerError as error:
            if not changes:
                raise
            raise unrecorded(error, run.id, len(changes)) from error
    finally:
        writer.close()
    was_undo = target.command == UNDO
    back = _author(ledger, target, changes) if was_undo else ""
    return Undone(target.id, tuple(changes), tuple(kept), unwritten, was_undo, back)


def _plan_of(config: Config, image: SheetImage, now: datetime, changes: list[CellChange]) -> Plan:
    titles = config.workspace.okr_sheet.history_titles
    history = tuple(change for change in changes if change.tab in titles)
    rest = tuple(change for change in changes if change.tab not in titles)
    line = Line("", "", "", Mark.CHANGE, Figures(), Figures(), rest)
    cycle = config.workspace.cycle
    return Plan(
        image.title, cycle.name, now, 0, cycle.days, (line,), history=history, sheet_version=image.version
    )  # fmt: skip


def _theirs(ledger: Ledger, target: Run, changes: list[CellChange]) -> frozenset[Key]:
    """Return the cells whose value before the run was not okrsync's; the next sync must not overwrite them unasked."""
    open_keys = {(change.id, change.column): change.after for change in changes if change.after is not None}
    theirs = set(open_keys)
    for run in ledger.runs(target.scope, limit=LOOK_BACK_RUNS):
        if run.started_at >= target.started_at or not open_keys:
            continue
        for record in ledger.cells(run.id):
            key = (record.id, record.column)
            if key in open_keys and same(open_keys.pop(key), record.after):
                theirs.discard(key)
    return frozenset(theirs)


def _author(ledger: Ledger, target: Run, changes: list[CellChange]) -> str:
    """Return the latest run before `target`, other than an undo, that wrote the restored values; empty if none."""
    held = {(change.id, change.column): change.after for change in changes}
    for run in ledger.runs(target.scope, limit=LOOK_BACK_RUNS):
        if run.started_at < target.started_at and run.command != UNDO:
            written = {(record.id, record.column): record.after for record in ledger.cells(run.id)}
            if any(key in held and same(held[key], after) for key, after in written.items()):
                return run.id
    return ""


def _last(ledger: Ledger, scope: Scope) -> Run:
    for run in ledger.runs(scope):
        if run.outcome in ("done", "partial") and ledger.cells(run.id):
            return run
    raise LedgerError("looking for a run to undo", "the ledger has no run that wrote", advice="See `okrsync history`.")


_Rows = Mapping[tuple[str, str], SheetRow]


def _rows(image: SheetImage, view: SheetView, stated: OkrSheet) -> _Rows:
    """Return all rows of people's tabs, the own tab and the history tab, by tab and id."""
    rows = {(row.layout.tab.title, row.id): row for row in view.rows}
    rows.update({(row.layout.tab.title, key): row for key, row in (view.own.rows if view.own else {}).items()})
    history = find_history(image, stated)
    if history is not None:
        with suppress(SheetError):  # without its headers nothing of it can be put back, and each cell is named
            rows.update({(history.title, row.id): row for row in rows_of(history_layout(history))})
    return rows


def _restorable(
    records: list[CellRecord], rows: _Rows, view: SheetView, sheet: OkrSheet
) -> tuple[list[CellChange], list[Kept]]:
    changes, kept = [], []
    for record in records:
        row = rows.get((record.tab, record.id))
        cell = view.sheet_cell(row, record.column) if row and record.column in row.layout.columns else None
        if row is None or cell is None:
            kept.append(Kept(record.tab, record.id, record.column, Keep.GONE))
        elif cell.locked or not _holds(cell, record.after):
            kept.append(Kept(record.tab, record.id, record.column, Keep.EDITED))
        elif record.column in row.layout.keyed_by and len(row.layout.keyed_by) > 1:
            continue  # the week's line stays, without its figures; the next run fills it again
        elif record.column == "id" and sheet.has_own_tab and record.tab == sheet.own_tab:
            continue  # its row of okrsync's own tab stays, without its figures
        elif record.column == "id":
            kept.append(Kept(record.tab, record.id, record.column, Keep.ID))
        else:
            index, now = _index(view, row, record.column), cell.formula or cell.value
            changes.append(
                CellChange(
                    record.id, record.column, record.tab, row.row, index, now, record.before,
                    formula=is_lookup(as_text(record.before)),
                )
            )  # fmt: skip
    return changes, kept


def _holds(cell: Cell, written: CellValue) -> bool:
    """Whether a cell still has the written value; lookups are compared as formulas."""
    if cell.formula is not None:
        return is_lookup(as_text(written)) and same_formula(cell.formula, as_text(written))
    return same(cell.value, written)


def _index(view: SheetView, row: SheetRow, column: str) -> int:
    """Return the target position of a row's column."""
    own = view.own
    return own.columns[column] if own and row.layout is own.layout else row.layout.columns[column]
