"""Read SQL databases as a source: one SELECT per measure, in a read-only transaction with a time limit.

The rows go to the measure's `value`; nothing is picked from them. The statement is sent as it is written, except that
placeholders such as `{cycle.start}` become bound parameters.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from config.cell_types import rules_of
from config.errors import SourceError
from config.message import Message
from config.models import Connection, SqlConnection
from config.placeholders import instant_of
from config.statements import Statement, parse_statement
from config.tables import Column, QueryKey, Table
from connectors.files.limits import TooManyCellsError, bounded
from connectors.grids.columns import CELL_KEYS, notes_of
from connectors.http import RetryPolicy, metered, shorten
from connectors.json_types import typed
from connectors.lanes import results_of
from connectors.protocol import Read, ReadError, Reading, RowStore, store_rows, zone_of
from connectors.registry import Context
from connectors.sql.databases import Database, Question
from connectors.sql.faults import EFFECT, Faults
from connectors.sql.opening import open_by_address

MOST_ROWS = 100_000
MOST_CELLS = 800_000

_TABLES = MappingProxyType(
    {
        "query": Table(
            "query",
            "The rows of a SQL query; its columns are those that it selects.",
            (QueryKey("sql", "One SELECT statement in the database's own language."), *CELL_KEYS),
            open=True,
        )
    }
)


def tables(_connection: Connection | None = None) -> Mapping[str, Table]:
    """Return the one table `query`, whose columns come from the query."""
    return _TABLES


def open_source(name: str, connection: Connection | None, context: Context) -> "SqlSource":
    """Open a source without connecting. Raises SourceError: unset secret, unreadable address, or no driver."""
    stated = cast("SqlConnection", connection)
    faults = Faults(name, stated)
    database = open_by_address(name, stated, context, faults)
    return SqlSource(name, stated, database, context, faults)


class SqlSource:
    """Source of SQL queries, several at once."""

    def __init__(
        self, name: str, connection: SqlConnection, database: Database, context: Context, faults: Faults
    ) -> None:
        self.name = name
        self._connection = connection
        self._database = database
        self._meter = context.meter
        self._faults = faults
        self._patience = RetryPolicy(context.policy, timeout=connection.timeout, pace=context.pace(name, connection))
        self._asking = threading.Lock()
        self._warned: tuple[str, ...] | None = None

    @property
    def tables(self) -> Mapping[str, Table]:
        """Tables by name."""
        return _TABLES

    def read(self, reads: Sequence[Read], into: RowStore) -> Iterator[Reading | ReadError]:
        """Yield one answer per read, in the order in which they arrive."""
        with ThreadPoolExecutor(self._connection.lanes, "okrsync-sql") as pool:
            yield from results_of([pool.submit(self._answer, read, into) for read in reads])

    def close(self) -> None:
        """Close the connections to the database."""
        self._database.close()

    def _answer(self, read: Read, into: RowStore) -> Reading | ReadError:
        doing = Message("sql {name!r}: running the query", name=self.name)
        try:
            statement = _statement(read, doing)
            names, rows = self._patience.call(lambda: self._rows(read, statement, doing), doing)
            made = typed(rows, rules_of(read.query, zone_of(read)), doing)
            columns = made.columns if rows else tuple(Column(name, "empty", "") for name in names)
            notes = self._role_notes()
        except SourceError as exc:
            return ReadError(read, exc)
        if not read.count_only:
            store_rows(into, read, columns, made.rows)
        asked = statement.written(lambda number: _shown(statement.placeholders[number], read))
        types = notes_of(made.columns)
        return Reading(read, len(rows), datetime.now(UTC), asked, notes=notes, types=types, failed=made.failed)

    def _rows(self, read: Read, statement: Statement, doing: str) -> tuple[Sequence[str], list[Mapping[str, Any]]]:
        """Run the query; return the names of its columns and its rows. Raises SourceError."""
        moments = [instant_of(placeholder, read.instants) for placeholder in statement.placeholders]
        zone = zone_of(read)
        seconds = self._patience.request_seconds()
        question = Question(statement, moments, zone if isinstance(zone, ZoneInfo) else ZoneInfo("UTC"), seconds)
        try:
            with metered(self._meter, self.name, "query"), self._database.select(question) as selected:
                names = selected.names
                _require_distinct(names, doing)
                rows = bounded(selected.rows, most_rows=MOST_ROWS, most_cells=MOST_CELLS)
                return names, [dict(zip(names, map(_scalar, row), strict=True)) for row in rows]
        except SourceError:
            raise
        except TooManyCellsError as exc:
            advice = Message("Let the query count or add up: SELECT count(*) ..., or ... GROUP BY.")
            raise SourceError(doing, str(exc), effect=EFFECT, advice=advice) from None
        except self._database.errors as exc:
            raise self._faults.explained(exc, doing, seconds) from None

    def _role_notes(self) -> tuple[str, ...]:
        """Return a note where the database's role may do more than read; asked once."""
        with self._asking:
            if self._warned is None:
                try:
                    found = self._database.privileges()
                except self._database.errors:
                    found = ""  # it is only advice
                note = Message("its role can also write ({found}); give okrsync a read-only role", found=found)
                self._warned = (note,) if found else ()
            return self._warned


def _statement(read: Read, doing: str) -> Statement:
    try:
        return parse_statement(read.query["sql"])
    except ValueError as exc:
        raise SourceError(doing, Message("`sql` {exc}", exc=exc), effect=EFFECT, advice="Correct `sql`.") from None


def _shown(placeholder: str, read: Read) -> str:
    return f"'{instant_of(placeholder, read.instants).isoformat(timespec='seconds')}'"


def _require_distinct(names: Sequence[str], doing: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            saw = Message("two of its columns are named '{name}'", name=shorten(name))
            raise SourceError(doing, saw, effect=EFFECT, advice=Message("Rename one of them with AS."))
        seen.add(name.lower())


def _scalar(value: Any) -> Any:
    """Convert a value of a driver to one that JSON has: instants and dates as ISO text."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (time, timedelta, UUID)):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return None if not value else f"0x{bytes(value[:32]).hex()}"
    return [value]  # arrays, JSON and what else no expression can use: left out, as in JSON
