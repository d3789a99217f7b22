"""Which connector serves a connection. Vendor libraries are imported when a source is opened, not before."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from config.connection_types import Connection, ConnectionType, failure, offered_names
from config.connections import CONNECTION_TYPES, FILES, connection_type
from config.errors import BrokenTypeError, SourceError
from config.tables import Table
from connectors.foreign import ForeignSource, package_error
from connectors.http import Meter, Policy
from connectors.protocol import Source


@dataclass(frozen=True, slots=True)
class Context:
    """What every connector needs besides its connection. Relative paths start at `base_dir`.

    `shared` is where connectors of one run leave what they have in common, such as an access token. `writes_through`
    names the connection by which the run will write the OKR sheet, so that one token serves it and the sources.
    """

    base_dir: Path
    policy: Policy = field(default_factory=Policy)
    meter: Meter = field(default_factory=Meter)
    shared: dict[str, object] = field(default_factory=dict, repr=False, compare=False)
    writes_through: str = ""


class Connector(Protocol):
    """What the module of a connection type has."""

    def tables(self, connection: Connection | None) -> Mapping[str, Table]:
        """The tables, those columns included that the connection configures. Sends nothing."""

    def open_source(self, name: str, connection: Connection | None, context: Context) -> Source:
        """A source ready to read; nothing is sent yet. Raises SourceError (an unset secret)."""


def types() -> tuple[str, ...]:
    """The built-in types and those that installed packages offer."""
    return tuple(dict.fromkeys([*CONNECTION_TYPES, *offered_names()]))


def type_of(kind: str) -> ConnectionType:
    """The record of a type. Raises BrokenTypeError, and LookupError where nobody offers it."""
    found = connection_type(kind)
    if found is None:
        raise LookupError(kind)
    return found


def tables(kind: str, connection: Connection | None = None) -> Mapping[str, Table]:
    """The tables of a type of connection, configured columns included. No network, no vendor library.

    Raises BrokenTypeError where another package offers it and cannot say.
    """
    found = type_of(kind)
    if not found.package:
        return _connector(found).tables(connection)
    try:
        return {name: replace(table, name=name) for name, table in _connector(found).tables(connection).items()}
    except Exception as exc:
        raise BrokenTypeError(kind, failure(exc), found.package) from exc


def open_source(name: str, connection: Connection | None, context: Context) -> Source:
    """A source ready to read. `connection` is None for files only. Raises SourceError (unset secret)."""
    found = type_of(connection.type if connection else FILES)
    if not found.package:
        return _connector(found).open_source(name, connection, context)
    try:
        return ForeignSource(name, found, _connector(found).open_source(name, connection, context))
    except SourceError:
        raise
    except Exception as exc:
        raise package_error(name, found, exc) from exc


def _connector(found: ConnectionType) -> Connector:
    return cast("Connector", import_module(found.connector))
