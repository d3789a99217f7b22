"""The record of runs, for `explain --at`, `history`, forecasts, `undo` and the guards. Never what decides a write.

Import this module only when a ledger is opened: SQLAlchemy comes with it. The records alone are in `syncer.records`.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, RowMapping, Select, Table, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from config.errors import LedgerError
from syncer.ledger_faults import Place, faults
from syncer.ledger_store import find, open_store
from syncer.ledger_tables import cells, id_lists, key_result_values, readings, runs
from syncer.records import CellRecord, Outcome, ReadingRecord, Run, ValueRecord

FINISHED: tuple[Outcome, ...] = ("done", "partial")
"""Runs whose values are history. A refused or failed run may hold the very numbers a guard did not believe."""

LOOK_BACK_RUNS = 30
"""How many finished runs are searched for a measure's last count, when newer reads of it failed."""


def open_ledger(location: str, base_dir: Path, *, readonly: bool = False) -> "Ledger":
    """Open or make the ledger at a config's `ledger`: a path from `base_dir`, a database URL, or `$NAME`.

    Read-only, nothing is made or changed, and a ledger that does not exist is an empty history. Raises LedgerError.
    """
    place = find(location, base_dir)
    return Ledger(open_store(place, readonly=readonly), place)


class Ledger:
    """An open ledger. Every method raises LedgerError when the database cannot answer."""

    def __init__(self, engine: Engine, place: Place) -> None:
        self._engine = engine
        self._place = place

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the database. May be called twice."""
        self._engine.dispose()

    def begin(self, run: Run) -> None:
        """Record a run before it reads. Runs of the workspace that never ended become `interrupted`."""
        unended = (runs.c.workspace == run.workspace) & runs.c.finished_at.is_(None)
        with self._writing("recording a run in") as connection:
            connection.execute(update(runs).where(unended).values(outcome="interrupted", finished_at=run.started_at))
            connection.execute(insert(runs), _row(run))

    def record_readings(self, records: Sequence[ReadingRecord]) -> None:
        """Record what the sources answered."""
        lists = {_digest(record.ids): sorted(record.ids) for record in records if record.ids}
        rows = [
            _row(record, leave_out=("ids",)) | {"id_list": _digest(record.ids) if record.ids else None}
            for record in records
        ]
        with self._writing("recording readings in") as connection:
            dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
            for digest, ids in sorted(lists.items()):
                connection.execute(dialect.insert(id_lists).on_conflict_do_nothing(), {"digest": digest, "ids": ids})
            _insert(connection, readings, rows)

    def record_values(self, records: Sequence[ValueRecord]) -> None:
        """Record what the key results came to."""
        with self._writing("recording values in") as connection:
            _insert(connection, key_result_values, [_row(record) for record in records])

    def record_cells(self, run_id: str, records: Sequence[CellRecord]) -> None:
        """Record, before the write, which cells it will change. The run is `writing` from here on."""
        with self._writing("recording cells in") as connection:
            _insert(connection, cells, [_row(record) for record in records])
            connection.execute(update(runs).where(runs.c.id == run_id).values(outcome="writing"))

    def finish(self, run_id: str, outcome: Outcome, counts: Mapping[str, int], finished_at: datetime) -> None:
        """Record how a run ended."""
        with self._writing("recording the end of a run in") as connection:
            connection.execute(
                update(runs)
                .where(runs.c.id == run_id)
                .values(outcome=outcome, counts=dict(counts), finished_at=finished_at)
            )

    def runs(self, workspace: str, limit: int = 20) -> list[Run]:
        """The workspace's runs, newest first."""
        query = select(runs).where(runs.c.workspace == workspace)
        query = query.order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(limit)
        return [Run(**row) for row in self._read(query)]

    def run(self, run_id: str, workspace: str | None = None) -> Run:
        """The run of that id, or the only one whose id begins so. Raises LedgerError for none and for several."""
        query = select(runs).where(runs.c.id.startswith(run_id, autoescape=True)).order_by(runs.c.id)
        if workspace is not None:
            query = query.where(runs.c.workspace == workspace)
        found = [Run(**row) for row in self._read(query.limit(3))]
        exact = [run for run in found if run.id == run_id] or found
        if len(exact) != 1:
            saw = "no such run" if not exact else f"several begin so: {', '.join(run.id for run in exact)} ..."
            raise LedgerError(f"looking for run {run_id!r}", saw, advice="`okrsync history` lists the runs.")
        return exact[0]

    def cells(self, run_id: str) -> list[CellRecord]:
        """What a run set out to write, sorted by tab, id and column."""
        query = select(cells).where(cells.c.run == run_id).order_by(cells.c.tab, cells.c.id, cells.c.column)
        return [CellRecord(**row) for row in self._read(query)]

    def readings(self, run_id: str) -> list[ReadingRecord]:
        """What a run's sources answered, in the order of recording."""
        query = select(readings, id_lists.c.ids).outerjoin(id_lists).where(readings.c.run == run_id)
        names = [field.name for field in fields(ReadingRecord)]
        rows = self._read(query.order_by(readings.c.number))
        return [ReadingRecord(**{name: row[name] for name in names} | {"ids": row["ids"] or ()}) for row in rows]

    def history(self, workspace: str, key_result: str | None = None, since: date | None = None) -> list[ValueRecord]:
        """The values of finished runs from day `since` on, oldest first."""
        query = _finished(select(key_result_values).join(runs), workspace)
        if key_result is not None:
            query = query.where(key_result_values.c.key_result == key_result)
        if since is not None:
            query = query.where(key_result_values.c.day >= since)
        columns = key_result_values.c
        return [ValueRecord(**row) for row in self._read(query.order_by(columns.day, columns.at, columns.key_result))]

    def last_values(self, workspace: str) -> dict[str, ValueRecord]:
        """The values of the last finished run that has any, by key result."""
        return self.values_at(workspace, date.max)

    def values_at(self, workspace: str, day: date) -> dict[str, ValueRecord]:
        """The values as they stood at the end of that day: of the last finished run until then, by key result."""
        newest = _finished(select(runs.c.id).join(key_result_values), workspace).where(key_result_values.c.day <= day)
        newest = newest.order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(1)
        query = select(key_result_values).where(key_result_values.c.run == newest.scalar_subquery())
        rows = self._read(query.order_by(key_result_values.c.key_result))
        return {row["key_result"]: ValueRecord(**row) for row in rows}

    def last_reading_counts(self, workspace: str) -> dict[str, int]:
        """How many rows each measure's last complete reading matched, by measure, within `LOOK_BACK_RUNS`."""
        recent = _finished(select(runs.c.id, runs.c.started_at), workspace)
        latest = recent.order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(LOOK_BACK_RUNS).subquery()
        query = select(readings.c.measures, readings.c.count).join(latest, readings.c.run == latest.c.id)
        query = query.where(readings.c.count.is_not(None))
        counts: dict[str, int] = {}
        for row in self._read(query.order_by(latest.c.started_at, latest.c.id, readings.c.number)):
            counts.update(dict.fromkeys(row["measures"], row["count"]))
        return counts

    def prune(self, retention_days: int, now: datetime) -> int:
        """Forget the row ids of readings older than that; counts and values stay. How many readings lost theirs."""
        old = (readings.c.read_at < now - timedelta(days=retention_days)) & readings.c.id_list.is_not(None)
        used = select(readings.c.id_list).where(readings.c.id_list.is_not(None))
        with self._writing("pruning") as connection:
            pruned = connection.execute(update(readings).where(old).values(id_list=None)).rowcount
            if pruned:
                connection.execute(delete(id_lists).where(id_lists.c.digest.not_in(used)))
        return pruned

    @contextmanager
    def _writing(self, doing: str) -> Iterator[Connection]:
        with faults(doing, self._place), self._engine.execution_options(writes=True).begin() as connection:
            yield connection

    def _read(self, query: Select[Any]) -> Sequence[RowMapping]:
        with faults("reading the ledger", self._place), self._engine.connect() as connection:
            return connection.execute(query).mappings().all()


def _finished(query: Select[Any], workspace: str) -> Select[Any]:
    return query.where(runs.c.workspace == workspace, runs.c.outcome.in_(FINISHED))


def _row(record: Run | ReadingRecord | ValueRecord | CellRecord, leave_out: Sequence[str] = ()) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record) if field.name not in leave_out}


def _insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:  # an empty list would insert one row of defaults
        connection.execute(insert(table), list(rows))


def _digest(ids: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(sorted(ids)).encode()).hexdigest()
