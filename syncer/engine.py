"""The one pipeline: read sources, read the sheet, compute, plan, check, write and verify, record, report."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from config.errors import SheetError, StaleSheetError, UncertainWriteError, UnsafePlanError
from config.loader import Config
from connectors.http import Meter
from connectors.okr_sheet import SheetWriter
from connectors.registry import Context
from syncer.make_plan import Allowed, Computed, make_plan
from syncer.open_sheet import open_reader, open_writer, sheet_name
from syncer.plan import Mark, Plan
from syncer.recording import cell_records, reading_records, value_records
from syncer.records import Outcome, Run, new_run_id, workspace_key
from syncer.sheet_view import view_sheet
from syncer.survey import Survey, survey
from syncer.write import Receipt, make_batch, verify

if TYPE_CHECKING:
    from syncer.ledger import Ledger

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
    refusal: UnsafePlanError | None = None
    """Why the guards let nothing be written."""

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
    ledger: "Ledger",
    fingerprint: Callable[[Plan], str],
) -> RunReport:
    """Plan, check, write, verify and record. Raises StaleSheetError, SheetError, LedgerError."""
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
        if refusal := _refusal(plan, force=options.force):
            return RunReport(seen, plan, context.meter, refusal=refusal)
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


def _refusal(plan: Plan, *, force: bool) -> UnsafePlanError | None:
    standing = [refusal for refusal in plan.guards if not (force and refusal.lifted_by_force)]
    return UnsafePlanError([refusal.reason for refusal in standing]) if standing else None


def _require_reviewed(plan: Plan, options: Options, fingerprint: Callable[[Plan], str]) -> None:
    if options.only_plan is not None and fingerprint(plan) != options.only_plan:
        raise StaleSheetError(
            "applying a reviewed plan",
            "today's plan is another one: the sheet, the config or the readings moved on",
            effect="Nothing was written.",
            advice="Run `okrsync dry-run --out FILE` again and review what changed.",
        )


def _write(report: RunReport, writer: SheetWriter, options: Options, ledger: "Ledger") -> RunReport:
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


def _record(report: RunReport, ledger: "Ledger") -> None:
    ledger.record_readings(reading_records(report.survey, report.run))
    ledger.record_values(value_records(report.survey, report.run))
    outcome: Outcome = "done" if report.complete else "partial"
    ledger.finish(report.run, outcome, counts_of(report.plan), datetime.now(UTC))


def key_of(config: Config) -> str:
    """The workspace's key in the ledger and for its lock."""
    return workspace_key(sheet_name(config), config.workspace.okr_sheet.tabs, config.workspace.cycle.name)


def counts_of(plan: Plan) -> dict[str, int]:
    """How many key results have each mark."""
    return {mark.value: plan.count(mark) for mark in Mark}
