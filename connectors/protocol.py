"""Protocol of a source: reads, readings, rows and errors as frozen data.

Measures with the same table and query share one read, so a failure is reported for no more than it concerns:

- a `ReadError` for what concerns every row: the service, the query, the file, an incomplete answer;
- `Reading.failed` for what concerns one column: a cell or field that does not fit its type, a field that the service
  does not have, a name that two columns share. The rows are stored all the same, with None in that column or without
  it, and are counted.

Only measures that name a failed column are unknown. A connector reports every column that it finds to have failed,
whether or not a measure names it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime, tzinfo
from typing import Protocol

from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from config.tables import Column, Table

Value = str | int | float | bool | datetime | Sequence[str] | None
"""Value of a row's column. A datetime is aware and in UTC. None is unknown, never zero."""

Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Read:
    """A request for the rows of one table that a query in the source's own language selects.

    Attributes:
        key: unique name of the read within a run, such as `jira.issues#2`.
        table: name of the table without its connection, such as `issues`.
        query: the query keys as the config states them, placeholders included.
        columns: the columns that the expressions use; for an open table, all are read.
        count_only: whether only the number of rows is requested; `columns` is empty then.
        instants: values of `{cycle.start}`, `{cycle.end}`, `{today}` and `{as_of}`, as aware datetimes.
    """

    key: str
    table: str
    query: Mapping[str, str]
    columns: tuple[str, ...] = ()
    count_only: bool = False
    instants: Mapping[str, datetime] = field(default_factory=dict)


_TYPES: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "timestamp": (datetime,),
    "list": (list,),
}


def require_type(column: Column, value: Value) -> Value:
    """Return a value of a column with a fixed type. Raises TypeError for one of another type."""
    kinds = _TYPES[column.type]
    if value is not None and (not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)):
        kind = type(value).__name__
        raise TypeError(Message("{name} is {kind}, not {type}", name=column.name, kind=kind, type=column.type))
    return value


def zone_of(read: Read) -> tzinfo:
    """Return the workspace's time zone, which is that of the read's instants; UTC if it has none."""
    return next((moment.tzinfo for moment in read.instants.values() if moment.tzinfo), UTC)


@dataclass(frozen=True, slots=True)
class Reading:
    """The complete answer to a read; an incomplete answer is a `ReadError`. Single columns may have failed.

    Attributes:
        read: the read that was answered.
        count: number of rows that matched.
        read_at: when the service answered, aware and in UTC.
        asked: the query with its placeholders filled, for display.
        ids: keys of the rows, such as CORE-7, where counting lists them; empty otherwise.
        link: web address of the query in the tracker; empty where there is none.
        notes: how the answer was read where that was detected, such as an encoding; shown by `explain` and
            `check --online`.
        warnings: what may make the answer wrong, such as a row of totals among the rows; shown in the plan as well.
        types: how the type of each column was found in the data, by name; shown by `explain` and `check --online`.
        shared: for which other workspace it was counted, and when; empty for an answer of this run.
        failed: the error of each column without usable values, by name. It names the place of what was wrong.
    """

    read: Read
    count: int
    read_at: datetime
    asked: str
    ids: tuple[str, ...] = ()
    link: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)
    failed: Mapping[str, SourceError] = field(default_factory=dict)
    shared: str = ""

    def error_of(self, columns: Iterable[str]) -> SourceError | None:
        """Return the error of the first of these columns that failed, ignoring case; None if none did."""
        failed = {name.lower(): error for name, error in self.failed.items()}
        return next((failed[name.lower()] for name in columns if name.lower() in failed), None)


@dataclass(frozen=True, slots=True)
class ReadError:
    """A read without a complete answer. Only the measures that depend on it are unknown."""

    read: Read
    error: SourceError


class RowStore(Protocol):
    """Store that takes rows page by page, so that no connector holds a whole answer in memory."""

    def add(self, read: Read, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        """Store one page of rows of `read`. Called at least once per read of rows, with no rows if none matched."""


ROWS_STORED_TOGETHER = 5000


def store_rows(into: RowStore, read: Read, columns: Sequence[Column], rows: Sequence[Row]) -> None:
    """Store all rows of a read, so many at a time."""
    for start in range(0, max(len(rows), 1), ROWS_STORED_TOGETHER):
        into.add(read, columns, rows[start : start + ROWS_STORED_TOGETHER])


class Source(Protocol):
    """Read-only source of rows and counts. `close` releases its resources and may be called more than once."""

    @property
    def tables(self) -> Mapping[str, Table]:
        """Tables by name."""

    def read(self, reads: Sequence[Read], into: RowStore) -> Iterator[Reading | ReadError]:
        """Yield one answer per read, in any order. A fault of the service is a ReadError, never an exception."""

    def close(self) -> None:
        """Close connections."""
