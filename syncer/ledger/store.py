"""Open the ledger's database: location, file permissions and schema revision; its errors as LedgerError with advice."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from sqlalchemy import Connection, Engine, Table, create_engine, event, inspect, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from config.dataclass import dataclass
from config.errors import LedgerError
from config.message import Message
from config.secrets import Secret, UnsetSecretError
from syncer.i18n import translatable
from syncer.ledger.lock import make_state_folder
from syncer.ledger.tables import REVISIONS, metadata

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

_LONGEST_TEXT = 200
_MEANINGS = (
    (
        ("not a database", "malformed", "disk image"),
        translatable(
            "Move the file away and run again: a new one is made. A lost ledger loses history, never correctness."
        ),
    ),
    (
        ("is full", "no space"),
        translatable("Free space on that disk and run again. A lost ledger loses history, never correctness."),
    ),
    (
        ("disk i/o",),
        translatable(
            "Free space on that disk, or check whether it is failing, and run again. "
            "A lost ledger loses history, never correctness."
        ),
    ),
    (("locked", "busy"), translatable("Another okrsync is writing to it; run again when that has finished.")),
    (
        ("readonly", "read-only", "permission denied", "unable to open"),
        translatable("Give this user write access there, or set another place under `ledger` in the config."),
    ),
    (
        ("no such table", "no such column", 'relation "', "table runs already"),
        translatable("Give the ledger a database of its own. A lost ledger loses history, never correctness."),
    ),
    (("no module named",), translatable("Install PostgreSQL's driver: pip install 'psycopg[binary]'.")),
)
_OTHERWISE = translatable(
    "Check that it can be reached and written; `ledger` in the config names it. "
    "A lost ledger loses history, never correctness."
)


@dataclass(frozen=True, slots=True)
class Place:
    """Location of a ledger. `shown` is for messages and contains no password; `path` is None for a server."""

    shown: str
    path: Path | None = None
    url: URL | None = None


@contextmanager
def faults(doing: str, place: Place) -> Iterator[None]:
    """Raise LedgerError for database and file errors.

    A server's exception is not chained, as it may contain the password.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError, ModuleNotFoundError, ValueError, ArithmeticError) as exc:
        raise _explain(exc, doing, place) from (exc if place.url is None else None)


@contextmanager
def writing(engine: Engine, place: Place, doing: str) -> Iterator[Connection]:
    """Open a transaction that writes, alone among those that do. Raises LedgerError."""
    with faults(doing, place), engine.execution_options(writes=True).begin() as connection:
        yield connection


