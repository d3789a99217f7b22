"""The ledger, a record of runs for `explain --at`, `history`, forecasts, `undo` and guards.

Writes to the sheet never depend on it. This module imports SQLAlchemy; import it only when a ledger is opened. The
record types alone are in `syncer.ledger.records`.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, or_, select, union_all, update

from config.masking import mask
from syncer.ledger.history import LedgerHistory
from syncer.ledger.last_runs import LastRuns
from syncer.ledger.lease import Lease, held_lease
from syncer.ledger.pushed import PushedValues
from syncer.ledger.queries import of_scope
from syncer.ledger.records import (
    CellRecord,
    CheckIn,
    MeasureRecord,
    Outcome,
    ReadingRecord,
    Run,
    Scope,
    SheetRecord,
    ShownRow,
    ValueRecord,
)
from syncer.ledger.sent import SentMessages
from syncer.ledger.store import find, insert_of, open_store, writing
from syncer.ledger.tables import (
    cells,
    check_ins,
    id_lists,
    key_result_values,
    measure_values,
    readings,
    row_lists,
    runs,
    sheets,
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
    """Lists to store in the ledger, deduplicated by content, so that unchanged answers take no space."""

    def __init__(self) -> None:
        self._rows: dict[Table, dict[str, dict[str, Any]]] = {id_lists: {}, row_lists: {}}

    def keys(self, keys: Sequence[str] | None) -> str | None:
        """Add a list of keys; return its digest."""
        return None if keys is None else self._add(id_lists, "ids", sorted(keys))

    def shown(self, rows: Sequence[ShownRow]) -> str | None:
        """Add a list of rows; return its digest, or None for an empty list."""
        return self._add(row_lists, "rows", [[row.counted, dict(row.values)] for row in rows]) if rows else None

    def store(self, connection: Connection) -> None:
        """Insert the lists that are not in the ledger yet."""
        for table, rows in self._rows.items():
            for _, row in sorted(rows.items()):
                connection.execute(insert_of(connection, table).on_conflict_do_nothing(), row)

    def _add(self, table: Table, column: str, content: list[Any]) -> str:
        content = mask(content)
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        self._rows[table][digest] = {"digest": digest, column: content}
        return digest


def forget_lists(connection: Connection, workspace: str, keys_before: datetime, rows_before: datetime) -> int:
    """Delete keys and rows of a workspace's old runs, and unused lists. Return the number of records changed."""
    pruned = 0
    for (table, names), before in zip(_HOLDERS, (keys_before, keys_before, rows_before), strict=True):
        old = table.c.run.in_(select(runs.c.id).where(runs.c.workspace == workspace, runs.c.now < before))
        holds = or_(*(table.c[name].is_not(None) for name in names))
        pruned += connection.execute(update(table).where(old & holds).values(dict.fromkeys(names))).rowcount
    if pruned:
        for lists, columns in _USED_BY.items():
            used = union_all(*(select(column).where(column.is_not(None)) for column in columns))
            connection.execute(delete(lists).where(lists.c.digest.not_in(used)))
    return pruned


_Record = Run | ReadingRecord | ValueRecord | CellRecord | MeasureRecord | CheckIn | SheetRecord


def open_ledger(location: str, base_dir: Path, *, readonly: bool = False) -> "Ledger":
    """Open or create the ledger at the config's `ledger`: a path relative to `base_dir`, a database URL, or `$NAME`.

    With `readonly`, nothing is created or changed, and a missing ledger is an empty history. Raises LedgerError.
    """
    place = find(location, base_dir)
    return Ledger(open_store(place, readonly=readonly), place)


