"""Compute figures from rows: load rows into DuckDB page by page, and evaluate expressions to exact numbers."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from time import monotonic
from typing import Any

from config.dataclass import dataclass
from config.expressions import Expression
from config.message import Message
from config.sql.checking import check_expressions
from config.sql.database import open_database
from config.sql.messages import ExpressionError, duck_message
from config.sql.printing import quoted
from config.tables import Column, Table
from connectors.protocol import Read, Row
from syncer.sources.figures import Figure, arithmetic, exact
from syncer.sources.near_misses import NearMiss, columns_asked, has_near_misses, misses_of, near_misses_query
from syncer.sources.read_queries import ReadQueries
from syncer.sources.row_names import key_of, names_rows, naming_columns
from syncer.sources.row_queries import Queries
from syncer.sources.row_tables import RowTables, Stored, type_errors

__all__ = ["DuckRows", "Figure", "TracedRow", "arithmetic"]

_TOGETHER = 25
"""Expressions per query; in DuckDB the cost of one more expression grows with their number."""
_MOST_PICKS = 2_000_000
"""Limit of rows times conditions for listing which row meets which condition; more would need too much memory."""


@dataclass(frozen=True, slots=True)
class TracedRow:
    """One row behind a figure. `counted`: it meets a condition that selects the rows that count."""

    values: Row
    counted: bool


class DuckRows:
    """Rows of one run (a `connectors.protocol.RowStore`) and the figures computed from them. `add` is thread-safe.

    Expressions see instants in local time of `zone`: '2026-10-01' is midnight at the start of that day.
    """

    def __init__(
        self, *, zone: tzinfo = UTC, memory: str = "1GB", threads: int = 2, deadline_seconds: float = 60.0
    ) -> None:
        self._zone = zone
        self._memory = memory
        self._connection = open_database(memory=memory, threads=threads)
        self._deadline_seconds = deadline_seconds
        self._queries = ReadQueries(Queries(self._connection, deadline_seconds))
        self._tables = RowTables(self._connection, zone)

    def add(self, read: Read, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        """Store one page without raising, before the first figure is asked for.

        A value that does not fit makes the figures that use its column unknown; a page that DuckDB refuses, those of
        the whole read.
        """
        self._tables.add(read.key, columns, rows)

    def evaluate(self, read_key: str, expressions: Sequence[Expression], reading_count: int) -> list[Figure]:
        """Evaluate expressions over a complete read of `reading_count` rows; one result per expression."""
        stored = self._tables.get(read_key)
        if fault := self._tables.faults.get(read_key):
            return [Figure(None, fault) for _ in expressions]
        if stored is None or not (stored.columns or stored.rows):
            return [self._without_rows(expression, reading_count) for expression in expressions]
        if stored.rows != reading_count:
            reason = Message(
                "{rows} rows arrived where the source counted {count}", rows=stored.rows, count=reading_count
            )
            return [Figure(None, reason) for _ in expressions]
        usable = [expression for expression in expressions if not stored.fault_of(expression.columns)]
        found: list[Figure] = []
        for start in range(0, len(usable), _TOGETHER):
            found.extend(self._figures(stored, usable[start : start + _TOGETHER]))
        figures = iter(found)
        faults = [stored.fault_of(expression.columns) for expression in expressions]
        return [Figure(None, fault) if fault else next(figures) for fault in faults]

    def rows(self, read_key: str, expression: Expression, columns: Sequence[str], limit: int) -> list[TracedRow]:
        """Return at most `limit` rows: those that count first, then ordered by `columns`. No columns: all.

        Empty for an expression that cannot be evaluated.
        """
        from config.sql import engine

        stored = self._tables.get(read_key)
        if stored is None or stored.fault_of(expression.columns):
            return []
        names = [stored.columns[name.lower()].name for name in columns if name.lower() in stored.columns]
        names = names if columns else [column.name for column in stored.columns.values()]
        met = " OR ".join(expression.conditions) or "true"
        listed = [f"coalesce({met}, false)", *map(quoted, names)]
        rest = [quoted(column.name) for column in stored.columns.values() if column.name not in names]
        order = ", ".join(["1 DESC", *map(quoted, names), *rest])
        try:
            found = self._queries.rows(
                f"SELECT {', '.join(listed)} FROM {stored.source} AS rows ORDER BY {order} LIMIT {int(limit)}"  # noqa: S608 - checked and quoted
            )
        except engine.Error:
            return []
        return [TracedRow(dict(zip(names, map(self._aware, row[1:]), strict=True)), row[0]) for row in found]

    def _aware(self, value: Any) -> Any:
        return value.replace(tzinfo=self._zone) if isinstance(value, datetime) else value

    def key_column(self, read_key: str, passed_over: Collection[str], most: int) -> str:
        """Find the column that identifies the rows of a table without a declared key; empty if there is none.

        Prefers a column named id, key or 編號, else takes the first text column not in `passed_over` (lower case). All
        its values must be present, at most 60 characters long, and unique.
        """
        from config.sql import engine

        stored = self._tables.get(read_key)
        if stored is None or not 0 < stored.rows <= most:
            return ""
        asked = naming_columns(list(stored.columns.values()), passed_over)[:_TOGETHER]
        tests = [names_rows(column) for column in asked]
        try:
            found = self._select(stored, tests)
        except engine.Error:
            return ""
        return next((column.name for column, names in zip(asked, found, strict=True) if names), "")

    def keys(
        self, read_key: str, column: str, expressions: Sequence[Expression], most: int
    ) -> list[tuple[str, tuple[bool, ...]]] | None:
        """Return (key, flags) per row, sorted by key; the flags say which expressions' conditions the row meets.

        None if rows or keys were not read, if there are more than `most` rows, or too many combinations to list.
        """
        from config.sql import engine

        stored = self._tables.get(read_key)
        if stored is None or stored.rows > most or column.lower() not in stored.columns:
            return None
        if any(stored.fault_of([column, *each.columns]) for each in expressions):
            return None
        key = key_of(stored.columns[column.lower()])
        tests = [f"coalesce({' OR '.join(each.conditions) or 'true'}, false)" for each in expressions]
        distinct = list(dict.fromkeys(tests))
        if stored.rows * len(distinct) > _MOST_PICKS:
            return None
        flags: dict[str, list[bool]] = {}
        keys: list[str | None] = []
        try:
            for start in range(0, len(distinct), _TOGETHER):
                some = distinct[start : start + _TOGETHER]
                found = self._queries.sorted_rows(stored, [key, *some])
                keys = [row[0] for row in found]
                flags.update({test: [row[place] for row in found] for place, test in enumerate(some, 1)})
        except engine.Error:
            return None
        columns = [flags[test] for test in tests]
        known = [row_key for row_key in keys if row_key is not None]
        return list(zip(known, zip(*columns, strict=True), strict=True)) if len(known) == len(keys) else None

    def near_misses(self, read_key: str, expressions: Sequence[Expression]) -> list[list[NearMiss]]:
        """For each expression, find texts that differ from those it asks for in nothing but case and outer spaces."""
        from config.sql import engine

        stored = self._tables.get(read_key)
        if stored is None:
            return [[] for _ in expressions]
        usable = [expression for expression in expressions if not stored.fault_of(expression.columns)]
        found: list[NearMiss] = []
        for column, texts in columns_asked(stored, usable):
            with suppress(engine.Error):
                if self._select(stored, [has_near_misses(column, texts)])[0]:
                    rows = self._queries.rows(near_misses_query(stored, column, texts))
                    found += [NearMiss(column.name, *row) for row in rows]
        return [[] if stored.fault_of(each.columns) else misses_of(each, found) for each in expressions]

    def close(self) -> None:
        """Free the memory. Safe to call twice."""
        self._connection.close()

    def _without_rows(self, expression: Expression, count: int) -> Figure:
        """Evaluate an expression where only the number of rows was read, or an open table has no row."""
        if expression.sql == "count(*)":
            return Figure(Decimal(count))
        if expression.is_count:
            return self._figures(Stored(f"range({count})", rows=count), [expression])[0]
        if count == 0:
            return Figure(Decimal(0)) if expression.zero_when_empty else Figure(None, Message("no rows"))
        return Figure(None, Message("only the number of rows was read"))

    def _figures(self, stored: Stored, expressions: Sequence[Expression]) -> list[Figure]:
        from config.sql import engine

        wrong = type_errors(stored, expressions)
        usable = [each for each in expressions if each.text not in wrong]
        known = list(dict.fromkeys(each.sql for each in usable if not self._missing(stored, each)))
        try:
            values = self._select(stored, known)
        except engine.Error:
            ends = monotonic() + self._deadline_seconds
            figures = {}
            for left, each in zip(range(len(usable), 0, -1), usable, strict=True):
                share = (ends - monotonic()) / left  # so that a slow one leaves time for the others
                figures[each.sql] = self._alone(stored, each, monotonic() + share)
        else:
            found = dict(zip(known, values, strict=True))
            figures = {each.sql: self._figure(stored, each, found[each.sql]) for each in usable if each.sql in found}
        return [
            Figure(None, wrong[each.text])
            if each.text in wrong
            else figures.get(each.sql) or Figure(None, self._why(stored, each, None))
            for each in expressions
        ]

    def _alone(self, stored: Stored, expression: Expression, ends: float) -> Figure:
        from config.sql import engine

        try:
            if self._missing(stored, expression):
                return Figure(None, self._why(stored, expression, None))
            return self._figure(stored, expression, self._select(stored, [expression.sql], ends)[0])
        except engine.Error as exc:
            return Figure(None, self._why(stored, expression, exc))

    def _select(self, stored: Stored, sqls: Sequence[str], ends: float | None = None) -> tuple[Any, ...]:
        return self._queries.first_row(stored, sqls, ends) if sqls else ()

    def _figure(self, stored: Stored, expression: Expression, value: object) -> Figure:
        if value is None:
            return Figure(None, self._nothing(stored, expression))
        number = exact(value)
        if number is None:
            return Figure(
                None, Message("not a number") if isinstance(value, float) else self._why(stored, expression, None)
            )
        return Figure(number)

    def _nothing(self, stored: Stored, expression: Expression) -> str:
        """Return why an expression over complete rows has no value."""
        if stored.rows == 0:
            return Message("no rows")
        matching = " OR ".join(expression.conditions) or "true"
        dividing = " OR ".join(f"coalesce({test}, false)" for test in expression.zero_divisions) or "false"
        met, by_zero = self._select(stored, [f"count(*) FILTER (WHERE {matching})", dividing])
        if by_zero:
            return Message("division by zero")
        if not met:
            return Message("no rows: none of {rows} matches", rows=stored.rows)
        return Message("no value in any of {rows} rows", rows=met) if met > 1 else Message("no value in the one row")

    def _missing(self, stored: Stored, expression: Expression) -> bool:
        return any(name.lower() not in stored.columns for name in expression.columns)

    def _why(self, stored: Stored, expression: Expression, exc: Exception | None) -> str:
        """Return why an expression failed, if possible by checking it against the columns that were read."""
        from config.sql import engine

        if isinstance(exc, engine.InterruptException):
            return Message("took longer than {seconds:g} s", seconds=self._deadline_seconds)
        if isinstance(exc, engine.OutOfMemoryException):
            return Message("needs more memory than {memory}", memory=self._memory)
        [checked] = check_expressions(
            [(expression.text, Table(Message("the rows"), "", (), tuple(stored.columns.values())))]
        )
        if not isinstance(checked, ExpressionError):
            return duck_message(exc) if exc else Message("the result is not a number")
        return str(checked)
