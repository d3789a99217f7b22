"""Plan, write, verify and record the computed scores in the sheet."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

from config.dataclass import dataclass
from config.errors import LedgerError, SheetError, StaleSheetError
from config.loading.loader import Config
from config.message import Message, in_turn
from connectors.okr_sheet import SheetImage, SheetWriter
from syncer.cycle_end.close import ClosedKeyResult, Closing
from syncer.ledger.ledger import Ledger
from syncer.model.plan import Figures, Line, Plan
from syncer.plan.new_rows import NewRows, own_headers
from syncer.plan.own_tab_plan import own_change
from syncer.plan.rows import Allowed, RowOutcome, Wanted, mark_of, plan_row
from syncer.plan.stamp import stamped
from syncer.run.run_records import cell_records, new_run, unrecorded
from syncer.run.same_sheet import require_same_sheet, scope_of
from syncer.run.workspace import require_open
from syncer.run.write import Receipt, write_plan
from syncer.sheet.columns import header_of
from syncer.sheet.own_tab import OwnTab
from syncer.sheet.view import SheetView, view_sheet

COLUMN = "computed_score"


@dataclass(frozen=True, slots=True)
class ScoreJob:
    """Writes the scores of one closing. `now` is in the workspace's zone."""

    config: Config
    closing: Closing
    now: datetime
    allowed: Allowed

    def plan(self, image: SheetImage) -> Plan:
        """Build the plan that writes every known score. Raises SheetError for a closed cycle or a missing column."""
        require_open("writing the scores", [self.config.workspace.cycle])
        view = view_sheet(image, self.config.workspace.okr_sheet)
        if view.own is not None:
            _require_made(view.own)
        elif not any(COLUMN in layout.columns for layout in view.layouts):
            raise SheetError(
                "writing the scores",
                Message("the sheet has no column '{header}'", header=header_of(COLUMN, self.config.workspace.language)),
                effect="Nothing was written.",
                advice=Message(
                    "`okrsync init --sheet` adds it; or name yours in the config: okr_sheet.columns.{column}.",
                    column=COLUMN,
                ),
            )
        found = [_line(one, view, self.now.date(), self.allowed) for one in self.closing.key_results]
        lines = tuple(line for line in found if line is not None)
        cycle = self.config.workspace.cycle
        plan = Plan(
            title=image.title,
            cycle=cycle.name,
            now=self.now,
            day=cycle.days,
            days=cycle.days,
            lines=lines,
            own_cells=own_headers(view.own, self.config.workspace.language) if view.own and _any(lines) else (),
            sheet_version=image.version,
            config_hash=self.config.hash,
            has_own_tab=view.own is not None,
        )
        return stamped(plan, self.config, image, view, NewRows(view)) if view.own else plan

    def write(self, writer: SheetWriter, ledger: Ledger, reviewed: Plan, fingerprint: Callable[[Plan], str]) -> Receipt:
        """Read the sheet again and write the reviewed plan, if unchanged.

        Raises StaleSheetError, SheetError, LedgerError.
        """
        image = writer.read()
        require_same_sheet(self.config, image, ledger.sheet(scope_of(self.config)))
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
            receipt = self._written(writer, image, plan, run.id)
        except (SheetError, OSError):
            ledger.finish(run.id, "failed", {}, datetime.now(UTC))
            raise
        try:
            ledger.finish(run.id, "done", {"change": len(plan.changes)}, datetime.now(UTC))
        except LedgerError as error:
            raise unrecorded(error, run.id, len(plan.changes)) from error
        return receipt

    def _written(self, writer: SheetWriter, image: SheetImage, plan: Plan, run: str) -> Receipt:
        receipt = write_plan(writer, image, plan, run, self.config.workspace.okr_sheet)
        if receipt.wrong:
            raise SheetError("verifying the scores", in_turn(receipt.wrong[:5]), advice="Check these cells.")
        return receipt


def _line(one: ClosedKeyResult, view: SheetView, today: date, allowed: Allowed) -> Line | None:
    """Build the line of a key result; None without a score or a unique row."""
    definition = one.state.definition
    row = view.own_row_of(definition.id) if view.own else view.row_of(definition.id, definition.former_id)
    if one.score is None or row is None or definition.id in view.duplicates:
        return None
    wanted = Wanted(row.id, {}, {COLUMN: one.score})
    if view.own:
        change = own_change(view.own, row, wanted, COLUMN, one.score)
        changes = (change,) if change else ()
        outcome = RowOutcome(mark_of(changes, ()), changes, (), {})
    else:
        outcome = plan_row(row, wanted, view.base, allowed, today)
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
        place=row.place,
    )


def _any(lines: Sequence[Line]) -> bool:
    return any(line.changes for line in lines)


def _require_made(own: OwnTab) -> None:
    """Check that the own tab exists. Raises SheetError."""
    if not own.readable:
        raise SheetError(
            "writing the scores",
            Message("the sheet has no tab '{own_tab}' yet", own_tab=own.title),
            effect="Nothing was written.",
            advice="Run `okrsync sync` first.",
        )
