"""Connection type records, and entry points by which other installed packages offer connection types.

A package offers a type by an entry point of the group `okrsync.connectors` that leads to a `ConnectionType` of the same
name. The package's code is imported only when a config uses the type, or when `okrsync sources` lists what can be read.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from pydantic import Field

from config.dataclass import dataclass
from config.errors import BrokenTypeError
from config.fields import Seconds
from config.message import Message
from config.reach import Outgoing

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "okrsync.connectors"
"""Entry point group by which packages offer connection types."""


class Connection(Outgoing):
    """Settings common to all connections; the settings of each type derive from this class."""

    type: str
    timeout: Seconds = Field(
        30.0,
        gt=0,
        le=600,
        description="How long one request may take, to the last byte of its answer: 30s; a slow report: 5m.",
    )
    lanes: int = Field(8, ge=1, le=32, description="Requests under way at once.")
    ca_bundle: str | None = Field(None, description="A file of certificates to trust instead of the usual ones.")


@dataclass(frozen=True, slots=True)
class ConnectionType:
    """One connection type. Every list of types, check, message and page derives from these records.

    Attributes:
        name: the value of `type:` in the config.
        connector: dotted name of the module with `tables` and `open_source` (`connectors/registry.py`).
        settings: model of the type's options; None for local files, which need no entry in the config.
        page: path or address of the documentation.
        package: the installed package that offers the type; empty for built-in types.
    """

    name: str
    connector: str
    settings: type[Connection] | None = None
    page: str = ""
    package: str = ""


def offered_names() -> Sequence[str]:
    """Return the names of the types that installed packages offer, sorted, without importing the packages."""
    from importlib.metadata import entry_points

    return sorted({point.name for point in entry_points(group=GROUP)})


@cache
def offered_type(name: str) -> ConnectionType | None:
    """Load the type of that name from an installed package; None where no package offers it.

    Raises BrokenTypeError: several packages offer the name, the import fails, or the loaded object is no ConnectionType
    of that name with settings that derive from Connection.
    """
    from importlib.metadata import entry_points

    points = tuple(entry_points(group=GROUP, name=name))
    packages = sorted({_package(point) for point in points})
    if len(points) > 1:
        saw = Message("several installed packages offer it: {packages}", packages=packages)
        raise BrokenTypeError(name, saw, Message("all of them but one"))
    if not points:
        return None
    try:
        found = points[0].load()
    except Exception as exc:
        raise BrokenTypeError(name, failure(exc), packages[0]) from exc
    if not isinstance(found, ConnectionType) or found.name != name or not _is_settings(found.settings):
        saw = Message(
            "{value} is not a ConnectionType of that name with settings that derive from Connection",
            value=points[0].value,
        )
        raise BrokenTypeError(name, saw, packages[0])
    return replace(found, package=packages[0])


def failure(exc: Exception) -> str:
    """Format an exception raised by another package's code for a message: `TypeError: text`."""
    return f"{type(exc).__name__}: {exc}".rstrip(": ")


def _package(point: "EntryPoint") -> str:
    return point.dist.name if point.dist else point.value.partition(":")[0]


def _is_settings(settings: object) -> bool:
    return isinstance(settings, type) and issubclass(settings, Connection)
