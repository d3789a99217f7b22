"""What the commands of a fleet share: its options, its language, one workspace's sync, and its log."""

from datetime import UTC
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from syncer.commands.notify import Synced
from syncer.commands.run import sync_workspace
from syncer.commands.screen import say
from syncer.i18n import CURRENT_LANGUAGE

if TYPE_CHECKING:
    from config.fleet import Fleet
    from syncer.fleet.sync_all import Result
    from syncer.run.pipeline import RunReport
    from syncer.run.workspace import Opened

FleetPath = Annotated[
    Path | None,
    typer.Option("--fleet", envvar="OKRSYNC_FLEET", help="Manifest or folder (default: fleet.yaml in this folder)."),
]


class LogFormat(StrEnum):
    """What the syncs of a fleet print to stderr while they run."""

    TEXT = "text"
    JSON = "json"


LogOption = Annotated[
    LogFormat, typer.Option("--log-format", help="json: a line of JSON on stderr for each workspace and failed read.")
]


def find_in_its_language(place: Path | None) -> "Fleet":
    """Find a fleet, and use the language that its manifest states. Raises ConfigError."""
    from config.fleet import find_fleet

    found = find_fleet(place)
    if found.manifest.language:
        CURRENT_LANGUAGE.set(found.manifest.language)
    return found


def sync_in_its_language(synced: list[Synced], opened: "Opened") -> "RunReport":
    """Sync one workspace in its own language, and add it to `synced`."""
    from syncer.run.start import Options

    CURRENT_LANGUAGE.set(opened.language)
    return sync_workspace(opened, opened.now, Options(), synced)


def log_result(result: "Result") -> None:
    """Print how a sync ended as lines of JSON to stderr."""
    from syncer.present.fleet_log import log_lines
    from syncer.run.clock import clock_now

    for line in log_lines(result, clock_now(UTC)):
        say(line, err=True)