def insert_of(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """Create an INSERT in the database's own dialect, which can say what to do where the row exists."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # megabytes, for those who have such a ledger

    return postgresql.insert(table)


def _explain(exc: Exception, doing: str, place: Place) -> LedgerError:
    origin = exc.orig if isinstance(exc, DBAPIError) and exc.orig else exc
    message = " ".join(str(origin).split())
    if place.url is not None and place.url.password:
        message = message.replace(place.url.password, "***")
    lower = message.lower()
    advice = next((advice for signs, advice in _MEANINGS if any(sign in lower for sign in signs)), _OTHERWISE)
    saw = f"{type(origin).__name__}: {message[:_LONGEST_TEXT]}" if message else type(origin).__name__
    return LedgerError(f"{doing} {place.shown}", saw, effect="The sheet is not affected.", advice=advice)


BUSY_SECONDS = 15
_MIGRATING = threading.Lock()
"""Alembic keeps its state in module globals, so migrations of several ledgers take turns."""

_MIGRATION_LOCK = 0x6F6B7273
"""Key of PostgreSQL's advisory lock during migrations, unlikely to be used by other programs."""


def find(location: str, base_dir: Path) -> Place:
    """Resolve the config's `ledger`: a path relative to the config, a database URL, or `$NAME` with either.

    Raises LedgerError.
    """
    doing = "opening the ledger"
    if location.startswith("$"):
        try:
            location = Secret(location, may_be_short=True).reveal()
        except UnsetSecretError as exc:
            raise LedgerError(doing, str(exc), advice="Set it, or write a path under `ledger` in the config.") from exc
    if "://" not in location:
        path = base_dir / Path(location).expanduser()
        return Place(str(path), path=path)
    try:
        url = make_url(location)
    except (ArgumentError, ValueError):
        raise LedgerError(
            doing, "its database URL cannot be read", advice="Write postgresql+psycopg://user@host/database."
        ) from None
    if url.get_backend_name() == "sqlite":
        return find(url.database or ".okrsync/ledger.db", base_dir)
    if url.get_backend_name() != "postgresql":
        raise LedgerError(
            doing,
            Message("{backend} is not supported", backend=url.get_backend_name()),
            advice="The ledger is a SQLite file or PostgreSQL.",
        )
    return Place(f"postgresql://{url.host or 'localhost'}/{url.database or ''}", url=url)


def open_store(place: Place, *, readonly: bool) -> Engine:
    """Open the database and create or migrate its tables. With `readonly`, a missing database is an empty one.

    Raises LedgerError.
    """
    with faults("opening the ledger", place):
        if place.path is not None and not place.path.exists():
            if readonly:
                return _empty()
            _make_file(place.path)
        engine = _server(place.url, readonly=readonly) if place.url else _file(place.path or Path(), readonly=readonly)
        try:
            return _with_tables(engine, place, readonly=readonly)
        except BaseException:
            engine.dispose()
            raise


def _empty() -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    return engine


def _make_file(path: Path) -> None:
    """Create the file with mode 0600 before anything is written to it."""
    make_state_folder(path.parent)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _file(path: Path, *, readonly: bool) -> Engine:
    """Create a SQLite engine that does not create files (`mode=rw`) and controls transactions itself.

    https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#pysqlite-serializable
    """
    query = {"mode": "rw", "uri": "true"}
    ours = os.access(path.parent, os.W_OK) and os.access(path, os.W_OK)
    if readonly and not ours and not path.with_name(f"{path.name}-wal").exists():
        query["immutable"] = "1"  # a reader of a WAL database makes files beside it, which only a writer takes away
    engine = create_engine(
        URL.create("sqlite", database=f"file:{quote(str(path))}", query=query),
        connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},
        hide_parameters=True,
    )
    pragmas = ["PRAGMA query_only=ON"] if readonly else ["PRAGMA journal_mode=WAL"]

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in (*pragmas, "PRAGMA foreign_keys=ON"):
            connection.execute(pragma).close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _server(url: URL, *, readonly: bool) -> Engine:
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={"connect_timeout": BUSY_SECONDS},
        execution_options={"postgresql_readonly": True} if readonly else {},
        hide_parameters=True,
        pool_pre_ping=True,
    )


def _with_tables(engine: Engine, place: Place, *, readonly: bool) -> Engine:
    with engine.connect() as connection:
        found = _revision(connection)
    if found == REVISIONS[-1]:
        return engine
    if found is not None and found not in REVISIONS:
        raise LedgerError(
            Message("opening the ledger {shown}", shown=place.shown),
            Message(
                "its tables are of revision {found!r}, this okrsync knows {revisions!r} and older",
                found=found,
                revisions=REVISIONS[-1],
            ),
            effect="Nothing was written.",
            advice="Upgrade okrsync; if that database is another program's, give the ledger one of its own.",
        )
    if readonly and found is None:
        engine.dispose()
        return _empty()
    if readonly:
        raise LedgerError(
            Message("opening the ledger {shown}", shown=place.shown),
            Message(
                "its tables are of revision {found!r}, and only a run that writes brings them to {revisions!r}",
                found=found,
                revisions=REVISIONS[-1],
            ),
            advice="Run `okrsync sync` once.",
        )
    with engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        if _revision(connection) == found:
            _migrate(connection)
    return engine


def _revision(connection: Connection) -> str | None:
    """Return the schema revision recorded by Alembic; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "syncer.ledger:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    with _MIGRATING:
        command.upgrade(config, "head")
