"""Queries over the rows of one read. What is asked of two reads of a shared table is asked of all of them at once."""

from collections.abc import Callable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from syncer.sources.row_queries import Queries
from syncer.sources.row_tables import READ, Stored

_Rows = list[tuple[Any, ...]]
_Answer = TypeVar("_Answer")


class ReadQueries:
    """Queries over reads; methods raise engine.Error.

    A query costs DuckDB most of a millisecond however few rows it reads, and reads of a shared table are mostly asked
    the same: so what is asked a second time is answered for all of them, and kept. Where there is no answer, because
    one read's rows fail the query or because the read has no row, the read is asked alone.
    """

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self._kept: dict[str, dict[int, Any]] = {}
        self._asked: set[str] = set()

    def first_row(self, stored: Stored, selected: Sequence[str], ends: float | None = None) -> tuple[Any, ...]:
        """Return the row of aggregates over a read, or an empty tuple. `ends`: a deadline of its own."""
        listed = ", ".join(selected)
        if ends is None:
            sql = f"SELECT {READ}, {listed} FROM {stored.together} AS rows GROUP BY {READ}"  # noqa: S608 - checked and quoted
            found = self._shared(stored, sql, lambda rows: {row[0]: row[1:] for row in rows})
            if found is not None:
                return found
        return self._queries.first_row(f"SELECT {listed} FROM {stored.source} AS rows", ends)  # noqa: S608 - checked and quoted

    def sorted_rows(self, stored: Stored, selected: Sequence[str]) -> _Rows:
        """Return what is selected of every row, sorted by the first, then in the order in which they were added."""
        listed = ", ".join(selected)
        sql = f"SELECT {READ}, {listed} FROM {stored.together} AS rows ORDER BY 1, 2, rowid"  # noqa: S608 - checked and quoted
        found = self._shared(stored, sql, _by_read)
        if found is not None:
            return found
        return self._queries.rows(f"SELECT {listed} FROM {stored.source} AS rows ORDER BY 1, rowid")  # noqa: S608 - checked and quoted

    def rows(self, sql: str) -> _Rows:
        """Return all rows of any query."""
        return self._queries.rows(sql)

    def _shared(self, stored: Stored, sql: str, by_read: Callable[[_Rows], dict[int, _Answer]]) -> _Answer | None:
        from config.sql import engine

        if stored.number is None or self._is_first(sql):
            return None
        if sql not in self._kept:
            try:
                self._kept[sql] = by_read(self._queries.rows(sql))
            except engine.Error:
                self._kept[sql] = {}
        answer: _Answer | None = self._kept[sql].pop(stored.number, None)
        return answer

    def _is_first(self, sql: str) -> bool:
        first = sql not in self._asked
        self._asked.add(sql)
        return first


def _by_read(rows: _Rows) -> dict[int, _Rows]:
    return {number: [row[1:] for row in own] for number, own in groupby(rows, key=itemgetter(0))}
