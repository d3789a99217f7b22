"""What the ledger's database and the file system raise, as LedgerError with the way out."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from config.errors import LedgerError

_LONGEST_TEXT = 200
_LOSS = "A lost ledger loses history, never correctness."
_MEANINGS = (
    (
        ("not a database", "malformed", "disk image"),
        "Move the file away and run again: a new one is made. " + _LOSS,
    ),
    (("is full", "no space"), "Free space on that disk and run again. " + _LOSS),
    (("disk i/o",), "Free space on that disk, or see whether it fails, and run again. " + _LOSS),
    (("locked", "busy"), "Another okrsync is writing to it; run again when it has ended."),
    (
        ("readonly", "read-only", "permission denied", "unable to open"),
        "Let this user write there, or name another place under `ledger` in the config.",
    ),
    (
        ("no such table", "no such column", 'relation "', "table runs already"),
        "Give the ledger a database of its own. " + _LOSS,
    ),
    (("no module named",), "Install PostgreSQL's driver: pip install 'psycopg[binary]'."),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A ledger's place. `shown` is fit for a message: it never holds a password. `path` is None for a server."""

    shown: str
    path: Path | None = None
    url: URL | None = None


@contextmanager
def faults(doing: str, place: Place) -> Iterator[None]:
    """Turn a fault into LedgerError. A server's own exception is cut from the chain: it may know the password."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError, ModuleNotFoundError, ValueError, ArithmeticError) as exc:
        raise _explain(exc, doing, place) from (exc if place.url is None else None)


def _explain(exc: Exception, doing: str, place: Place) -> LedgerError:
    origin = exc.orig if isinstance(exc, DBAPIError) and exc.orig else exc
    said = " ".join(str(origin).split())
    if place.url is not None and place.url.password:
        said = said.replace(place.url.password, "***")
    advice = next(
        (advice for marks, advice in _MEANINGS if any(mark in said.lower() for mark in marks)),
        "See whether it can be reached and written; `ledger` in the config names it. " + _LOSS,
    )
    saw = f"{type(origin).__name__}: {said[:_LONGEST_TEXT]}" if said else type(origin).__name__
    return LedgerError(f"{doing} {place.shown}", saw, effect="The sheet is not affected.", advice=advice)
