"""Queries on the ledger: runs, measures, check-ins, cells. Imported only when a ledger is used."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import func, select

from config.errors import LedgerError
from config.message import Message
from syncer.ledger.queries import HEARD, OF_THE_PAST, finished, of_scope, select_record
from syncer.ledger.records import (
    BACKFILLED_DAY,
    CellRecord,
    CheckIn,
    MeasureRecord,
    ReadingRecord,
    Run,
    Scope,
    SheetRecord,
    ShownRow,
)
from syncer.ledger.store import faults
from syncer.ledger.tables import cells, check_ins, id_lists, measure_values, readings, row_lists, runs, sheets
from syncer.ledger.value_history import ValueHistory

LOOK_BACK_RUNS = 30
"""Number of finished runs searched for the last rows of a measure when newer reads of it failed."""


class LedgerHistory(ValueHistory):
    """Read access to a ledger. Every method raises LedgerError if the database cannot answer."""

    @contextmanager
    def at_once(self) -> "Iterator[LedgerHistory]":
        """Give the history over one connection: a server is asked once for each query, not four times."""
        with faults("reading the ledger", self._place):
            connection = self._engine.connect()
        try:
            yield LedgerHistory(self._engine, self._place, connection)
        finally:
            with faults("reading the ledger", self._place):
                connection.close()

    def runs(self, scope: Scope, limit: int = 20) -> list[Run]:
        """List the runs of a workspace and cycle, newest first; a backfill counts as one."""
        query = select_record(runs, Run).where(of_scope(scope), runs.c.command != BACKFILLED_DAY)
        query = query.order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(limit)
        return [Run(*row) for row in self._read(query)]

    def first_run(self, scope: Scope) -> datetime | None:
        """Return the `now` of the first run that recorded check-ins; None before any."""
        looked = of_scope(scope) & runs.c.outcome.in_(HEARD) & runs.c.command.not_in(OF_THE_PAST)
        query = select(runs.c.now).where(looked).order_by(runs.c.started_at, runs.c.id).limit(1)
        return next((now for (now,) in self._read(query)), None)

    def cycles(self, workspace: str) -> list[str]:
        """List the cycles of a workspace that have runs, sorted."""
        query = select(runs.c.cycle).where(runs.c.workspace == workspace).distinct().order_by(runs.c.cycle)
        return [cycle for (cycle,) in self._read(query)]

    def run_ids(self, workspace: str) -> frozenset[str]:
        """Return the ids of all runs of a workspace."""
        return frozenset(run for (run,) in self._read(select(runs.c.id).where(runs.c.workspace == workspace)))

    def last_headers(self, scope: Scope) -> Mapping[str, Mapping[str, str]]:
        """Return the headers of people's tabs at the last sync that ended well; empty without one."""
        ended_well = (runs.c.command == "sync") & runs.c.outcome.in_(("done", "partial"))
        query = select(runs.c.headers).where(of_scope(scope), ended_well)
        query = query.order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(1)
        return next((headers for (headers,) in self._read(query)), {})

    def sheet(self, scope: Scope) -> SheetRecord | None:
        """Return the OKR sheet that the workspace used last in the cycle; None before its first write."""
        mine = (sheets.c.workspace == scope.workspace) & (sheets.c.cycle == scope.cycle)
        return next((SheetRecord(*row) for row in self._read(select_record(sheets, SheetRecord).where(mine))), None)

    def run(self, run_id: str, scope: Scope | None = None) -> Run:
        """Return the run with that id or, if unique, id prefix. Raises LedgerError for none or several."""
        query = select_record(runs, Run).where(runs.c.id.startswith(run_id, autoescape=True)).order_by(runs.c.id)
        if scope is not None:
            query = query.where(of_scope(scope))
        found = [Run(*row) for row in self._read(query.limit(3))]
        exact = [run for run in found if run.id == run_id] or found
        if len(exact) != 1:
            saw = (
                "no such run"
                if not exact
                else Message("several begin with it: {runs} ...", runs=[run.id for run in exact])
            )
            raise LedgerError(
                Message("looking for run {run_id!r}", run_id=run_id), saw, advice="`okrsync history` lists the runs."
            )
        return exact[0]

    def cells(self, run_id: str) -> list[CellRecord]:
        """List the cells that a run was about to write, sorted by tab, id and column."""
        query = select_record(cells, CellRecord).where(cells.c.run == run_id)
        query = query.order_by(cells.c.tab, cells.c.id, cells.c.column)
        return [CellRecord(*row) for row in self._read(query)]

    def readings(self, run_id: str) -> list[ReadingRecord]:
        """List the readings of a run, in the order of recording."""
        query = select_record(readings, ReadingRecord, ids=id_lists.c.ids).outerjoin(id_lists)
        rows = self._read(query.where(readings.c.run == run_id).order_by(readings.c.number))
        return [ReadingRecord(*(*plain, ids or (), error)) for *plain, ids, error in rows]

    def measures(self, run_ids: Collection[str], names: Collection[str]) -> dict[str, dict[str, MeasureRecord]]:
        """Return some measures of some runs, by run and name."""
        columns, keys, counted = measure_values.c, id_lists.alias(), id_lists.alias()
        of_lists = {"keys": keys.c.ids, "counted_keys": counted.c.ids, "shown": row_lists.c.rows}
        query = select_record(measure_values, MeasureRecord, **of_lists).select_from(
            measure_values.outerjoin(keys, columns.key_list == keys.c.digest)
            .outerjoin(counted, columns.counted_list == counted.c.digest)
            .outerjoin(row_lists, columns.row_list == row_lists.c.digest)
        )
        query = query.where(columns.run.in_(sorted(run_ids)), columns.measure.in_(sorted(names)))
        found: dict[str, dict[str, MeasureRecord]] = {run: {} for run in run_ids}
        for *plain, rows, key_column in self._read(query.order_by(columns.run, columns.measure)):
            shown = tuple(ShownRow(values, counts) for counts, values in rows or ())
            record = MeasureRecord(*(*plain, shown, key_column))
            found[record.run][record.measure] = record
        return found

    def last_measures(self, scope: Scope) -> dict[str, MeasureRecord]:
        """Return the last answered read of each measure, from the last `LOOK_BACK_RUNS` finished runs."""
        recent = finished(select(runs.c.id, runs.c.started_at), scope).where(runs.c.command.not_in(OF_THE_PAST))
        recent_runs = recent.order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(LOOK_BACK_RUNS).subquery()
        order = (recent_runs.c.started_at, recent_runs.c.id)
        latest = select(recent_runs.c.id, func.row_number().over(order_by=order).label("place")).cte()
        read = select(measure_values.c.measure, func.max(latest.c.place).label("place"))
        read = read.join(latest, measure_values.c.run == latest.c.id).where(measure_values.c.rows.is_not(None))
        newest = read.group_by(measure_values.c.measure).subquery()
        names: dict[str, list[str]] = defaultdict(list)
        for run, name in self._read(
            select(latest.c.id, newest.c.measure).join(newest, newest.c.place == latest.c.place)
        ):
            names[run].append(name)
        found: dict[str, MeasureRecord] = {}
        for run in sorted(names):
            found |= self.measures([run], names[run])[run]
        return found

    def check_ins(self, scope: Scope, key_result: str | None = None) -> list[CheckIn]:
        """List the check-ins of finished and refused runs, in the order in which runs first saw them."""
        query = select_record(check_ins, CheckIn).join(runs).where(of_scope(scope), runs.c.outcome.in_(HEARD))
        if key_result is not None:
            query = query.where(check_ins.c.key_result == key_result)
        rows = self._read(query.order_by(check_ins.c.seen, runs.c.started_at, check_ins.c.run, check_ins.c.key_result))
        return [CheckIn(*row) for row in rows]
