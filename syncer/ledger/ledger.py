"""The record of runs, for `explain --at`, `history`, forecasts, `undo` and the guards. Never what decides a write.

Import this module only when a ledger is opened: SQLAlchemy comes with it. The records alone are in `syncer.records`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, update

from syncer.ledger.faults import faults
from syncer.ledger.history import LedgerHistory
from syncer.ledger.lists import Lists, forget_lists
from syncer.ledger.records import CellRecord, CheckIn, MeasureRecord, Outcome, ReadingRecord, Run, ValueRecord
from syncer.ledger.store import find, open_store
from syncer.ledger.tables import cells, check_ins, key_result_values, measure_values, readings, runs

_Record = Run | ReadingRecord | ValueRecord | CellRecord | MeasureRecord | CheckIn


def open_ledger(location: str, base_dir: Path, *, readonly: bool = False) -> "Ledger":
    """Open or make the ledger at a config's `ledger`: a path from `base_dir`, a database URL, or `$NAME`.

    Read-only, nothing is made or changed, and a ledger that does not exist is an empty history. Raises LedgerError.
    """
    place = find(location, base_dir)
    return Ledger(open_store(place, readonly=readonly), place)


class Ledger(LedgerHistory):
    """An open ledger that can be written too. Every method raises LedgerError when the database cannot answer."""

    def begin(self, run: Run) -> None:
        """Record a run before it reads. Runs of the workspace that never ended become `interrupted`."""
        unended = (runs.c.workspace == run.workspace) & runs.c.finished_at.is_(None)
        with self._writing("recording a run in") as connection:
            connection.execute(update(runs).where(unended).values(outcome="interrupted", finished_at=run.started_at))
            connection.execute(insert(runs), _row(run))

    def record_readings(self, records: Sequence[ReadingRecord]) -> None:
        """Record what the sources answered."""
        lists = Lists()
        rows = [_row(record, leave_out=("ids",)) | {"id_list": lists.keys(record.ids or None)} for record in records]
        with self._writing("recording readings in") as connection:
            lists.store(connection)
            _insert(connection, readings, rows)

    def record_measures(self, records: Sequence[MeasureRecord]) -> None:
        """Record what each measure stood on."""
        lists = Lists()
        rows = [
            _row(record, leave_out=("keys", "counted_keys", "shown"))
            | {
                "key_list": lists.keys(record.keys),
                "counted_list": lists.keys(record.counted_keys),
                "row_list": lists.shown(record.shown),
            }
            for record in records
        ]
        with self._writing("recording measures in") as connection:
            lists.store(connection)
            _insert(connection, measure_values, rows)

    def record_check_ins(self, records: Sequence[CheckIn]) -> None:
        """Record what people wrote."""
        with self._writing("recording check-ins in") as connection:
            _insert(connection, check_ins, [_row(record) | {"said": dict(record.said)} for record in records])

    def record_values(self, records: Sequence[ValueRecord]) -> None:
        """Record what the key results came to."""
        with self._writing("recording values in") as connection:
            _insert(connection, key_result_values, [_row(record) for record in records])

    def record_cells(self, run_id: str, records: Sequence[CellRecord]) -> None:
        """Record, before the write, which cells it will change. The run is `writing` from here on."""
        with self._writing("recording cells in") as connection:
            _insert(connection, cells, [_row(record) for record in records])
            connection.execute(update(runs).where(runs.c.id == run_id).values(outcome="writing"))

    def record_arrival(self, run_id: str) -> None:
        """Record that a run's write is in the sheet, as its stamp says, though the run was killed or got no answer.

        Such a run counts as `partial`: its cells are known and can be undone, its values were not recorded.
        """
        lost = (runs.c.id == run_id) & runs.c.outcome.in_(("writing", "failed", "interrupted"))
        with self._writing("recording a run in") as connection:
            ended = func.coalesce(runs.c.finished_at, runs.c.started_at)
            connection.execute(update(runs).where(lost).values(outcome="partial", finished_at=ended))

    def finish(self, run_id: str, outcome: Outcome, counts: Mapping[str, int], finished_at: datetime) -> None:
        """Record how a run ended."""
        with self._writing("recording the end of a run in") as connection:
            connection.execute(
                update(runs)
                .where(runs.c.id == run_id)
                .values(outcome=outcome, counts=dict(counts), finished_at=finished_at)
            )

    def prune(self, *, ids_days: int, rows_days: int, now: datetime) -> int:
        """Forget the keys of rows, and the rows, of runs older than that; figures stay. How many records lost some."""
        with self._writing("pruning") as connection:
            return forget_lists(connection, now - timedelta(days=ids_days), now - timedelta(days=rows_days))

    @contextmanager
    def _writing(self, doing: str) -> Iterator[Connection]:
        with faults(doing, self._place), self._engine.execution_options(writes=True).begin() as connection:
            yield connection


def _row(record: _Record, leave_out: Sequence[str] = ()) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record) if field.name not in leave_out}


def _insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:  # an empty list would insert one row of defaults
        connection.execute(insert(table), list(rows))
