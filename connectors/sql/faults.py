"""Convert errors of database drivers to SourceError, by the words that databases use."""

import re

from config.errors import AuthError, SourceError
from config.message import Message
from config.models import SqlConnection
from connectors.http import UnreachableError, shorten

EFFECT = Message("Its key results were left as they were.")

_REFUSED = re.compile(
    r"password authentication failed|access denied for user|no password supplied|login failed|role .* does not exist",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(r"permission denied|command denied|select command|not authorized", re.IGNORECASE)
_LATE = re.compile(
    r"statement timeout|max_statement_time|maximum statement execution time|interrupted?\b", re.IGNORECASE
)
_READ_ONLY = re.compile(r"read.?only (?:transaction|mode|database)|readonly database|read-only mode", re.IGNORECASE)
_UNKNOWN_ZONE = re.compile(r"unknown or incorrect time zone", re.IGNORECASE)
_AWAY = re.compile(
    r"connection (?:refused|failed|timed out|reset|is closed)|could not (?:connect|translate|receive)"
    r"|can't connect|lost connection|server closed the connection|gone away|timeout expired|locked"
    r"|starting up|shutting down|too many (?:connections|clients)|No such file or directory|name or service",
    re.IGNORECASE,
)
_EXTRAS = {"psycopg": "postgres", "pymysql": "mysql", "MySQLdb": "mysql", "pyodbc": "mssql"}


class Faults:
    """Error factory of one connection."""

    def __init__(self, name: str, connection: SqlConnection) -> None:
        self._name = name
        self._connection = connection

    def unopened(self, exc: Exception, doing: str) -> SourceError:
        """Create the error for a database whose driver is not there."""
        if isinstance(exc, ModuleNotFoundError) and exc.name:
            extra = _EXTRAS.get(exc.name)
            saw = Message("the driver {module} is not installed", module=exc.name)
            advice = (
                Message("Install it: pip install 'okrsync[{extra}]'", extra=extra)
                if extra
                else Message("Install the driver.")
            )
            return SourceError(doing, saw, effect=EFFECT, advice=advice)
        advice = Message("Write an address that SQLAlchemy has a dialect for, and install its package.")
        return SourceError(doing, _saw(exc), effect=EFFECT, advice=advice)

    def explained(self, exc: Exception, doing: str, seconds: float) -> SourceError:
        """Create the error for a query that failed; one of a database that is away may be sent again."""
        if isinstance(exc, FileNotFoundError):
            saw: str = Message("there is no file {path}", path=exc.args[0])
            return SourceError(doing, saw, effect=EFFECT, advice=self._advice())
        saw = _saw(exc)
        if isinstance(exc, TimeoutError) or _LATE.search(saw):
            saw = Message("it took longer than {seconds:g} s", seconds=seconds)
            advice = Message("Simplify the query, or raise connections.{name}.timeout.", name=self._name)
            return SourceError(doing, saw, effect=EFFECT, advice=advice)
        if _UNKNOWN_ZONE.search(saw):
            advice = Message("Load the time zones into the server, with mysql_tzinfo_to_sql.")
            return SourceError(doing, saw, effect=EFFECT, advice=advice)
        if _READ_ONLY.search(saw):
            return SourceError(doing, saw, effect=EFFECT, advice=Message("`sql` may only read."))
        if _REFUSED.search(saw):
            return AuthError(doing, saw, effect=EFFECT, advice=self._advice())
        if _FORBIDDEN.search(saw):
            advice = Message("Grant the role SELECT on what the query reads.")
            return SourceError(doing, saw, effect=EFFECT, advice=advice)
        if _AWAY.search(saw):
            return UnreachableError(doing, saw, effect=EFFECT, advice=self._advice())
        return SourceError(
            doing, saw, effect=EFFECT, advice=Message("Correct `sql`; the database's own words are above.")
        )

    def _advice(self) -> str:
        return Message("Check connections.{name}.url.", name=self._name)


def _saw(exc: Exception) -> str:
    """Return the first line of what the database answered, without the statement and its values."""
    origin = getattr(exc, "orig", None) or exc
    parts = [part for part in origin.args if isinstance(part, str)] if origin.args else []
    lines = (parts[-1] if parts else str(origin)).strip().splitlines()
    first = shorten(lines[0]) if lines else ""
    return f"{type(origin).__name__}: {first}" if first else type(origin).__name__
