"""What okrsync knows of a type of connection, built in or offered by another installed package.

A package offers a type by an entry point of the group `okrsync.connectors` that leads to a `ConnectionType` of the same
name. Its code is imported only when a config uses the type, or when somebody asks what can be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from pydantic import Field

from config.errors import BrokenTypeError
from config.fields import Model, Seconds
from config.message import Message

GROUP = "okrsync.connectors"
"""The group of entry points by which packages offer types of connections."""


class Connection(Model):
    """Settings that every connection takes; those of each type derive from it."""

    type: str
    timeout: Seconds = Field(30.0, gt=0, le=600, description="How long to wait for one answer: 30s, 2m.")
    lanes: int = Field(8, ge=1, le=32, description="Requests under way at once.")
    ca_bundle: str | None = Field(None, description="A file of certificates to trust instead of the usual ones.")


@dataclass(frozen=True, slots=True)
class ConnectionType:
    """One type of connection. Every list of types, check, message and page derives from these records.

    Attributes:
        name: what `type:` states.
        connector: the dotted name of the module with `tables` and `open_source` (`connectors/registry.py`).
        settings: the model of its options; None for local files, which no config describes.
        page: where its documentation is.
        package: the installed package that offers it; empty for okrsync's own.
    """

    name: str
    connector: str
    settings: type[Connection] | None = None
    page: str = ""
    package: str = ""


def offered_names() -> Sequence[str]:
    """The types that installed packages offer. None of them is imported."""
    return sorted({point.name for point in entry_points(group=GROUP)})


@cache
def offered_type(name: str) -> ConnectionType | None:
    """The type of that name that an installed package offers, or None. Raises BrokenTypeError."""
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
            "{value} is no ConnectionType of that name with settings that derive from Connection", value=points[0].value
        )
        raise BrokenTypeError(name, saw, packages[0])
    return replace(found, package=packages[0])


def failure(exc: Exception) -> str:
    """An exception of a stranger's code, for a message."""
    return f"{type(exc).__name__}: {exc}".rstrip(": ")


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist else point.value.partition(":")[0]


def _is_settings(settings: object) -> bool:
    return isinstance(settings, type) and issubclass(settings, Connection)
