"""Open a database for reading: a read-only transaction with a time limit, by the means of each database."""

import re
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote
from zoneinfo import ZoneInfo

from config.dataclass import dataclass
from config.statements import Statement

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection

DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "mysql": "mysql+pymysql"}
"""Drivers of addresses that name none, by scheme; SQLAlchemy's own defaults are older ones."""

_PAGE_ROWS = 5000
_AGAIN_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Question:
    """A statement, the instants of its placeholders in order, the workspace's time zone, and its time in seconds."""

    statement: Statement
    instants: Sequence[datetime]
    zone: ZoneInfo
    seconds: float


@dataclass(frozen=True, slots=True)
class Selected:
    """Names of the columns of a result, and its rows, which are fetched page by page."""

    names: Sequence[str]
    rows: Iterator[Sequence[Any]]


class Database(Protocol):
    """A database open for reading. Its methods raise `errors`, those of its driver."""

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """The exceptions that its methods raise."""

    def select(self, question: Question) -> AbstractContextManager[Selected]:
        """Run a query in a read-only transaction, which ends with the block."""

    def privileges(self) -> str:
        """Return what the role may do besides reading, such as `INSERT`; empty where it is nothing or not known."""

    def close(self) -> None:
        """Close all connections."""


def open_database(url: "URL", base_dir: Path, lanes: int, seconds: float) -> Database:
    """Open a database by its address, without connecting. Relative paths start at `base_dir`.

    Raises ImportError (no driver), sqlalchemy.exc.NoSuchModuleError (no dialect).
    """
    if url.get_backend_name() == "sqlite":
        return _Sqlite(base_dir / Path(url.database or "").expanduser())
    if url.drivername == "duckdb":
        return _DuckDb(base_dir / Path(url.database or "").expanduser())
    return _Server(url, lanes, seconds)


class _Server:
    """A server that SQLAlchemy has a dialect for."""

    def __init__(self, url: "URL", lanes: int, seconds: float) -> None:
        from sqlalchemy import create_engine

        url = url.set(drivername=DRIVERS.get(url.drivername, url.drivername))
        self._kind = url.get_backend_name()
        self._is_mysql = self._kind in ("mysql", "mariadb")
        timed = {"connect_timeout": max(int(seconds), 1)} if self._is_mysql or self._kind == "postgresql" else {}
        self._engine = create_engine(
            url, pool_size=lanes, max_overflow=0, hide_parameters=True, connect_args=timed, pool_timeout=seconds
        )

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        from sqlalchemy.exc import SQLAlchemyError

        return (SQLAlchemyError, ImportError, TimeoutError)

    @contextmanager
    def select(self, question: Question) -> Iterator[Selected]:
        from sqlalchemy import bindparam, text

        statement = question.statement
        sql = text(statement.written(lambda number: f":p{number}", lambda piece: piece.replace(":", "\\:")))
        moments = [self._bound(instant) for instant in question.instants]
        if moments:
            sql = sql.bindparams(*(bindparam(f"p{number}", moment) for number, moment in enumerate(moments)))
        with self._engine.connect() as connection:
            self._limit(connection, question)
            with closing(connection.execution_options(stream_results=True).execute(sql)) as result:
                names = tuple(result.keys())
                yield Selected(names, _in_time(result.partitions(_PAGE_ROWS), monotonic() + question.seconds))

    def privileges(self) -> str:
        asked = _PRIVILEGES.get(self._kind)
        if asked is None:
            return ""
        with self._engine.connect() as connection:
            found = sorted(str(row[0]) for row in connection.exec_driver_sql(asked))
        texts = " ".join(text for text in found if not _OF_THE_TEST_DATABASE.search(text)).upper()
        return ", ".join(word for word in ("ALL PRIVILEGES", "INSERT", "UPDATE", "DELETE", "FILE") if word in texts)

    def close(self) -> None:
        self._engine.dispose()

    def _bound(self, instant: datetime) -> datetime:
        """PostgreSQL takes instants; elsewhere a time without a zone is one of the workspace's."""
        return instant if self._kind == "postgresql" else instant.replace(tzinfo=None)

    def _limit(self, connection: "Connection", question: Question) -> None:
        """Allow this transaction nothing but reading, for a limited time."""
        send = connection.exec_driver_sql
        if self._kind == "postgresql":
            send("SET TRANSACTION READ ONLY")
            send(f"SET LOCAL statement_timeout = {int(question.seconds * 1000)}")
            send(f"SET LOCAL TIME ZONE '{question.zone.key}'")
        elif self._is_mysql:
            is_mariadb = getattr(connection.dialect, "is_mariadb", False)
            in_milliseconds = f"max_execution_time = {int(question.seconds * 1000)}"
            send(f"SET SESSION {f'max_statement_time = {question.seconds:.3f}' if is_mariadb else in_milliseconds}")
            _set_zone(connection, question.zone)
            send("START TRANSACTION READ ONLY")


