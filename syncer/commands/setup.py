"""`check` and `sources`: check a config, and list readable tables."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import BrokenTypeError, OkrsyncError
from config.message import Message
from config.suggest import did_you_mean
from syncer.commands.command_line import ConfigPath, DataFormat, DataOutput, QuietOption
from syncer.commands.screen import activity, echo_result, say
from syncer.i18n import CURRENT_LANGUAGE, translatable
from syncer.present.error_text import error_text

if TYPE_CHECKING:
    from syncer.make_sheet.try_out import Tried
    from syncer.run.workspace import Opened

EXIT_INCOMPLETE = 4


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("check", epilog="Example: okrsync check --online")(check)
    app.command("sources", epilog="Example: okrsync sources jira.issues")(sources)


def check(
    *,
    config: ConfigPath = None,
    format_: DataOutput = DataFormat.TEXT,
    online: Annotated[bool, typer.Option("--online", help="Also try every connection, query, tab and column.")] = False,
    _quiet: QuietOption = False,
) -> int:
    """Check the config and list all problems with file and line."""
    from config.secrets import exposed_secrets
    from syncer.present.check import check_json, check_text, exposed_text
    from syncer.run.workspace import open_workspace

    opened, as_text = open_workspace(config), format_ is DataFormat.TEXT
    exposed = exposed_secrets(opened.config.workspace, opened.config.base_dir)
    if as_text:
        say(check_text(opened.config), nl=False)
    for place, file in exposed:
        say(exposed_text(place, file, opened.language), err=True)
    seen = _try_all(opened) if online else None
    found = None
    if seen:
        from syncer.present.check_online import online_data, online_text

        if as_text:
            say(online_text(seen), nl=False)
        if seen.sheet_error:
            raise seen.sheet_error
        found = online_data(seen)
    if not as_text:
        echo_result(check_json(opened.config, exposed, found))
    return EXIT_INCOMPLETE if seen and seen.incomplete else 0


def _try_all(opened: "Opened") -> "Tried":
    """Read all sources and the sheet."""
    from syncer.make_sheet.try_out import try_all

    with activity(opened, translatable("checking")):
        return try_all(opened.config, opened.context, opened.now)


def sources(
    name: Annotated[str, typer.Argument(metavar="[TABLE]", help="A table such as jira.issues (default: all).")] = "",
    *,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="Also show the columns configured there.")
    ] = None,
    format_: DataOutput = DataFormat.TEXT,
) -> int:
    """List the tables that can be read, with their columns."""
    from connectors import registry
    from syncer.present.sources import Readable, sources_json, sources_text

    connections = {}
    if config is not None:
        from syncer.run.workspace import open_workspace

        connections = dict(open_workspace(config, secrets=False).config.workspace.connections)
    kinds: dict[str, Readable] = {}
    broken: dict[str, BrokenTypeError] = {}
    for kind in registry.types():
        try:
            kinds[kind] = Readable(registry.type_of(kind), registry.tables(kind))
        except BrokenTypeError as error:
            broken[kind] = error
    for key, connection in connections.items():
        kinds[key] = Readable(registry.type_of(connection.type), registry.tables(connection.type, connection))
    if name.partition(".")[0] in broken:
        raise broken[name.partition(".")[0]]
    names = [f"{kind}.{table}" for kind, readable in kinds.items() for table in readable.tables]
    if name and name not in names and name not in kinds:
        raise OkrsyncError(
            Message("describing '{name}'", name=name),
            Message("no such table{meant}", meant=did_you_mean(name, names)),
            advice="`okrsync sources` lists them.",
        )
    shown = {} if name else broken
    as_json = format_ is DataFormat.JSON
    echo_result(sources_json(kinds, name, shown.values()) if as_json else sources_text(kinds, name))
    for one in shown.values():
        say(f"\n{error_text(one, CURRENT_LANGUAGE.get())}", err=True)
    return 1 if shown else 0
