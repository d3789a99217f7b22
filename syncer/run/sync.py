"""Sync: read, plan, check, write, verify and record."""

from collections.abc import Callable
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from config.errors import LedgerError, SheetError, StaleSheetError, UnsafePlanError
from connectors.okr_sheet import SheetImage, SheetWriter
from syncer.compute.assess import Assessment, assess
from syncer.compute.basis import basis_of
from syncer.ledger.recall import Recall, recall
from syncer.ledger.records import Outcome, Run
from syncer.model.plan import Plan
from syncer.plan.guards import refused
from syncer.plan.renamed import headers_of
from syncer.run.backfill import fill_cycle_baselines, lacking_baselines
from syncer.run.last_run import recording_how_it_ends
from syncer.run.pipeline import RunReport, any_ledger, plan_of
from syncer.run.run_records import (
    cell_records,
    counts_of,
    new_run,
    record_figures,
    record_refused,
    record_run,
    unrecorded,
)
from syncer.run.same_sheet import require_same_sheet, sheet_after
from syncer.run.start import Options, Started
from syncer.run.write import write_plan
from syncer.sheet.open_sheet import open_writer
from syncer.sources.read_sources import SourceResults
from syncer.sources.reads import side_by_side

if TYPE_CHECKING:
    from syncer.ledger.ledger import Ledger

_PLANS = 3
"""How often a run plans at most: the sheet may change between reading and writing."""


def sync(
    started: Started, open_ledger: Callable[[], "AbstractContextManager[Ledger]"], fingerprint: Callable[[Plan], str]
) -> RunReport:
    """Plan, check, write, verify and record; plan again where the sheet was saved between reading and writing.

    Raises StaleSheetError (a reviewed plan is another today, or the sheet changed each time), SheetError, LedgerError.
    """
    with open_ledger() as ledger:
        for _ in range(_PLANS - 1 if started.options.only_plan is None else 0):
            with suppress(StaleSheetError):  # nothing was written
                return _recorded(started, ledger, fingerprint)
        return _recorded(started, ledger, fingerprint)


def _recorded(started: Started, ledger: "Ledger", fingerprint: Callable[[Plan], str]) -> RunReport:
    run = new_run(started.config, "sync", started.now, forced=started.options.force)
    with recording_how_it_ends(run, ledger) as ended:
        report = _sync(started, run, ledger, fingerprint)
        ended(report.outcome, report.plan.unknown, report.refusal, report.assessment.failures())
    return report


def _sync(started: Started, run: Run, ledger: "Ledger", fingerprint: Callable[[Plan], str]) -> RunReport:
    config, now, options = started.config, started.now, started.options
    context = replace(started.context, confirm_write=ledger.confirm_lease)  # a write may have to wait for quota
    with closing(open_writer(config, context, first=not ledger.runs(run.scope, 1))) as writer:
        image, known, observed = _read(started, run, ledger, writer)
        require_same_sheet(config, image, None if options.moved else known.sheet)
        basis = basis_of(config, image, any_ledger(known, options), now)
        seen = assess(basis, observed, now, started.read_options)
        plan = plan_of(seen, options)
        _require_reviewed(plan, options, fingerprint)
        run = replace(run, counts=counts_of(plan), headers=headers_of(seen.view.layouts))
        if unsafe := _refusal(plan, force=options.force):
            with suppress(LedgerError):  # why nothing was written matters more
                record_refused(run, seen, ledger)
            return RunReport(seen, plan, context.meter, refusal=unsafe)
        _note_arrival(seen, ledger)
        ledger.begin(run)
        report = RunReport(seen, plan, context.meter, run=run.id, forced=options.force)
        return _write_and_record(report, writer, ledger)


def _read(
    started: Started, run: Run, ledger: "Ledger", writer: SheetWriter
) -> tuple[SheetImage, Recall, SourceResults]:
    """Read the sheet when the sources have answered; what the ledger knows, and the figures, come while it is read."""
    config, now = started.config, started.now
    started.sources.await_answers()
    with side_by_side(1, "sheet") as beside:
        reading = beside.submit(writer.read)
        known = recall(config, ledger, run.scope, now)
        lacking = lacking_baselines(config, known, now)
        known = fill_cycle_baselines(config, started.context, known, lacking)
        observed, image = started.sources.result(), reading.result()
    return writer.read() if lacking else image, known, observed  # queries for baselines took their time


def _refusal(plan: Plan, *, force: bool) -> UnsafePlanError | None:
    standing = [refusal for refusal in plan.guards if not (force and refusal.lifted_by_force)]
    return refused(standing) if standing else None


def _require_reviewed(plan: Plan, options: Options, fingerprint: Callable[[Plan], str]) -> None:
    if options.only_plan is not None and fingerprint(plan) != options.only_plan:
        raise StaleSheetError(
            "applying a reviewed plan",
            "today's plan is different: the sheet, the config or the data changed",
            effect="Nothing was written.",
            advice="Run `okrsync dry-run --out FILE` again and review what changed.",
        )


def _note_arrival(seen: Assessment, ledger: "Ledger") -> None:
    """Record that the last write to the own tab arrived, even if that run was killed or got no answer."""
    if seen.view.own is not None and (stamp := seen.view.own.stamp) is not None:
        ledger.record_arrival(stamp.run)


def _write_and_record(report: RunReport, writer: SheetWriter, ledger: "Ledger") -> RunReport:
    """Write and verify, while the figures are recorded; a run that does not end well leaves them out of the history."""
    run, plan, seen = report.run, report.plan, report.assessment
    try:
        ledger.record_cells(run, cell_records(plan, run))
        with side_by_side(1, "ledger") as beside:
            recording = beside.submit(record_figures, run, seen, ledger)
            report = _write(report, writer)
    except (SheetError, OSError, KeyboardInterrupt) as error:
        outcome: Outcome = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
        with suppress(LedgerError):  # what happened to the sheet matters more
            ledger.finish(run, outcome, counts_of(plan), datetime.now(UTC))
        raise
    try:
        recording.result()
        sheet = sheet_after(seen.config, seen.image, plan, run)
        if sheet.sheet and sheet != seen.recall.sheet:
            ledger.record_sheet(sheet)
        record_run(run, seen, plan, "done" if report.complete else "partial", ledger)
    except LedgerError as error:
        if report.receipt is None:
            raise
        raise unrecorded(error, run, report.receipt.written) from error
    return report


def _write(report: RunReport, writer: SheetWriter) -> RunReport:
    """Write and verify the plan if there is anything to write."""
    if not report.plan.has_work:
        return report
    seen = report.assessment
    receipt = write_plan(writer, seen.image, report.plan, report.run, seen.config.workspace.okr_sheet)
    return replace(report, receipt=receipt)
