"""The pipeline of a run: read sources and sheet, compute, plan, check, write, verify, record, report."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from config.dataclass import dataclass
from config.errors import LedgerError, SheetError, StaleSheetError, UnsafePlanError
from connectors.http import Meter
from connectors.okr_sheet import SheetImage, SheetWriter
from connectors.protocol import Reading
from syncer.compute.assess import Assessment, assess
from syncer.ledger.recall import Recall, recall, recall_read_only
from syncer.ledger.records import Outcome, Run, SyncOutcome
from syncer.model.plan import Mark, Plan
from syncer.plan.guards import refused
from syncer.plan.make_plan import Computed, make_plan
from syncer.plan.notes import id_notes, shared_counts
from syncer.plan.renamed import headers_of, renamed_headers
from syncer.plan.rows import Allowed
from syncer.plan.source_links import SourceLink, source_links
from syncer.run.backfill import fill_cycle_baselines
from syncer.run.last_run import recording_how_it_ends
from syncer.run.run_records import (
    cell_records,
    counts_of,
    new_run,
    record_refused,
    record_run,
    unrecorded,
)
from syncer.run.same_sheet import require_same_sheet, scope_of, sheet_after
from syncer.run.start import Options, Started
from syncer.run.write import Receipt, write_plan
from syncer.sheet.open_sheet import open_writer
from syncer.sheet.preview_ids import with_ids

if TYPE_CHECKING:
    from syncer.ledger.ledger import Ledger


_PLANS = 3
"""How often a run plans at most: the sheet may change between reading and writing."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """Inputs, plan and result of one run. `receipt` is None if nothing was written."""

    assessment: Assessment
    plan: Plan
    meter: Meter
    receipt: Receipt | None = None
    run: str = ""
    forced: bool = False
    refusal: UnsafePlanError | None = None
    """Why the guards refused the plan."""

    @property
    def failed(self) -> bool:
        """Whether a source could not be read, or a cell reads back otherwise than written."""
        return bool(self.assessment.failures()) or (self.receipt is not None and bool(self.receipt.wrong))

    @property
    def complete(self) -> bool:
        """Whether nothing failed, every key result is known and none is in conflict."""
        return not self.failed and not self.plan.unknown and not self.plan.count(Mark.CONFLICT, Mark.ADOPT)

    @property
    def outcome(self) -> SyncOutcome:
        """How the run ended."""
        if self.refusal is not None:
            return SyncOutcome.REFUSED
        return SyncOutcome.SYNCED if self.complete else SyncOutcome.INCOMPLETE


def dry_run(started: Started, sheet: Future[SheetImage]) -> RunReport:
    """Plan without writing to the sheet that is being read. Raises SheetError."""
    config, context, now, options = started.config, started.context, started.now, started.options
    known = recall_read_only(config, scope_of(config), now, as_of=options.as_of)
    known = known if options.as_of else fill_cycle_baselines(config, context, known, now)
    image = sheet.result()
    require_same_sheet(config, image, None if options.moved else known.sheet)
    preview = with_ids(config, image)
    observed = started.sources.result()
    seen = assess(config, preview.image, observed, now, started.read_options, _any_ledger(known, options))
    plan = _plan(seen, options)
    return RunReport(seen, replace(plan, notes=(*plan.notes, *id_notes(preview))), context.meter)


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
        known = fill_cycle_baselines(config, context, recall(config, ledger, run.scope, now), now)
        observed = started.sources.result()
        image = writer.read()  # last, right before the write
        require_same_sheet(config, image, None if options.moved else known.sheet)
        seen = assess(config, image, observed, now, started.read_options, _any_ledger(known, options))
        plan = _plan(seen, options)
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


def _any_ledger(known: Recall, options: Options) -> Recall:
    """Return the history, without the runs by which another ledger is found out where the workspace has moved."""
    return replace(known, run_ids=None) if options.moved else known


def _note_arrival(seen: Assessment, ledger: "Ledger") -> None:
    """Record that the last write to the own tab arrived, even if that run was killed or got no answer."""
    if seen.view.own is not None and (stamp := seen.view.own.stamp) is not None:
        ledger.record_arrival(stamp.run)


def _write_and_record(report: RunReport, writer: SheetWriter, ledger: "Ledger") -> RunReport:
    run, plan = report.run, report.plan
    try:
        ledger.record_cells(run, cell_records(plan, run))
        report = _write(report, writer)
    except (SheetError, OSError, KeyboardInterrupt) as error:
        outcome: Outcome = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
        with suppress(LedgerError):  # what happened to the sheet matters more
            ledger.finish(run, outcome, counts_of(plan), datetime.now(UTC))
        raise
    seen = report.assessment
    try:
        sheet = sheet_after(seen.config, seen.image, plan, run)
        if sheet.sheet and sheet != seen.recall.sheet:
            ledger.record_sheet(sheet)
        record_run(run, seen, plan, "done" if report.complete else "partial", ledger)
    except LedgerError as error:
        if report.receipt is None:
            raise
        raise unrecorded(error, run, report.receipt.written) from error
    return report


def _plan(seen: Assessment, options: Options) -> Plan:
    computed = Computed(seen.key_results, seen.objectives, seen.now, _links(seen), _warnings(seen))
    plan = make_plan(seen.config, seen.image, seen.view, computed, Allowed(options.adopt, options.overwrite))
    plan = replace(plan, notes=(*plan.notes, *shared_counts(_shared(seen))))
    return replace(plan, guards=(*renamed_headers(seen.recall.headers, seen.view.layouts), *plan.guards))


def _warnings(seen: Assessment) -> list[tuple[str, str]]:
    """Return (measures, warning): those of a shared reading once, under all its measures, and those of each value."""
    found: list[tuple[str, str]] = []
    for key, names in sorted(seen.planned.names_of().items()):
        answer = seen.answers.get(key)
        shared = answer.warnings if isinstance(answer, Reading) else ()
        found += [(seen.config.name_measures(sorted(names)), text) for text in shared]
        for name in sorted(names):
            found += [(seen.config.name_measures([name]), text) for text in seen.results[name].warnings]
    return found


def _shared(seen: Assessment) -> list[tuple[str, str]]:
    """Return (measure, for whom it was counted) of counts that another workspace got."""
    found = []
    for key, names in sorted(seen.planned.names_of().items()):
        if isinstance(answer := seen.answers.get(key), Reading) and answer.shared:
            found += [(name, answer.shared) for name in sorted(names)]
    return found


def _links(seen: Assessment) -> Mapping[str, SourceLink]:
    """Return the link of each key result's query, by id."""
    answers = {name: seen.answers[key] for name, key in seen.planned.read_of.items() if key in seen.answers}
    return source_links(seen.config, [state.definition for state in seen.key_results], answers, seen.image.tab_links)


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


def _write(report: RunReport, writer: SheetWriter) -> RunReport:
    """Write and verify the plan if there is anything to write."""
    if not report.plan.has_work:
        return report
    seen = report.assessment
    receipt = write_plan(writer, seen.image, report.plan, report.run, seen.config.workspace.okr_sheet)
    return replace(report, receipt=receipt)
