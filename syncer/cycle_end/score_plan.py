"""Writes the computed scores into the sheet: planned row by row, shown, confirmed, written and verified like a sync."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from config.errors import LedgerError, SheetError, StaleSheetError
from config.loading.loader import Config
from config.message import Message
from connectors.okr_sheet import SheetBatch, SheetImage, SheetWriter
from syncer.cycle_end.closed_cycle import ClosedKeyResult, Closing
from syncer.ledger.ledger import Ledger
from syncer.model.plan import CellChange, Figures, Line, Plan
from syncer.plan.make_plan import Allowed
from syncer.plan.rows import Wanted, plan_row
from syncer.run.journal import Keep
from syncer.run.open_cycles import require_open
from syncer.run.owed import Pending
from syncer.run.recording import cell_records
from syncer.run.repair import still_planned, write_plan
from syncer.run.run_records import new_run, unrecorded
from syncer.run.write import Receipt
from syncer.sheet.columns import header_of
from syncer.sheet.layout import Layout, SheetRow
from syncer.sheet.view import SheetView, view_sheet

COLUMN = "computed_score"


@dataclass(frozen=True, slots=True)
class ScoreJob:
    """The scores of one closing on their way into the sheet. `now` is in the workspace's zone."""

    config: Config
    closing: Closing
    now: datetime
    allowed: Allowed

    def plan(self, image: SheetImage) -> Plan:
        """The plan that writes every known score. Raises SheetError: a closed cycle, no column for them."""
        require_open("writing the scores", [self.config.workspace.cycle])
        view = view_sheet(image, self.config.workspace.okr_sheet)
        headers: tuple[CellChange, ...] = ()
        if self.config.workspace.okr_sheet.has_own_tab:
            view, headers = _with_column(self.config, view)
        elif not any(COLUMN in layout.columns for layout in view.layouts):
            raise SheetError(
                "writing the scores",
                Message("the sheet has no column '{header}'", header=header_of(COLUMN, self.config.workspace.language)),
                effect="Nothing was written.",
                advice=Message(
                    "Add a column with that header, or name yours in the config: okr_sheet.columns.{column}.",
                    column=COLUMN,
                ),
            )
        found = [_line(one, view, self.now.date(), self.allowed) for one in self.closing.key_results]
        lines = tuple(line for line in found if line is not None)
        cycle = self.config.workspace.cycle
        return Plan(
            title=image.title,
            cycle=cycle.name,
            now=self.now,
            day=cycle.days,
            days=cycle.days,
            lines=lines,
            headers=headers if any(line.changes for line in lines) else (),
            sheet_version=image.version,
            config_hash=self.config.hash,
        )

    def write(
        self, writer: SheetWriter, keep: Keep, ledger: Ledger, reviewed: Plan, fingerprint: Callable[[Plan], str]
    ) -> Receipt:
        """Read the sheet again, write exactly the reviewed plan, verify, record. Raises SheetError, LedgerError."""
        image = writer.read()
        plan = self.plan(image)
        if fingerprint(plan) != fingerprint(reviewed):
            raise StaleSheetError(
                "writing the scores",
                "the sheet changed since the plan was shown",
                effect="Nothing was written.",
                advice="Run `okrsync close --write-scores` again.",
            )
        run = new_run(self.config, "close", self.now)
        ledger.begin(run)
        ledger.record_cells(run.id, cell_records(plan, run.id))
        try:
            receipt = self._written(writer, keep, plan, Pending(run.id, image, SheetBatch(())))
        except (SheetError, OSError):
            ledger.finish(run.id, "failed", {}, datetime.now(UTC))
            raise
        try:
            ledger.finish(run.id, "done", {"change": len(plan.changes)}, datetime.now(UTC))
        except LedgerError as error:
            raise unrecorded(error, run.id, len(plan.changes)) from error
        return receipt

    def _written(self, writer: SheetWriter, keep: Keep, plan: Plan, seen: Pending) -> Receipt:
        def replan(now_there: SheetImage) -> Plan:
            return still_planned(self.plan(now_there), plan)

        receipt = write_plan(writer, seen, plan, replan, self.config.workspace.okr_sheet, keep)
        if receipt.wrong:
            raise SheetError("verifying the scores", "; ".join(receipt.wrong[:5]), advice="Look at these cells.")
        return receipt


def _line(one: ClosedKeyResult, view: SheetView, today: date, allowed: Allowed) -> Line | None:
    """Its line in the plan; None where it has no score, or no row of its own."""
    definition = one.state.definition
    find = view.row_of if view.data is None else view.data_row_of
    row = find(definition.id, definition.former_id)
    if one.score is None or row is None or definition.id in view.duplicates:
        return None
    wanted = Wanted(row.id, {}, {COLUMN: one.score})
    outcome = plan_row(row, wanted, view.base, allowed.permission(row.id), today)
    before = row.cell(COLUMN)
    return Line(
        row.id,
        definition.title or row.id,
        definition.objective,
        outcome.mark,
        Figures(before.value if before else None, one.state.progress.progress),
        Figures(one.score, one.state.progress.progress),
        outcome.changes,
        outcome.held,
        outcome.remember,
        place=f"{row.layout.tab.title}!{row.number}",
    )


def _with_column(config: Config, view: SheetView) -> tuple[SheetView, tuple[CellChange, ...]]:
    """The tab of okrsync's own with a column for scores; its header is written where it is not there yet."""
    data = view.data
    if data is None:
        raise SheetError(
            "writing the scores",
            Message("the sheet has no tab '{data_tab}' yet", data_tab=config.workspace.okr_sheet.own_tab),
            effect="Nothing was written.",
            advice="Run `okrsync sync` first.",
        )
    if COLUMN in data.columns:
        return view, ()
    index = max(data.columns.values()) + 1
    header = header_of(COLUMN, config.workspace.language)
    layout = Layout(data.tab, data.header_row, {**data.columns, COLUMN: index})
    rows = {key: SheetRow(layout, row.row, row.id) for key, row in (view.data_rows or {}).items()}
    change = CellChange("", COLUMN, data.tab.title, data.header_row, index, None, header)
    return replace(view, data=layout, data_rows=rows), (change,)
