"""DuckDB tables of the rows of each read, filled page by page; small reads with the same columns share a table."""

import json
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import field
from datetime import tzinfo
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from config.dataclass import dataclass
from config.expressions import DUCK_TYPES, Expression
from config.message import Message
from config.sql.checking import check_expressions
from config.sql.messages import ExpressionError, duck_message
from config.sql.printing import quoted
from config.tables import Column, ColumnType, Table
from connectors.protocol import Row
from syncer.sources.row_pages import encode_page

if TYPE_CHECKING:
    from config.sql.engine import DuckDBPyConnection

_ROW = "__row"
"""A column without values, so that a table without columns can still hold rows."""

READ = "__read"
"""The column of a shared table that tells its reads apart."""

_SMALL = 64_000
"""Number of characters, as JSON, up to which a read waits for others with the same columns."""

_TOGETHER = 50
"""Number of reads in a shared table: a question that one of them alone asks is answered for all of these."""

_MOST_WAITING = 32_000_000
"""Number of characters that wait at most, to bound memory."""


class _Page(NamedTuple):
    columns: tuple[Column, ...]
    text: str
    rows: int


@dataclass(slots=True)
class Stored:
    """Rows of one read. `columns` are by lower-case name, in the order they were added.

    `faults` has the reason of each column, by lower-case name, that cannot be used. `number` is the read's number in a
    shared table; None where the table is its own.
    """

    table: str
    columns: dict[str, Column] = field(default_factory=dict)
    rows: int = 0
    created: bool = False
    faults: dict[str, str] = field(default_factory=dict)
    number: int | None = None
    waiting: list[_Page] = field(default_factory=list)

    @property
    def source(self) -> str:
        """The rows for FROM, with columns of no value yet as NULL, which DuckDB takes for any type."""
        if self.number is not None:
            return f"(SELECT * EXCLUDE ({READ}) {self._nothing}, rowid FROM {self.table} WHERE {READ} = {self.number})"  # noqa: S608 - ours, and quoted
        return self.together if self._nothing else self.table

    @property
    def together(self) -> str:
        """The rows for FROM, of all reads that share the table."""
        return f"(SELECT * {self._nothing}, rowid FROM {self.table})"  # noqa: S608 - ours, and quoted

    @property
    def _nothing(self) -> str:
        empty = [quoted(column.name) for column in self.columns.values() if column.type == "empty"]
        return f"REPLACE ({', '.join(f'NULL AS {name}' for name in empty)})" if empty else ""

    def fault_of(self, columns: Sequence[str]) -> str:
        """Return the reason of the first of these columns that cannot be used; empty if all can."""
        return next((self.faults[name.lower()] for name in columns if name.lower() in self.faults), "")


