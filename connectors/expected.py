"""How many requests reads will take, as far as that is known before the first is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from config.models import Connection
from connectors.protocol import Read

_ASKING = ("jira", "github", "google_sheets", "metrics")
"""The types of connections that send requests; each has a module `expected`."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Requests of one kind, in the words of the meter (`connectors/http.py`).

    Where `exact` is not set there are at least so many: pages follow where there is much to read, batches are split
    where they are too heavy, and what may pass is tried again.
    """

    kind: str
    requests: int
    exact: bool = False


def expected(connection: Connection | None, reads: Sequence[Read]) -> Sequence[Expected]:
    """By kind, for reads of one connection that find something; nothing for local files."""
    if connection is None or connection.type not in _ASKING or not reads:
        return ()
    module = import_module(f"connectors.{connection.type}.expected")
    return cast("Sequence[Expected]", module.expected(connection, reads))


def counted(*kinds: tuple[str, int, bool]) -> list[Expected]:
    """Those kinds of which there is any."""
    return [Expected(kind, requests, exact) for kind, requests, exact in kinds if requests]
