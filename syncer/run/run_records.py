"""A run in the ledger: begun, its readings, values and cells recorded, refused, or unrecorded."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from importlib.metadata import version
from typing import TYPE_CHECKING

from config.errors import LedgerError
from config.loading.loader import Config
from config.message import Message
from connectors.protocol import Reading
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
    workspace_key,
)
from syncer.model.plan import Mark, Plan
from syncer.sheet.open_sheet import sheet_name
from syncer.sources.evaluate import TracedRow
from syncer.sources.read_sources import ReadOptions

if TYPE_CHECKING:
    from syncer.ledger.ledger import Ledger


ROWS_SHOWN = 50
"""How many rows behind a figure `explain` lists, and the ledger keeps where `retention` says so."""


def cell_records(plan: Plan, run: str) -> list[CellRecord]:
    """The cells a run sets out to write, for the ledger."""
    return [
        CellRecord(run, change.tab, change.id, change.column, change.before, change.after)
        for change in plan.changes
        if change.id and not (change.formula and change.before is None)
    ]


def reading_records(seen: Assessment, run: str) -> Sequence[ReadingRecord]:
    """The readings of a run for the ledger."""
    records = []
    names_of = seen.planned.names_of()
    for key, answer in sorted(seen.answers.items()):
        names = tuple(sorted(names_of[key]))
        source = seen.config.measures[names[0]]
        good = answer if isinstance(answer, Reading) else None
        records.append(
            ReadingRecord(
                run=run,
                measures=names,
                connection=source.connection,
                table=source.table,
                asked=good.asked if good else str(dict(answer.read.query)),
                count=good.count if good else None,
                read_at=good.read_at if good else seen.now,
                ids=good.ids if good and seen.config.workspace.retention.ids else (),
                error=None if isinstance(answer, Reading) else str(answer.error),
            )
        )
    return records


def value_records(seen: Assessment, run: str) -> list[ValueRecord]:
    """The key results of a run for the ledger."""
    return [value_record(state, seen.now, run) for state in seen.key_results]


def measure_records(seen: Assessment, run: str) -> list[MeasureRecord]:
    """What a run's measures stood on, with keys and rows as far as the config wants them kept."""
    retention = seen.config.workspace.retention
    records = [replace(record, run=run) for _, record in sorted(seen.measures.items())]
    if not retention.ids:
        records = [replace(record, keys=None, counted_keys=None) for record in records]
    if retention.rows:
        records = [replace(record, shown=shown_rows(seen.traced.get(record.measure, ()))) for record in records]
    return records


def check_ins(seen: Assessment, run: str) -> list[CheckIn]:
    """What people wrote since the last run, for the ledger."""
    return [replace(check_in, run=run) for check_in in seen.recall.fresh]


def ledger_read_options(config: Config) -> ReadOptions:
    """What a run has to list besides, so that the ledger can keep it."""
    return ReadOptions(keep_rows=ROWS_SHOWN + 1 if config.workspace.retention.rows else 0)


def shown_rows(rows: Sequence[TracedRow]) -> tuple[ShownRow, ...]:
    """Rows as texts; what is unknown in a row is left out."""
    return tuple(
        ShownRow({name: _shown(value) for name, value in row.values.items() if value is not None}, row.counted)
        for row in rows
    )


def _shown(value: object) -> str:
    """A value of a row as a text; an instant that begins a day is that day, and 7.0 is 7, as its file has it."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if not isinstance(value, datetime):
        return str(value)
    return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"


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
