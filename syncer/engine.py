"""The one pipeline: read sources, read the sheet, compute, plan, check, write and verify, record, report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version

from config.errors import SheetError, StaleSheetError, UncertainWriteError, UnsafePlanError
from config.loader import Config
from connectors.base import Reading
from connectors.http import Meter
from connectors.okr_sheet import SheetWriter
from connectors.registry import Context
from syncer.ledger import Ledger
from syncer.make_plan import Allowed, Computed, make_plan
from syncer.open_sheet import open_reader, open_writer, sheet_name
from syncer.plan import Mark, Plan
from syncer.records import CellRecord, Outcome, ReadingRecord, Run, ValueRecord, new_run_id, workspace_key
from syncer.sheet_view import view_sheet
from syncer.survey import Survey, survey
from syncer.write import Receipt, make_batch, verify

ROUNDS = 2
"""How often a run plans anew after a write whose answer never came."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a person asked of one run."""

    allowed: Allowed = field(default_factory=Allowed)
    force: bool = False
    only_plan: str | None = None
    """The fingerprint of a plan that was reviewed: apply exactly that, or refuse."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """What one run saw, planned and did. `receipt` is None when nothing was written."""

    survey: Survey
    plan: Plan
    meter: Meter
    receipt: Receipt | None = None
    run: str = ""
    forced: bool = False

    @property
    def complete(self) -> bool:
        """Whether every key result is known and none is in conflict."""
        return not self.plan.unknown and not self.plan.count(Mark.CONFLICT, Mark.ADOPT)


def dry_run(config: Config, context: Context, now: datetime, options: Options) -> RunReport:
    """The plan, with nothing at hand that could write. Raises SheetError."""
    reader = open_reader(config, context)
    try:
        seen = survey(config, reader, context, now)
    finally:
        reader.close()
    return RunReport(seen, _plan(seen, options), context.meter)


def sync(
    config: Config,
    context: Context,
    now: datetime,
    options: Options,
    ledger: Ledger,
    fingerprint: Callable[[Plan], str],
) -> RunReport:
    """Plan, check, write, verify and record. Raises UnsafePlanError, StaleSheetError, SheetError, LedgerError."""
    run = Run(
        id=new_run_id(datetime.now(UTC)),
        workspace=key_of(config),
        command="sync",
        started_at=datetime.now(UTC),
        now=now,
        config_hash=config.hash,
        version=version("okrsync"),
        forced=options.force,
    )
    writer = open_writer(config, context)
    try:
        seen = survey(config, writer, context, now)
        plan = _plan(seen, options)
        _require_reviewed(plan, options, fingerprint)
        _require_safe(plan, force=options.force)
        ledger.begin(replace(run, counts=counts_of(plan)))
        report = RunReport(seen, plan, context.meter, run=run.id, forced=options.force)
        try:
            report = _write(report, writer, options, ledger)
        except (SheetError, OSError, KeyboardInterrupt) as error:
            outcome: Outcome = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
            ledger.finish(run.id, outcome, counts_of(plan), datetime.now(UTC))
            raise
        _record(report, ledger)
        return report
    finally:
        writer.close()


def _plan(seen: Survey, options: Options) -> Plan:
    computed = Computed(seen.key_results, seen.objectives, seen.now)
    return make_plan(seen.config, seen.image, seen.view, computed, options.allowed)


def _require_safe(plan: Plan, *, force: bool) -> None:
    standing = [refusal for refusal in plan.guards if not (force and refusal.lifted_by_force)]
    if standing:
        raise UnsafePlanError([refusal.reason for refusal in standing])


def _require_reviewed(plan: Plan, options: Options, fingerprint: Callable[[Plan], str]) -> None:
    if options.only_plan is not None and fingerprint(plan) != options.only_plan:
        raise StaleSheetError(
            "applying a reviewed plan",
            "today's plan is another one: the sheet, the config or the readings moved on",
            effect="Nothing was written.",
            advice="Run `okrsync dry-run --out FILE` again and review what changed.",
        )


def _write(report: RunReport, writer: SheetWriter, options: Options, ledger: Ledger) -> RunReport:
    """Write and verify. A write whose answer never came is not sent again: read, plan, write what is still missing."""
    for left in reversed(range(ROUNDS)):
        if not report.plan.has_work:
            return report
        ledger.record_cells(report.run, cell_records(report.plan, report.run))
        try:
            after = writer.write(make_batch(report.plan, report.survey.view.base, report.run))
        except UncertainWriteError:
            if not left:
                raise
            report = _planned_anew(report, writer, options)
            continue
        receipt = verify(report.plan, after, report.survey.config.workspace.okr_sheet)
        if receipt.wrong:
            raise SheetError(
                "verifying the write",
                f"{len(receipt.wrong)} cells do not hold what was planned: {'; '.join(receipt.wrong[:5])}",
                effect=f"{receipt.written - len(receipt.wrong)} cells were written as planned.",
                advice="Somebody edited the sheet during the run; look at these cells and run `okrsync sync` again.",
            )
        return replace(report, receipt=receipt)
    return report


def _planned_anew(report: RunReport, writer: SheetWriter, options: Options) -> RunReport:
    image = writer.read()
    seen = replace(report.survey, image=image, view=view_sheet(image, report.survey.config.workspace.okr_sheet))
    return replace(report, survey=seen, plan=_plan(seen, options))


def cell_records(plan: Plan, run: str) -> list[CellRecord]:
    """The cells a run sets out to write, for the ledger."""
    return [
        CellRecord(run, change.tab, change.id, change.column, change.before, change.after)
        for change in plan.changes
        if change.id
    ]


def _record(report: RunReport, ledger: Ledger) -> None:
    ledger.record_readings(reading_records(report))
    ledger.record_values(value_records(report))
    outcome: Outcome = "done" if report.complete else "partial"
    ledger.finish(report.run, outcome, counts_of(report.plan), datetime.now(UTC))


def key_of(config: Config) -> str:
    """The workspace's key in the ledger and for its lock."""
    return workspace_key(sheet_name(config), config.workspace.okr_sheet.tabs, config.workspace.cycle.name)


def counts_of(plan: Plan) -> dict[str, int]:
    """How many key results have each mark."""
    return {mark.value: plan.count(mark) for mark in Mark}


def reading_records(report: RunReport) -> Sequence[ReadingRecord]:
    """The readings of a run for the ledger."""
    survey_ = report.survey
    records = []
    for key, answer in sorted(survey_.answers.items()):
        names = tuple(sorted(name for name, read in survey_.planned.read_of.items() if read == key))
        source = survey_.config.measures[names[0]]
        good = answer if isinstance(answer, Reading) else None
        records.append(
            ReadingRecord(
                run=report.run,
                measures=names,
                connection=source.connection,
                table=source.table,
                asked=good.asked if good else str(dict(answer.read.query)),
                count=good.count if good else None,
                read_at=good.read_at if good else survey_.now,
                ids=good.ids if good else (),
                error=None if isinstance(answer, Reading) else str(answer.error),
            )
        )
    return records


def value_records(report: RunReport) -> Sequence[ValueRecord]:
    """The key results of a run for the ledger."""
    now = report.survey.now
    return [
        ValueRecord(
            run=report.run,
            day=now.date(),
            at=now,
            key_result=state.definition.id,
            value=state.current if isinstance(state.current, Decimal) else None,
            progress=state.progress.progress,
            raw=state.progress.raw,
            expected=state.expected,
            status=state.status.value,
            reason=state.reason,
            source=state.source,
        )
        for state in report.survey.key_results
    ]
