"""Which connector serves a connection. Vendor libraries are imported when a source is opened, not before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import cast

from config.models import Connection
from config.tables import Table
from connectors.http import Meter, Policy
from connectors.protocol import Source

FILES = "files"
"""The built-in connection of local files; it needs no entry in the config."""

_MODULES = {
    "jira": "connectors.jira.connector",
    "github": "connectors.github.connector",
    "google_sheets": "connectors.google_sheets.connector",
    "metrics": "connectors.metrics.connector",
    FILES: "connectors.files.connector",
}


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


def types() -> tuple[str, ...]:
    """The types a connection can have, and the built-in one."""
    return tuple(_MODULES)


def tables(kind: str, connection: Connection | None = None) -> Mapping[str, Table]:
    """The tables of a type of connection, configured columns included. No network, no vendor library."""
    return cast("Mapping[str, Table]", import_module(_MODULES[kind]).tables(connection))


def open_source(name: str, connection: Connection | None, context: Context) -> Source:
    """A source ready to read. `connection` is None for files only. Raises SourceError (unset secret)."""
    kind = connection.type if connection else FILES
    return cast("Source", import_module(_MODULES[kind]).open_source(name, connection, context))
