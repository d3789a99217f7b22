"""Convert database and file system errors of the ledger to LedgerError with advice."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from config.errors import LedgerError
from syncer.i18n import translatable

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
            "Free space on that disk, or see whether it fails, and run again. "
            "A lost ledger loses history, never correctness."
        ),
    ),
    (("locked", "busy"), translatable("Another okrsync is writing to it; run again when it has ended.")),
    (
        ("readonly", "read-only", "permission denied", "unable to open"),
        translatable("Let this user write there, or name another place under `ledger` in the config."),
    ),
    (
        ("no such table", "no such column", 'relation "', "table runs already"),
        translatable("Give the ledger a database of its own. A lost ledger loses history, never correctness."),
    ),
    (("no module named",), translatable("Install PostgreSQL's driver: pip install 'psycopg[binary]'.")),
)
_OTHERWISE = translatable(
    "See whether it can be reached and written; `ledger` in the config names it. "
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


def _explain(exc: Exception, doing: str, place: Place) -> LedgerError:
    origin = exc.orig if isinstance(exc, DBAPIError) and exc.orig else exc
    said = " ".join(str(origin).split())
    if place.url is not None and place.url.password:
        said = said.replace(place.url.password, "***")
    lower = said.lower()
    advice = next((advice for signs, advice in _MEANINGS if any(sign in lower for sign in signs)), _OTHERWISE)
    saw = f"{type(origin).__name__}: {said[:_LONGEST_TEXT]}" if said else type(origin).__name__
    return LedgerError(f"{doing} {place.shown}", saw, effect="The sheet is not affected.", advice=advice)
