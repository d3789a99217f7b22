"""The record of runs, for `explain --at`, `history`, forecasts, `undo` and the guards. Never what decides a write.

Import this module only when a ledger is opened: SQLAlchemy comes with it. The records alone are in `syncer.records`.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Insert, Table, delete, func, insert, or_, select, union_all, update
from sqlalchemy.dialects import sqlite

from syncer.ledger.faults import faults
from syncer.ledger.history import LedgerHistory
from syncer.ledger.records import CellRecord, CheckIn, MeasureRecord, Outcome, ReadingRecord, Run, ShownRow, ValueRecord
from syncer.ledger.store import find, open_store
from syncer.ledger.tables import (
    cells,
    check_ins,
    id_lists,
    key_result_values,
    measure_values,
    readings,
    row_lists,
    runs,
)

_HOLDERS = (
    (readings, ("id_list",)),
    (measure_values, ("key_list", "counted_list")),
    (measure_values, ("row_list",)),
)
_USED_BY = {
    id_lists: (readings.c.id_list, measure_values.c.key_list, measure_values.c.counted_list),
    row_lists: (measure_values.c.row_list,),
}


class Lists:
    """Lists on their way to the ledger: an answer that stays the same every hour is kept once."""

    def __init__(self) -> None:
        self._rows: dict[Table, dict[str, dict[str, Any]]] = {id_lists: {}, row_lists: {}}

    def keys(self, keys: Sequence[str] | None) -> str | None:
        """The digest of a list of keys."""
        return None if keys is None else self._add(id_lists, "ids", sorted(keys))

    def shown(self, rows: Sequence[ShownRow]) -> str | None:
        """The digest of a list of rows; none where there are none."""
        return self._add(row_lists, "rows", [[row.counted, dict(row.values)] for row in rows]) if rows else None

    def store(self, connection: Connection) -> None:
        """Keep those that are not kept yet."""
        for table, rows in self._rows.items():
            for _, row in sorted(rows.items()):
                connection.execute(_insert_once(connection, table), row)

    def _add(self, table: Table, column: str, content: list[Any]) -> str:
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        self._rows[table][digest] = {"digest": digest, column: content}
        return digest


def _insert_once(connection: Connection, table: Table) -> Insert:
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    from sqlalchemy.dialects import postgresql  # megabytes, for those who have such a ledger

    return postgresql.insert(table).on_conflict_do_nothing()


def forget_lists(connection: Connection, keys_before: datetime, rows_before: datetime) -> int:
    """Cut keys and rows from what is older, and drop the lists nothing younger needs. How many records lost some."""
    pruned = 0
    for (table, names), before in zip(_HOLDERS, (keys_before, keys_before, rows_before), strict=True):
        old = table.c.run.in_(select(runs.c.id).where(runs.c.now < before))
        holds = or_(*(table.c[name].is_not(None) for name in names))
        pruned += connection.execute(update(table).where(old & holds).values(dict.fromkeys(names))).rowcount
    if pruned:
        for lists, columns in _USED_BY.items():
            used = union_all(*(select(column).where(column.is_not(None)) for column in columns))
            connection.execute(delete(lists).where(lists.c.digest.not_in(used)))
    return pruned


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
