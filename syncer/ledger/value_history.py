"""Queries on the values of key results in the ledger: by day, first and last, as of a day."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta, tzinfo
from itertools import starmap
from types import TracebackType
from typing import Any, Self

from sqlalchemy import ColumnElement, Connection, Engine, Select, Text, and_, case, func, select, type_coerce, union_all

from syncer.ledger.queries import OF_THE_PAST, ZONES, finished, select_record, start_of
from syncer.ledger.records import Scope, ValueRecord
from syncer.ledger.store import Place, faults
from syncer.ledger.tables import key_result_values, runs
from syncer.model.history import DayValue

NEAR = timedelta(days=2)
"""How far to look for the first or last value of a key result before a look at all of its values."""


class ValueHistory:
    """The values in a ledger. Every method raises LedgerError if the database cannot answer."""

    def __init__(self, engine: Engine, place: Place, connection: Connection | None = None) -> None:
        self._engine = engine
        self._place = place
        self._connection = connection

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database connections. Safe to call twice."""
        self._engine.dispose()

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

    def _read(self, query: Select[Any]) -> Sequence[Sequence[Any]]:
        with faults("reading the ledger", self._place):
            if self._connection:
                return self._connection.execute(query).all()
            with self._engine.connect() as connection:
                return connection.execute(query).all()
