"""`record`: keep a number for a measure that reads pushed values, and list what was recorded."""

import getpass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from syncer.commands.command_line import ConfigPath, DataFormat, DataOutput
from syncer.commands.screen import echo_result

_DAY, *_TIMES = "%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"


def register(app: typer.Typer) -> None:
    """Add the command."""
    negative = {"ignore_unknown_options": True}  # -5 is a number
    example = "Example: okrsync record nps 42 --note 'survey of November'"
    app.command("record", epilog=example, context_settings=negative)(record)


def record(
    measure: Annotated[str | None, typer.Argument(help="A measure with `from: pushed`; without one, list all.")] = None,
    number: Annotated[
        str | None, typer.Argument(help="Such as 42, 1,250 or 75%; without one, list those before.")
    ] = None,
    *,
    at: Annotated[
        datetime | None, typer.Option(formats=[_DAY, *_TIMES], help="When it was true (default: now).")
    ] = None,
    note: Annotated[str, typer.Option(help="Where it is from, or what it means.")] = "",
    increment: Annotated[bool, typer.Option("--increment", help="Add it to the value before it.")] = False,
    key: Annotated[str, typer.Option(help="An id of your own: a number with the same one counts once.")] = "",
    who: Annotated[str, typer.Option(help="Who records it (default: your user name).")] = "",
    restore: Annotated[
        Path | None, typer.Option(help="Record what `record --format json` wrote to this file; what is there stays.")
    ] = None,
    format_: DataOutput = DataFormat.TEXT,
    config: ConfigPath = None,
) -> int:
    """Keep a number for a measure, which counts from the next sync on; or list the numbers that are kept."""
    from syncer.present.recorded import listed_text, recorded_json, recorded_text, restored_text
    from syncer.run.pushed import New, listed, push, restored
    from syncer.run.workspace import open_workspace

    opened = open_workspace(config, secrets=False)
    zone, language = opened.config.workspace.timezone, opened.language
    if restore is not None:
        found = restored(opened, restore)
        text = restored_text(found, language)
    elif number is None:
        found = listed(opened, measure or "")
        text = listed_text(found, zone, language)
    else:
        found = push(opened, New(measure or "", number, at, note, increment, key, who or _user()))
        text = recorded_text(found, zone, language)
    echo_result(recorded_json(found, zone) if format_ is DataFormat.JSON else text)
    return 0


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without that user
        return ""
