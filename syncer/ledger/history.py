"""Queries on the ledger: runs, values, measures, check-ins, cells. Imported only when a ledger is used."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from itertools import starmap
from types import TracebackType
from typing import Any, Self

from sqlalchemy import ColumnElement, Engine, Select, Text, and_, case, func, select, type_coerce, union_all

from config.errors import LedgerError
from config.message import Message
from syncer.ledger.queries import HEARD, OF_THE_PAST, ZONES, finished, of_scope, select_record, start_of
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
    ValueRecord,
)
from syncer.ledger.store import Place, faults
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
from syncer.model.history import DayValue

LOOK_BACK_RUNS = 30
"""Number of finished runs searched for the last rows of a measure when newer reads of it failed."""

NEAR = timedelta(days=2)
"""How far to look for the first or last value of a key result before a look at all of its values."""


class LedgerHistory:
    """Read access to a ledger. Every method raises LedgerError if the database cannot answer."""

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
        """Close the database connections. Safe to call twice."""
        self._engine.dispose()

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

    def history(self, scope: Scope, key_result: str | None = None, since: date | None = None) -> list[ValueRecord]:
        """List the values of finished runs from day `since` on, oldest first."""
        query = finished(select_record(key_result_values, ValueRecord).join(runs), scope)
        if key_result is not None:
            query = query.where(key_result_values.c.key_result == key_result)
        if since is not None:
            query = query.where(key_result_values.c.day >= since)
        columns = key_result_values.c
        order = (columns.day, columns.at, columns.key_result, runs.c.started_at, columns.run)
        return [ValueRecord(*row) for row in self._read(query.order_by(*order))]

    def daily(
        self, scope: Scope, since: datetime, zone: tzinfo, numbers_of: Collection[str] = ()
    ) -> dict[str, list[DayValue]]:
        """List one value per key result and day from `since` on: of the day's last finished sync, or backfilled.

        Oldest first; backfilled values come in addition to those of syncs. Only key results in `numbers_of` get their
        numbers.
        """
        syncs = finished(select(runs.c.id, runs.c.now), scope).where(runs.c.command == "sync", runs.c.now >= since)
        syncs = syncs.order_by(runs.c.started_at, runs.c.id)
        last = {now.astimezone(zone).date(): run for run, now in self._read(syncs)}
        columns = key_result_values.c
        numbers = case((columns.key_result.in_(numbers_of), columns.numbers)).label("numbers")
        values = select(
            columns.key_result, columns.day, columns.value, columns.progress, numbers, columns.at, columns.run
        )
        values = values.where(columns.day >= since.date())
        synced = values.where(columns.run.in_(sorted(last.values())))
        filled = finished(values.join(runs), scope).where(runs.c.command.in_(OF_THE_PAST))
        both = union_all(synced, filled).subquery().c  # not by OR, for which PostgreSQL reads the whole table
        days = select(both.key_result, both.day, both.value, both.progress, both.numbers)
        found: dict[str, list[DayValue]] = defaultdict(list)
        for key, *day in self._read(days.order_by(both.day, both.at, both.run)):
            found[key].append(DayValue(*day))
        return found

    def first_values(self, scope: Scope, since: date, key_results: Collection[str] | None = None) -> list[ValueRecord]:
        """Return the first known value from day `since` on, of all key results or of these.

        Selected by the database, since a cycle of hourly runs has hundreds of thousands of values.
        """
        columns = key_result_values.c
        all_numbers = columns.numbers.is_not(None) & type_coerce(columns.numbers, Text).not_like("%null%")
        known = (columns.day >= since) & (columns.progress.is_not(None) | all_numbers)
        known &= (runs.c.now >= start_of(since) - ZONES) | runs.c.command.in_(OF_THE_PAST)
        order = (columns.day, columns.at, runs.c.started_at, columns.run)
        if key_results is None:
            return self._one_each(scope, known, order)
        begun = self._day_of_a_sync(scope, runs.c.now >= start_of(since) - ZONES, runs.c.started_at)
        end = (begun or since) + NEAR
        near = (columns.day < end) & ((runs.c.now < start_of(end) + ZONES) | runs.c.command.in_(OF_THE_PAST))
        return self._nearest(scope, known, near, order, key_results)

    def last_scored(self, scope: Scope, until: date, key_results: Collection[str]) -> list[ValueRecord]:
        """Return the last value with a progress of each of these key results, up to the end of that day."""
        columns = key_result_values.c
        newest = (columns.day.desc(), columns.at.desc(), runs.c.started_at.desc(), columns.run.desc())
        known = (columns.day <= until) & columns.progress.is_not(None)
        ended = self._day_of_a_sync(scope, runs.c.now < start_of(until) + 2 * ZONES, runs.c.started_at.desc())
        begin = (ended or until) - NEAR
        near = (columns.day > begin) & ((runs.c.now >= start_of(begin)) | runs.c.command.in_(OF_THE_PAST))
        return self._nearest(scope, known, near, newest, key_results)

    def _day_of_a_sync(self, scope: Scope, wanted: ColumnElement[bool], order: ColumnElement[Any]) -> date | None:
        """Return the day in UTC of the first sync in that order; None if there is none."""
        query = finished(select(runs.c.now), scope).where(wanted, runs.c.command == "sync").order_by(order).limit(1)
        return next((now.date() for (now,) in self._read(query)), None)

    def _nearest(
        self,
        scope: Scope,
        known: ColumnElement[bool],
        near: ColumnElement[bool],
        order: Sequence[ColumnElement[Any]],
        key_results: Collection[str],
    ) -> list[ValueRecord]:
        """See `_one_each`; values that are `near` come before all others in that order, and mostly suffice."""
        of_keys = key_result_values.c.key_result.in_
        found = self._one_each(scope, known & near & of_keys(key_results), order)
        if missing := {*key_results} - {record.key_result for record in found}:
            found += self._one_each(scope, known & of_keys(sorted(missing)), order)
        return sorted(found, key=lambda record: (record.day, record.at, record.key_result))

    def _one_each(
        self, scope: Scope, known: ColumnElement[bool], order: Sequence[ColumnElement[Any]]
    ) -> list[ValueRecord]:
        """Return the first value of each key result in that order, from finished runs."""
        columns = key_result_values.c
        place = func.row_number().over(partition_by=columns.key_result, order_by=order).label("place")
        ranked = select(columns.run, columns.key_result, columns.day, place).join(runs).where(known)
        first = finished(ranked, scope).subquery()
        same = [columns[name] == first.c[name] for name in ("run", "key_result", "day")]
        query = select_record(key_result_values, ValueRecord).join(first, and_(first.c.place == 1, *same))
        return [ValueRecord(*row) for row in self._read(query.order_by(columns.day, columns.at, columns.key_result))]

    def last_values(self, scope: Scope) -> dict[str, ValueRecord]:
        """Return the values of the last finished run that has any, by key result."""
        return self.values_at(scope, date.max)

    def values_at(self, scope: Scope, day: date) -> dict[str, ValueRecord]:
        """Return the values at the end of that day by key result: those of the last finished run until then.

        A backfilled value is used where it is of a later day than the run's value.
        """
        columns = key_result_values.c
        until = columns.day <= day
        begun = runs.c.now < start_of(min(day, date.max - 2 * ZONES)) + 2 * ZONES
        newest = finished(select(runs.c.id).join(key_result_values), scope).where(begun, until, ~columns.backfilled)
        newest = newest.order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(1)
        query = select_record(key_result_values, ValueRecord).where(columns.run == newest.scalar_subquery())
        found = {each.key_result: each for each in starmap(ValueRecord, self._read(query.order_by(columns.key_result)))}
        filled = until & columns.backfilled & runs.c.command.in_(OF_THE_PAST)
        for record in self._one_each(scope, filled, (columns.day.desc(), columns.run.desc())):
            known = found.get(record.key_result)
            if known is None or known.day < record.day:
                found[record.key_result] = record
        return found

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

    def _read(self, query: Select[Any]) -> Sequence[Sequence[Any]]:
        with faults("reading the ledger", self._place), self._engine.connect() as connection:
            return connection.execute(query).all()
