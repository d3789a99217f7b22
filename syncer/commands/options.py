"""Options that several commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from syncer.commands.screen import await_json
from syncer.commands.waiting import QUIET


class Format(StrEnum):
    """Output format of a result."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


class DataFormat(StrEnum):
    """Output format of a result that has no markdown form."""

    TEXT = "text"
    JSON = "json"


class FailOn(StrEnum):
    """When a run exits 4: with key results unknown or in conflict (`unknown`), or never (`error`). Errors exit 1."""

    UNKNOWN = "unknown"
    ERROR = "error"


ConfigPath = Annotated[
    Path | None,
    typer.Option("--config", "-c", envvar="OKRSYNC_CONFIG", help="The config; left out: okrsync.yaml here."),
]
OutputFormat = Annotated[Format, typer.Option("--format", callback=await_json, help="How to write the result.")]
DataOutput = Annotated[DataFormat, typer.Option("--format", callback=await_json, help="How to write the result.")]
OutPath = Annotated[Path | None, typer.Option("--out", help="Write the result to this file.")]
FailOnOption = Annotated[
    FailOn,
    typer.Option("--fail-on", help="unknown: exit 4 when key results are unknown or in conflict; error: exit 0."),
]
RequestsOption = Annotated[bool, typer.Option("--requests", help="Show the requests planned and made.")]


def _hush(value: bool) -> bool:  # noqa: FBT001 - as Typer calls it
    QUIET.set(value)
    return value


QuietOption = Annotated[bool, typer.Option("--quiet", "-q", callback=_hush, help="Show no progress while it works.")]
"""For a parameter named `_quiet`, which is unused: the option's callback sets `QUIET`."""