class Ledger(LedgerHistory):
    """A ledger open for writing. Every method raises LedgerError if the database cannot answer."""

    _lease: Lease | None = None

    @contextmanager
    def leased(self, scope: Scope) -> Iterator[None]:
        """Let no other machine write this workspace's sheet: in PostgreSQL by a lease; a file is of one machine.

        Raises BusyError if another run has the workspace.
        """
        if self._place.url is None:
            yield
            return
        with held_lease(self._engine, self._place, scope) as self._lease:
            yield

    def begin(self, run: Run) -> None:
        """Record the start of a run. Unfinished runs of the same workspace and cycle become `interrupted`."""
        unended = of_scope(run.scope) & runs.c.finished_at.is_(None)
        with self._writing("recording a run in") as connection:
            connection.execute(update(runs).where(unended).values(outcome="interrupted", finished_at=run.started_at))
            connection.execute(insert(runs), _row(run))

    def record_readings(self, records: Sequence[ReadingRecord]) -> None:
        """Record the readings of a run."""
        lists = Lists()
        rows = [_row(record, leave_out=("ids",)) | {"id_list": lists.keys(record.ids or None)} for record in records]
        with self._writing("recording readings in") as connection:
            lists.store(connection)
            _insert(connection, readings, rows)

    def record_measures(self, records: Sequence[MeasureRecord]) -> None:
        """Record the measures of a run, with their keys and rows."""
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
        """Record check-ins."""
        with self._writing("recording check-ins in") as connection:
            _insert(connection, check_ins, [_row(record) | {"texts": dict(record.texts)} for record in records])

    def record_values(self, records: Sequence[ValueRecord]) -> None:
        """Record the values of key results."""
        with self._writing("recording values in") as connection:
            _insert(connection, key_result_values, [_row(record) for record in records])

    def record_cells(self, run_id: str, records: Sequence[CellRecord]) -> None:
        """Record the cells to be written, before the write, and set the run's outcome to `writing`.

        Raises LeaseLostError if another run has the workspace now.
        """
        with self._writing("recording cells in") as connection:
            if self._lease:
                self._lease.confirm(connection)
            _insert(connection, cells, [_row(record) for record in records])
            connection.execute(update(runs).where(runs.c.id == run_id).values(outcome="writing"))

    def confirm_lease(self) -> None:
        """Renew the lease. Raises LeaseLostError if another run has the workspace now."""
        if self._lease:
            with self._writing("renewing a lease in") as connection:
                self._lease.confirm(connection)

    def record_arrival(self, run_id: str) -> None:
        """Mark a run as written, as its stamp is in the sheet, even if it was killed or got no answer.

        Such a run becomes `partial`: its cells are known and can be undone, its values may be missing.
        """
        lost = (runs.c.id == run_id) & runs.c.outcome.in_(("writing", "failed", "interrupted"))
        with self._writing("recording a run in") as connection:
            ended = func.coalesce(runs.c.finished_at, runs.c.started_at)
            connection.execute(update(runs).where(lost).values(outcome="partial", finished_at=ended))

    def finish(self, run_id: str, outcome: Outcome, counts: Mapping[str, int], finished_at: datetime) -> None:
        """Record the end of a run."""
        with self._writing("recording the end of a run in") as connection:
            connection.execute(
                update(runs)
                .where(runs.c.id == run_id)
                .values(outcome=outcome, counts=dict(counts), finished_at=finished_at)
            )

    def record_sheet(self, record: SheetRecord) -> None:
        """Record the OKR sheet of a workspace and cycle, in place of an earlier one."""
        scope = (sheets.c.workspace == record.workspace) & (sheets.c.cycle == record.cycle)
        with self._writing("recording the sheet in") as connection:
            connection.execute(delete(sheets).where(scope))
            connection.execute(insert(sheets), _row(record))

    def prune(self, workspace: str, *, ids_days: int, rows_days: int, now: datetime) -> int:
        """Delete row keys and rows of a workspace's runs older than that many days; figures stay.

        Return the number of records changed.
        """
        with self._writing("pruning") as connection:
            return forget_lists(connection, workspace, now - timedelta(days=ids_days), now - timedelta(days=rows_days))

    @property
    def last_runs(self) -> LastRuns:
        """How the last sync of each workspace ended, and which are paused."""
        return LastRuns(self._engine, self._place)

    def pushed(self, workspace: str) -> PushedValues:
        """Return the values recorded for the measures of a workspace."""
        return PushedValues(self._engine, self._place, workspace)

    @property
    def sent(self) -> SentMessages:
        """The record of reminders and alerts."""
        return SentMessages(self._engine, self._place)

    def _writing(self, doing: str) -> AbstractContextManager[Connection]:
        return writing(self._engine, self._place, doing)


def _row(record: _Record, leave_out: Sequence[str] = ()) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record) if field.name not in leave_out}


def _insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:  # an empty list would insert one row of defaults
        connection.execute(insert(table), [{name: _without_secrets(name, row[name]) for name in row} for row in rows])


def _without_secrets(column: str, value: object) -> object:
    return value if column == "run" else mask(value)
