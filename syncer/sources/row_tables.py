"""DuckDB tables of rows, filled page by page and queried with a deadline."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from config.expressions import DUCK_TYPES, Expression
from config.message import Message
from config.sql.checking import check_expressions
from config.sql.messages import ExpressionError
from config.sql.printing import quoted
from config.tables import Column, ColumnType, Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


_WATCH_SECONDS = 0.05
_MOST_IDLE = 20


class Queries:
    """DuckDB queries with a deadline, one at a time.

    Methods raise duckdb.Error; InterruptException means the deadline has passed. One thread watches all queries, since
    a run may send thousands of short ones; it ends when none was sent for a second.
    """

    def __init__(self, connection: "DuckDBPyConnection", deadline_seconds: float) -> None:
        self._connection = connection
        self.deadline_seconds = deadline_seconds
        self._lock = threading.Lock()
        self._ends: float | None = None
        self._watched = False

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return all rows of one query."""
        with self._interrupted_at(monotonic() + self.deadline_seconds):
            return self._connection.execute(sql).fetchall()

    def first_row(self, sql: str, ends: float | None = None) -> tuple[Any, ...]:
        """Return the first row, or an empty tuple. `ends`: a deadline shared by several queries, in monotonic time."""
        with self._interrupted_at(monotonic() + self.deadline_seconds if ends is None else ends):
            return self._connection.execute(sql).fetchone() or ()

    @contextmanager
    def _interrupted_at(self, ends: float) -> Iterator[None]:
        with self._lock:
            self._ends = ends
            if not self._watched:
                self._watched = True
                threading.Thread(target=self._watch, name="okrsync-deadline", daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                self._ends = None

    def _watch(self) -> None:
        """Interrupt a late query, repeatedly, since an interrupt before the query has started has no effect."""
        idle = 0
        while True:
            sleep(_WATCH_SECONDS)
            with self._lock:
                idle = idle + 1 if self._ends is None else 0
                if idle == _MOST_IDLE:
                    self._watched = False
                    return
                if self._ends is not None and monotonic() > self._ends:
                    self._connection.interrupt()


_ROW = "__row"
"""A column without values, so that a table without columns can still hold rows."""


@dataclass(slots=True)
class Stored:
    """Table with the rows of one read. `columns` are by lower-case name, in the order they were added.

    `faults` has the reason of each column, by lower-case name, that cannot be used.
    """

    table: str
    columns: dict[str, Column] = field(default_factory=dict)
    rows: int = 0
    created: bool = False
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The table for FROM, with columns of no value yet as NULL, which DuckDB takes for any type."""
        empty = [quoted(column.name) for column in self.columns.values() if column.type == "empty"]
        if not empty:
            return self.table
        nothing = ", ".join(f"NULL AS {name}" for name in empty)
        return f"(SELECT * REPLACE ({nothing}), rowid FROM {self.table})"  # noqa: S608 - ours, and quoted

    def fault_of(self, columns: Sequence[str]) -> str:
        """Return the reason of the first of these columns that cannot be used; empty if all can."""
        return next((self.faults[name.lower()] for name in columns if name.lower() in self.faults), "")


def store(connection: "DuckDBPyConnection", stored: Stored, columns: Sequence[Column], page: str, count: int) -> None:
    """Insert a page that `encode_page` returned; create the table or add columns as needed. Raises duckdb.Error."""
    _fit(connection, stored, columns)
    if count and columns:
        names = ", ".join(quoted(column.name) for column in columns)
        values = ", ".join(f"unnest(page.c{place})" for place in range(len(columns)))
        shape = json.dumps({f"c{place}": [_shape(column.type)] for place, column in enumerate(columns)})
        connection.execute(
            f"INSERT INTO {stored.table} ({names}) SELECT {values} FROM (SELECT from_json_strict(?::JSON, '{shape}') AS page)",  # noqa: S608, E501 - ours, and quoted
            [page],
        )
    elif count:
        connection.execute(f"INSERT INTO {stored.table} ({_ROW}) SELECT NULL FROM range({count})")  # noqa: S608 - ours
    stored.rows += count


def _fit(connection: "DuckDBPyConnection", stored: Stored, columns: Sequence[Column]) -> None:
    if not stored.created:
        written = [f"{quoted(column.name)} {DUCK_TYPES[column.type]}" for column in columns]
        definition = ", ".join([*written, f"{_ROW} BOOLEAN"])
        connection.execute(f"CREATE TABLE {stored.table} ({definition})")
        stored.created = True
        stored.columns = {column.name.lower(): column for column in columns}
        return
    for column in columns:
        known = stored.columns.get(column.name.lower())
        if known is None:
            added = f"{quoted(column.name)} {DUCK_TYPES[column.type]}"
            connection.execute(f"ALTER TABLE {stored.table} ADD COLUMN {added}")
            stored.columns[column.name.lower()] = column
        elif known.type != column.type:
            _widen(connection, stored, known, column)


def _widen(connection: "DuckDBPyConnection", stored: Stored, known: Column, column: Column) -> None:
    """Change the type of a column of an open table when a page has another one: mixed types become text."""
    wider = _wider(known, column)
    if wider is None:
        wider = Column(known.name, "text", known.doc)
    if wider.type == known.type:
        return
    if DUCK_TYPES[wider.type] != DUCK_TYPES[known.type]:
        connection.execute(
            f"ALTER TABLE {stored.table} ALTER COLUMN {quoted(known.name)} TYPE {DUCK_TYPES[wider.type]}"
        )
    stored.columns[known.name.lower()] = wider


def _wider(known: Column, column: Column) -> Column | None:
    """Return the column whose type holds the values of both; None if only text does."""
    types = {known.type, column.type}
    if "empty" in types:
        return known if column.type == "empty" else column
    return next(each for each in (known, column) if each.type == "number") if types == {"integer", "number"} else None


def type_errors(stored: Stored, expressions: Sequence[Expression]) -> dict[str, str]:
    """Check the expressions whose columns' types came with the rows; return the errors by the expression's text."""
    texts = list(dict.fromkeys(each.text for each in expressions if not each.typed))
    table = Table(Message("the rows"), "", (), tuple(stored.columns.values()))
    answers = check_expressions([(text, table) for text in texts])
    return {
        text: str(answer) for text, answer in zip(texts, answers, strict=True) if isinstance(answer, ExpressionError)
    }


def _shape(kind: ColumnType) -> str | list[str]:
    return ["VARCHAR"] if kind == "list" else DUCK_TYPES[kind]