class RowTables:
    """Rows by read. `add` is thread-safe; queries come after it.

    A statement costs DuckDB a millisecond however little it moves. So small reads wait, and are inserted with one
    statement for all that have the same columns when the first of them is asked for.
    """

    def __init__(self, connection: "DuckDBPyConnection", zone: tzinfo) -> None:
        self.lock = threading.Lock()
        self.faults: dict[str, str] = {}
        self._connection = connection
        self._zone = zone
        self._stored: dict[str, Stored] = {}
        self._waiting = 0
        self._shared = 0

    def add(self, key: str, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        """Add a page to a read without raising: what does not fit becomes a fault of its column or of the read."""
        if key in self.faults:
            return
        with self.lock:
            stored = self._stored.setdefault(key, Stored(f"read_{len(self._stored)}"))
        fitting, text = encode_page(columns, rows, self._zone, stored.faults)
        with self.lock:
            stored.waiting.append(_Page(tuple(fitting), text, len(rows)))
            stored.rows += len(rows)
            self._waiting += len(text)
            large = sum(len(page.text) for page in stored.waiting) > _SMALL
            if stored.created or large or self._waiting > _MOST_WAITING:
                self._store_alone(key, stored)

    def get(self, key: str) -> Stored | None:
        """Return the rows of a read, ready for queries; None if there are none or they could not be stored."""
        stored = self._stored.get(key)
        if stored is not None and stored.waiting:
            with self.lock:
                self._store_waiting()
        return None if key in self.faults else stored

    def _store_waiting(self) -> None:
        alike: dict[tuple[tuple[str, ColumnType], ...], dict[str, Stored]] = {}
        for key, stored in self._stored.items():
            shapes = {tuple((column.name, column.type) for column in page.columns) for page in stored.waiting}
            if len(shapes) == 1 and (shape := shapes.pop()) and not stored.created:
                alike.setdefault(shape, {})[key] = stored
            elif stored.waiting:
                self._store_alone(key, stored)
        for reads in alike.values():
            keys = iter(reads)
            while some := list(islice(keys, _TOGETHER)):
                if len(some) == 1 or not self._store_together([reads[key] for key in some]):
                    for key in some:
                        self._store_alone(key, reads[key])

    def _store_together(self, reads: Sequence[Stored]) -> bool:
        """Insert the pages of reads with the same columns into one new table; return whether DuckDB took them all."""
        from config.sql import engine

        columns = reads[0].waiting[0].columns
        table, self._shared = f"shared_{self._shared}", self._shared + 1
        pages = [(number, page.text) for number, stored in enumerate(reads) for page in stored.waiting]
        try:
            _create(self._connection, table, columns, f"{READ} INTEGER")
            _insert(self._connection, table, columns, pages, READ)
        except engine.Error:
            with suppress(engine.Error):
                self._connection.execute(f"DROP TABLE IF EXISTS {table}")
            return False
        for number, stored in enumerate(reads):
            stored.table, stored.number, stored.created = table, number, True
            stored.columns = {column.name.lower(): column for column in stored.waiting[0].columns}
            self._forget_waiting(stored)
        return True

    def _store_alone(self, key: str, stored: Stored) -> None:
        from config.sql import engine

        try:
            for page in stored.waiting:
                _store(self._connection, stored, page)
        except engine.Error as exc:
            self.faults.setdefault(key, duck_message(exc))
            self._connection.execute(f"DROP TABLE IF EXISTS {stored.table}")
        self._forget_waiting(stored)

    def _forget_waiting(self, stored: Stored) -> None:
        self._waiting -= sum(len(page.text) for page in stored.waiting)
        stored.waiting = []


def _store(connection: "DuckDBPyConnection", stored: Stored, page: _Page) -> None:
    """Insert a page; create the table or add columns as needed. Raises engine.Error."""
    _fit(connection, stored, page.columns)
    if page.rows and page.columns:
        _insert(connection, stored.table, page.columns, [(0, page.text)])
    elif page.rows:
        connection.execute(f"INSERT INTO {stored.table} ({_ROW}) SELECT NULL FROM range({page.rows})")  # noqa: S608 - ours


def _create(connection: "DuckDBPyConnection", table: str, columns: Iterable[Column], own: str) -> None:
    written = [f"{quoted(column.name)} {DUCK_TYPES[column.type]}" for column in columns]
    connection.execute(f"CREATE TABLE {table} ({', '.join([*written, own])})")


def _insert(
    connection: "DuckDBPyConnection",
    table: str,
    columns: Sequence[Column],
    pages: Sequence[tuple[int, str]],
    number: str = "",
) -> None:
    """Insert pages that `encode_page` wrote, each with its number in the column `number`, if any is named."""
    names = [quoted(column.name) for column in columns] + [number] * bool(number)
    values = [f"unnest(page.c{place})" for place in range(len(columns))] + ["number"] * bool(number)
    shape = json.dumps({f"c{place}": [_shape(column.type)] for place, column in enumerate(columns)})
    connection.execute(
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM "  # noqa: S608 - ours, and quoted
        f"(SELECT number, from_json_strict(text, '{shape}') AS page FROM "
        "(SELECT unnest(?::INTEGER[]) AS number, unnest(?::JSON[]) AS text))",
        [[place for place, _ in pages], [text for _, text in pages]],
    )


def _fit(connection: "DuckDBPyConnection", stored: Stored, columns: Sequence[Column]) -> None:
    if not stored.created:
        _create(connection, stored.table, columns, f"{_ROW} BOOLEAN")
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
