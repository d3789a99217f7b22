"""Find the database that a connection's address names, within what a fleet grants."""

from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import AuthError, SourceError
from config.masking import keep_secret
from config.message import Message
from config.models import SqlConnection
from config.secrets import Secret, UnsetSecretError
from connectors.registry import Context
from connectors.sql.databases import Database, open_database
from connectors.sql.faults import EFFECT, Faults

if TYPE_CHECKING:
    from sqlalchemy import URL

_FILES = ("sqlite", "duckdb")


def open_by_address(name: str, connection: SqlConnection, context: Context, faults: Faults) -> Database:
    """Open the database of a connection, without connecting. Raises SourceError."""
    doing = Message("sql {name!r}: reading connections.{name}.url", name=name)
    url = _parsed(_revealed(connection, doing), doing)
    if url.password:
        keep_secret(str(url.password))
    if url.get_backend_name() in _FILES or url.drivername in _FILES:
        _require_granted(url.database or "", context, doing)
    elif connection.reach is not None:
        saw = Message("a database of a workspace's own cannot be reached within the limits of its fleet")
        advice = Message("Declare the connection in the fleet's manifest.")
        raise SourceError(doing, saw, effect=EFFECT, advice=advice)
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return open_database(url, context.base_dir, connection.lanes, connection.timeout)
    except (ImportError, SQLAlchemyError) as exc:
        raise faults.unopened(exc, doing) from None


def _revealed(connection: SqlConnection, doing: str) -> str:
    stated = connection.url
    if not isinstance(stated, Secret):
        return stated
    try:
        return stated.reveal()
    except UnsetSecretError as exc:
        advice = Message("Set {secret}, or change the connection.", secret=stated)
        raise AuthError(doing, str(exc), effect=EFFECT, advice=advice) from None


def _parsed(text: str, doing: str) -> "URL":
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        saw = Message("it is not a database address")
        advice = Message("Write one such as postgresql://reader@host/sales, mysql://..., sqlite:///sales.db.")
        raise SourceError(doing, saw, effect=EFFECT, advice=advice) from None


def _require_granted(path: str, context: Context, doing: str) -> None:
    if context.grants and not context.grants.has_file(Path(path)):
        advice = Message("Correct `url`, or ask whoever keeps the fleet's manifest.")
        raise SourceError(doing, context.grants.outside, effect=EFFECT, advice=advice)
