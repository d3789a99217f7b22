"""The protocol of a source and the frozen data that crosses it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from config.errors import SourceError
from config.tables import Column, Table

Value = str | int | float | bool | datetime | Sequence[str] | None
"""What a row may hold. A datetime is aware and in UTC. None is unknown, never zero."""

Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Read:
    """One table, one native query, the columns wanted.

    Attributes:
        key: names this read within a run, such as `jira.issues#2`.
        table: the table's name without its connection, such as `issues`.
        query: the query keys as the config states them, placeholders included.
        columns: the columns that the expressions name; for an open table, all are read.
        count_only: only the number of rows is asked for; `columns` is empty then.
        instants: what `{cycle.start}`, `{cycle.end}`, `{today}` and `{as_of}` stand for, aware datetimes.
    """

    key: str
    table: str
    query: Mapping[str, str]
    columns: tuple[str, ...] = ()
    count_only: bool = False
    instants: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """The answer to a read: complete, or it would be a `ReadError`.

    Attributes:
        read: what was asked.
        count: how many rows matched.
        read_at: when the service answered, aware, UTC.
        asked: the query as it was sent, for people: placeholders filled.
        ids: the rows' keys, such as CORE-7, where counting walks them; empty otherwise.
        link: the query in the tracker's own pages, empty where it has none.
    """

    read: Read
    count: int
    read_at: datetime
    asked: str
    ids: tuple[str, ...] = ()
    link: str = ""


@dataclass(frozen=True, slots=True)
class ReadError:
    """A read that gave no complete answer. It costs only the measures that stand on it."""

    read: Read
    error: SourceError


class RowStore(Protocol):
    """Where rows go, page by page, so that no connector holds a whole answer."""

    def add(self, read: Read, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        """Keep one page of rows of `read`. Called at least once for every row read, also when no row matched."""


class Source(Protocol):
    """Where numbers come from. Reads only. `close` frees what it holds and may be called twice."""

    @property
    def tables(self) -> Mapping[str, Table]:
        """The tables by name."""

    def read(self, reads: Sequence[Read], into: RowStore) -> Iterator[Reading | ReadError]:
        """One answer per read, in any order. Never raises for a fault of a service."""

    def close(self) -> None:
        """Free connections."""
