"""Record a run in the ledger: readings, measures, values, check-ins, cells and outcome."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from config.errors import LedgerError
from config.loading.loader import Config
from config.message import Message
from connectors.protocol import ReadError, Reading
from syncer.compute.assess import Assessment
from syncer.compute.with_history import value_record
from syncer.ledger.records import (
    BACKFILLED_DAY,
    CellRecord,
    CheckIn,
    MeasureRecord,
    Outcome,
    ReadingRecord,
    Run,
    ShownRow,
    ValueRecord,
    new_run_id,
)
from syncer.model.plan import Mark, Plan
from syncer.run.same_sheet import scope_of
from syncer.sources.evaluate import TracedRow
from syncer.version import installed_version

if TYPE_CHECKING:
    from syncer.ledger.ledger import Ledger


def cell_records(plan: Plan, run: str) -> list[CellRecord]:
    """Build the records of the cells that a run is about to write."""
    return [
        CellRecord(run, change.tab, change.id, change.column, change.before, change.after)
        for change in plan.changes
        if change.id and not (change.formula and change.before is None)
    ]


def reading_records(seen: Assessment, run: str) -> Sequence[ReadingRecord]:
    """Build the records of the readings of a run; measures whose column failed have a record of their own."""
    records = []
    names_of = seen.planned.names_of()
    for key, answer in sorted(seen.answers.items()):
        reading = answer if isinstance(answer, Reading) else None
        for error, names in _by_error(seen, names_of[key]).items():
            source = seen.config.measures[names[0]]
            good = reading if not error else None
            records.append(
                ReadingRecord(
                    run=run,
                    measures=names,
                    connection=source.connection,
                    table=source.table,
                    asked=reading.asked if reading else str(dict(answer.read.query)),
                    count=good.count if good else None,
                    read_at=reading.read_at if reading else seen.now,
                    ids=good.ids if good and seen.config.workspace.retention.ids else (),
                    error=error or None,
                )
            )
    return records


def _by_error(seen: Assessment, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Group measures of one read by their error, sorted; empty for those that were read."""
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(names):
        answer = seen.results[name].answer
        error = str(answer.error) if isinstance(answer, ReadError) else ""
        found[error] = (*found.get(error, ()), name)
    return found


def value_records(seen: Assessment, run: str) -> list[ValueRecord]:
    """Build the records of the key results of a run."""
    return [value_record(state, seen.now, run) for state in seen.key_results]


def measure_records(seen: Assessment, run: str) -> list[MeasureRecord]:
    """Build the records of the measures of a run, with keys and rows as far as `retention` keeps them."""
    retention = seen.config.workspace.retention
    records = [replace(record, run=run) for _, record in sorted(seen.measures.items())]
    if not retention.ids:
        records = [replace(record, keys=None, counted_keys=None) for record in records]
    if retention.rows:
        records = [replace(record, shown=shown_rows(seen.traced.get(record.measure, ()))) for record in records]
    return records


def check_ins(seen: Assessment, run: str) -> list[CheckIn]:
    """Build the records of the check-ins since the last run."""
    return [replace(check_in, run=run) for check_in in seen.recall.fresh]


def shown_rows(rows: Sequence[TracedRow]) -> tuple[ShownRow, ...]:
    """Convert rows to texts; unknown values are left out."""
    return tuple(
        ShownRow({name: _shown(value) for name, value in row.values.items() if value is not None}, row.counted)
        for row in rows
    )


def _shown(value: object) -> str:
    """Format a value of a row: an instant at midnight as a date, 7.0 as 7."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if not isinstance(value, datetime):
        return str(value)
    return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"


def new_run(config: Config, command: str, now: datetime, *, forced: bool = False) -> Run:
    """Create a run that starts now; `now` is the workspace's clock."""
    started, scope = datetime.now(UTC), scope_of(config)
    return Run(
        id=new_run_id(started),
        workspace=scope.workspace,
        cycle=scope.cycle,
        command=command,
        started_at=started,
        now=now,
        config_hash=config.hash,
        version=installed_version(),
        forced=forced,
    )


def counts_of(plan: Plan) -> dict[str, int]:
    """Count the key results per mark."""
    return {mark.value: plan.count(mark) for mark in Mark}


def record_figures(run: str, seen: Assessment, ledger: "Ledger") -> None:
    """Record what a run read and computed; it counts as history when the run has ended well. Raises LedgerError."""
    ledger.record_readings(reading_records(seen, run))
    ledger.record_measures(measure_records(seen, run))
    ledger.record_values(value_records(seen, run))


def record_run(run: str, seen: Assessment, plan: Plan, outcome: Outcome, ledger: "Ledger") -> None:
    """Record the check-ins and the end of a run, and prune once a day by `retention`. Raises LedgerError."""
    retention = seen.config.workspace.retention
    ledger.record_check_ins(check_ins(seen, run))
    if not seen.recall.this_morning:
        ledger.prune(seen.config.workspace.id, ids_days=retention.ids, rows_days=retention.rows, now=seen.now)
    _record_starts(seen, ledger)
    ledger.finish(run, outcome, counts_of(plan), datetime.now(UTC))


def _record_starts(seen: Assessment, ledger: "Ledger") -> None:
    """Record the values at the start of the cycle that this run queried, to avoid querying them again."""
    if not seen.recall.starts:
        return
    run = new_run(seen.config, BACKFILLED_DAY, min(record.at for record in seen.recall.starts))
    ledger.begin(run)
    ledger.record_values([replace(record, run=run.id) for record in seen.recall.starts])
    ledger.finish(run.id, "done", {}, datetime.now(UTC))


def record_refused(run: Run, seen: Assessment, ledger: "Ledger") -> None:
    """Record a refused run: only its check-ins, not its numbers."""
    ledger.begin(run)
    ledger.record_check_ins(check_ins(seen, run.id))
    ledger.finish(run.id, "refused", run.counts, datetime.now(UTC))


def unrecorded(error: LedgerError, run: str, written: int) -> LedgerError:
    """Build the error for a ledger that failed after the sheet was written, which reports both."""
    effect = Message(
        "The sheet was written before that ({written} cells, verified); only the history lacks run {run}, so forecasts "
        "and `history` miss it. The next run continues as usual.",
        written=written,
        run=run,
    )
    return LedgerError(error.doing, error.saw, effect=effect, advice=error.advice)
