"""The terms on which a workspace is part of a fleet: connections that it shares, and what it may use of its own."""

from collections.abc import Mapping
from dataclasses import field

from config.connection_types import Connection
from config.dataclass import dataclass
from config.findings import Place
from config.grants import Grants
from config.reach import Reach

MANIFEST_NAME = "fleet.yaml"
FLEET_VARIABLE = "OKRSYNC_FLEET"
"""Environment variable with the manifest or the folder of a fleet, for all commands."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a fleet lends to one workspace, and what it lets it use.

    Attributes:
        connections: the fleet's, by name; their relative paths start at the manifest's folder already.
        places: positions of their options in the manifest, by dotted path.
        grants: secrets and files of its own; None where the manifest limits nobody.
        reach: addresses to which its own connections and messages may go; None where the manifest limits nobody.
        id: the id that the manifest states for it, which no other workspace may have; empty if it states none.
    """

    connections: Mapping[str, Connection] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    grants: Grants | None = None
    reach: Reach | None = None
    id: str = ""


ALONE = Terms()
"""The terms of a workspace that is part of no fleet."""
