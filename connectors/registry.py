"""Find and open the connector of a connection. Vendor libraries are imported only when a source is opened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from config.connection_types import Connection, ConnectionType, failure, offered_names
from config.connections import CONNECTION_TYPES, connection_type
from config.dataclass import dataclass
from config.errors import BrokenTypeError, SourceError
from config.grants import Grants
from config.tables import Table
from connectors.accounts import account_of
from connectors.foreign import ForeignSource, package_error
from connectors.http import Meter, Policy
from connectors.protocol import Row, Source
from connectors.shared_quota import Pace, SharedQuota


def _permitted() -> None:
    """Permit a write."""


@dataclass(frozen=True, slots=True)
class Context:
    """Dependencies of every connector besides its connection. Relative paths start at `base_dir`.

    `shared` holds objects shared by the connectors of one run, such as an access token. `writes_through` names the
    connection by which the run will write the OKR sheet, so that one token serves the sheet and the sources. `grants`
    has the files that may be read; None for any. `quota` is the quota of accounts that other processes use as well, and
    `counts` has the counts that other workspaces get (`syncer/sources/shared_counts.py`).
    `confirm_write` is called right before a write is sent, after all waits; it raises where this run may not write.
    `pushed` returns the values recorded for a measure, oldest first; it raises LedgerError.
    """

    base_dir: Path
    policy: Policy = field(default_factory=Policy)
    meter: Meter = field(default_factory=Meter)
    shared: dict[str, object] = field(default_factory=dict, repr=False, compare=False)
    writes_through: str = ""
    grants: Grants | None = None
    quota: SharedQuota | None = None
    counts: object | None = None
    confirm_write: Callable[[], None] = _permitted
    pushed: Callable[[str], Sequence[Row]] | None = field(default=None, repr=False, compare=False)

    def pace(self, name: str, connection: Connection | None) -> Pace:
        """Return the pace of a connection's requests."""
        account = account_of(connection, self.base_dir) if self.quota else None
        return Pace(partial(self.meter.add_wait, name), account, self.quota)


class Connector(Protocol):
    """Interface of the module of a connection type."""

    def tables(self, connection: Connection | None) -> Mapping[str, Table]:
        """Return the tables by name, including columns configured in the connection. Sends nothing."""

    def open_source(self, name: str, connection: Connection | None, context: Context) -> Source:
        """Open a source without sending a request. Raises SourceError, for example for an unset secret."""


def types() -> tuple[str, ...]:
    """Return the names of all connection types: built-in ones and those that installed packages offer."""
    return tuple(dict.fromkeys([*CONNECTION_TYPES, *offered_names()]))


def type_of(kind: str) -> ConnectionType:
    """Return the record of a connection type. Raises BrokenTypeError, or LookupError for an unknown type."""
    found = connection_type(kind)
    if found is None:
        raise LookupError(kind)
    return found


def tables(kind: str, connection: Connection | None = None) -> Mapping[str, Table]:
    """Return the tables of a connection type by name, including configured columns, without network or vendor library.

    Raises BrokenTypeError where another package offers the type and fails, LookupError for an unknown type.
    """
    found = type_of(kind)
    if not found.package:
        return _connector(found).tables(connection)
    try:
        return {name: replace(table, name=name) for name, table in _connector(found).tables(connection).items()}
    except Exception as exc:
        raise BrokenTypeError(kind, failure(exc), found.package) from exc


def open_source(name: str, connection: Connection | None, context: Context) -> Source:
    """Open the source of a connection; `connection` is None for built-in ones. Raises SourceError (unset secret)."""
    found = type_of(connection.type if connection else name)
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
