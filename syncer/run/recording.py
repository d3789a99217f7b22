"""What a run leaves in the ledger: its readings, its values, the cells it sets out to write. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time

from config.loading.loader import Config
from connectors.protocol import Reading
from syncer.compute.assess import Assessment
from syncer.compute.with_history import value_record
from syncer.ledger.records import CellRecord, CheckIn, MeasureRecord, ReadingRecord, ShownRow, ValueRecord
from syncer.model.plan import Plan
from syncer.sources.evaluate import TracedRow
from syncer.sources.read_sources import ReadOptions

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
