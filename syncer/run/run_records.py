"""A run in the ledger: begun, recorded, refused, or lost by a ledger that failed. Imported with a ledger only."""

from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from config.errors import LedgerError
from config.loading.loader import Config
from config.message import Message
from syncer.compute.assess import Assessment
from syncer.ledger.records import BACKFILLED_DAY, Outcome, Run, new_run_id, workspace_key
from syncer.model.plan import Mark, Plan
from syncer.run.recording import check_ins, measure_records, reading_records, value_records
from syncer.sheet.open_sheet import sheet_name

if TYPE_CHECKING:
    from syncer.ledger.ledger import Ledger


def key_of(config: Config) -> str:
    """The workspace's key in the ledger and for its lock."""
    return workspace_key(sheet_name(config), config.workspace.okr_sheet.tabs, config.workspace.cycle.name)


def new_run(config: Config, command: str, now: datetime, *, forced: bool = False) -> Run:
    """A run that begins at this moment; `now` is the workspace's clock."""
    started = datetime.now(UTC)
    return Run(
        id=new_run_id(started),
        workspace=key_of(config),
        command=command,
        started_at=started,
        now=now,
        config_hash=config.hash,
        version=version("okrsync"),
        forced=forced,
    )


def counts_of(plan: Plan) -> dict[str, int]:
    """How many key results have each mark."""
    return {mark.value: plan.count(mark) for mark in Mark}


def record_run(run: str, seen: Assessment, plan: Plan, outcome: Outcome, ledger: "Ledger") -> None:
    """What a run saw, kept as long as `retention` says. Raises LedgerError."""
    retention = seen.config.workspace.retention
    ledger.record_readings(reading_records(seen, run))
    ledger.record_measures(measure_records(seen, run))
    ledger.record_values(value_records(seen, run))
    ledger.record_check_ins(check_ins(seen, run))
    if not seen.recall.this_morning:
        ledger.prune(ids_days=retention.ids, rows_days=retention.rows, now=seen.now)
    _record_starts(seen, ledger)
    ledger.finish(run, outcome, counts_of(plan), datetime.now(UTC))


def _record_starts(seen: Assessment, ledger: "Ledger") -> None:
    """Values at the start of the cycle that this run asked for, so that the next one need not ask again."""
    if not seen.recall.starts:
        return
    run = new_run(seen.config, BACKFILLED_DAY, min(record.at for record in seen.recall.starts))
    ledger.begin(run)
    ledger.record_values([replace(record, run=run.id) for record in seen.recall.starts])
    ledger.finish(run.id, "done", {}, datetime.now(UTC))


def record_refused(run: Run, seen: Assessment, ledger: "Ledger") -> None:
    """A run that the guards refused: what people said is kept, and no number that the guards did not believe."""
    ledger.begin(run)
    ledger.record_check_ins(check_ins(seen, run.id))
    ledger.finish(run.id, "refused", run.counts, datetime.now(UTC))


def unrecorded(error: LedgerError, run: str, written: int) -> LedgerError:
    """The fault of a ledger that failed after cells were written and verified, telling both."""
    effect = Message(
        "The sheet was written before that ({written} cells, verified); only the history lacks run {run}, so forecasts "
        "and `history` miss it. The next run goes on.",
        written=written,
        run=run,
    )
    return LedgerError(error.doing, error.saw, effect=effect, advice=error.advice)