def _set_zone(connection: "Connection", zone: ZoneInfo) -> None:
    """Set the zone in which MySQL reads and shows TIMESTAMP columns. It knows names only once they were loaded.

    Raises SQLAlchemyError: it does not know the zone, whose offset changes within the year.
    """
    from sqlalchemy.exc import DBAPIError

    try:
        connection.exec_driver_sql("SET SESSION time_zone = %s", (zone.key,))
    except DBAPIError:
        year = datetime.now(zone).year
        offsets = {datetime(year, month, 1, tzinfo=zone).strftime("%z") for month in range(1, 13)}
        if len(offsets) > 1:
            raise
        [offset] = offsets
        connection.exec_driver_sql("SET SESSION time_zone = %s", (f"{offset[:3]}:{offset[3:]}",))


_OF_THE_TEST_DATABASE = re.compile(r"ON `test(?:\\+_%)?`\.\*", re.IGNORECASE)
"""Grants on the database `test`, which a new MySQL or MariaDB gives to everybody."""

_PRIVILEGES = {
    "postgresql": (
        "SELECT 'ALL PRIVILEGES' FROM pg_roles WHERE rolname = current_user AND rolsuper UNION "
        "SELECT privilege_type FROM information_schema.role_table_grants "
        "WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
    ),
    "mysql": "SHOW GRANTS",
    "mariadb": "SHOW GRANTS",
}


class _Sqlite:
    """A SQLite file, opened `mode=ro`."""

    errors = (sqlite3.Error, OSError)

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def select(self, question: Question) -> Iterator[Selected]:
        statement = question.statement
        values = {f"p{number}": _local_text(instant) for number, instant in enumerate(question.instants)}
        address = f"file:{quote(str(_existing(self._path)))}?mode=ro"
        made = sqlite3.connect(address, uri=True, timeout=question.seconds, check_same_thread=False)
        with closing(made) as database, _interrupted(database.interrupt, question.seconds):
            cursor = database.execute(statement.written(lambda number: f":p{number}"), values)
            yield Selected(tuple(column[0] for column in cursor.description or ()), cursor)

    def privileges(self) -> str:
        return ""

    def close(self) -> None:
        """Do nothing: each query has a connection of its own."""


class _DuckDb:
    """A DuckDB file, opened read-only, without access to other files."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        from config.sql import engine

        return (engine.Error, OSError)

    @contextmanager
    def select(self, question: Question) -> Iterator[Selected]:
        from config.sql import engine

        statement = question.statement
        values = {f"p{number}": instant for number, instant in enumerate(question.instants)}
        config: dict[str, Any] = {"enable_external_access": False, "memory_limit": "1GB", "threads": 2}
        with closing(engine.connect(_existing(self._path), read_only=True, config=config)) as database:
            database.execute(f"SET TimeZone = '{question.zone.key}'")
            with _interrupted(database.interrupt, question.seconds):
                database.execute(statement.written(lambda number: f"$p{number}"), values)
                names = tuple(column[0] for column in database.description or ())
                yield Selected(names, _fetched(lambda: database.fetchmany(_PAGE_ROWS)))

    def privileges(self) -> str:
        return ""

    def close(self) -> None:
        """Do nothing: each query has a connection of its own."""


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise FileNotFoundError(path)
    return path


def _local_text(instant: datetime) -> str:
    """Write an instant as SQLite's functions do, in the workspace's zone: `2026-10-01 00:00:00`."""
    return instant.replace(tzinfo=None).isoformat(" ", "seconds")


def _in_time(pages: Iterable[Sequence[Any]], ends: float) -> Iterator[Sequence[Any]]:
    """Yield the rows. Raises TimeoutError when the time is over: servers bound each fetch, not all of them."""
    for page in pages:
        yield from map(tuple, page)
        if monotonic() > ends:
            raise TimeoutError


def _fetched(fetch: Callable[[], Sequence[Sequence[Any]]]) -> Iterator[Sequence[Any]]:
    while page := fetch():
        yield from page


@contextmanager
def _interrupted(interrupt: Callable[[], None], seconds: float) -> Iterator[None]:
    """Interrupt a query, with the fetching of its rows, after this time; raises what the driver raises then."""
    done = threading.Event()

    def watch() -> None:
        waited = done.wait(seconds)
        while not waited:
            with suppress(Exception):  # it has just ended
                interrupt()
            waited = done.wait(_AGAIN_SECONDS)

    thread = threading.Thread(target=watch, name="okrsync-sql", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
