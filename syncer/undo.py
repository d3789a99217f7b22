"""Puts back what a run wrote, by id, wherever nobody edited since; recorded, and so undoable itself."""

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from config.errors import LedgerError, SheetError
from config.loader import Config
from connectors.okr_sheet import EMPTY
from connectors.registry import Context
from syncer.engine import key_of
from syncer.ledger import Ledger
from syncer.open_sheet import open_writer
from syncer.plan import CellChange, Figures, Line, Mark, Plan
from syncer.recording import cell_records
from syncer.records import CellRecord, Run, new_run_id
from syncer.sheet_view import SheetView, view_sheet
from syncer.three_way import same
from syncer.words import say
from syncer.write import make_batch, verify


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did: cells put back, and cells left alone with the reason."""

    run: str
    restored: tuple[str, ...]
    kept: tuple[str, ...]

    def lines(self, language: str) -> list[str]:
        """For people."""
        head = say(
            language,
            f"Undid run {self.run}: {len(self.restored)} cells put back, {len(self.kept)} left alone.",
            f"已復原執行 {self.run}：改回 {len(self.restored)} 格，保留 {len(self.kept)} 格。",
        )
        return [head, *(f"  {text}" for text in self.kept)]


def undo_run(config: Config, context: Context, now: datetime, ledger: Ledger, run_id: str) -> Undone:
    """Undo a run (the last finished one when `run_id` is empty). Raises LedgerError, SheetError."""
    workspace = key_of(config)
    target = ledger.run(run_id, workspace) if run_id else _last(ledger, workspace)
    records = ledger.cells(target.id)
    writer = open_writer(config, context)
    try:
        image = writer.read()
        view = view_sheet(image, config.workspace.okr_sheet)
        changes, kept = _restorable(records, view)
        line = Line("", "", "", Mark.CHANGE, Figures(), Figures(), tuple(changes))
        cycle = config.workspace.cycle
        plan = Plan(image.title, cycle.name, now, 0, cycle.days, (line,), sheet_version=image.version)
        run = Run(
            new_run_id(datetime.now(UTC)), workspace, "undo", datetime.now(UTC), now, config.hash, version("okrsync")
        )
        ledger.begin(run)
        ledger.record_cells(run.id, cell_records(plan, run.id))
        if changes:
            after = writer.write(make_batch(plan, view.base, run.id))
            if wrong := verify(plan, after, config.workspace.okr_sheet).wrong:
                ledger.finish(run.id, "failed", {}, datetime.now(UTC))
                raise SheetError("verifying the undo", "; ".join(wrong[:5]), advice="Look at these cells.")
        ledger.finish(run.id, "partial" if kept else "done", {"change": len(changes)}, datetime.now(UTC))
    finally:
        writer.close()
    return Undone(target.id, tuple(f"{change.id} {change.column}" for change in changes), tuple(kept))


def _last(ledger: Ledger, workspace: str) -> Run:
    for run in ledger.runs(workspace):
        if run.outcome in ("done", "partial") and ledger.cells(run.id):
            return run
    raise LedgerError("looking for a run to undo", "the ledger knows none that wrote", advice="See `okrsync history`.")


def _restorable(records: list[CellRecord], view: SheetView) -> tuple[list[CellChange], list[str]]:
    rows = {(row.layout.tab.title, row.id): row for row in view.rows}
    rows.update({(row.layout.tab.title, key): row for key, row in (view.data_rows or {}).items()})
    changes, kept = [], []
    for record in records:
        row = rows.get((record.tab, record.id))
        cell = row.cell(record.column) if row else None
        if row is None or cell is None:
            kept.append(f"{record.id} {record.column}: its row or column is gone")
        elif cell.locked or cell.formula or not same((cell or EMPTY).value, record.after):
            kept.append(f"{record.id} {record.column}: was edited since")
        elif record.column == "id":
            kept.append(f"{record.id} id: an id is not taken back; remove the row by hand if it should go")
        else:
            index = row.layout.columns[record.column]
            changes.append(
                CellChange(record.id, record.column, record.tab, row.row, index, cell.value, record.before)
            )  # fmt: skip
    return changes, kept
