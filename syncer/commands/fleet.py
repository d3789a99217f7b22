"""`fleet check` and `fleet sync`: check and sync many workspaces."""

import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from syncer.commands.command_line import (
    DataFormat,
    DataOutput,
    FailOn,
    FailOnOption,
    QuietOption,
    TranslatedCommand,
    TranslatedGroup,
)
from syncer.commands.notify import Synced, send_alerts
from syncer.commands.run import sync_workspace
from syncer.commands.screen import QUIET, echo_result, say
from syncer.i18n import CURRENT_LANGUAGE

if TYPE_CHECKING:
    from config.fleet import Fleet
    from syncer.fleet.members import Member
    from syncer.fleet.sync_all import Result
    from syncer.run.pipeline import RunReport
    from syncer.run.workspace import Opened

EXIT_FAILED, EXIT_INCOMPLETE = 1, 4

FleetPath = Annotated[
    Path | None,
    typer.Option("--fleet", envvar="OKRSYNC_FLEET", help="Manifest or folder (default: fleet.yaml in this folder)."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(cls=TranslatedGroup, help="Check or sync many workspaces.", no_args_is_help=True)
    group.command("check", cls=TranslatedCommand, epilog="Example: okrsync fleet check")(check)
    group.command("sync", cls=TranslatedCommand, epilog="Example: okrsync fleet sync --fleet teams/")(sync)
    app.add_typer(group, name="fleet")


def check(*, fleet: FleetPath = None, format_: DataOutput = DataFormat.TEXT) -> int:
    """Check every workspace's config, and that no two share an id or a sheet."""
    from syncer.fleet.members import open_members
    from syncer.present.fleet import check_json, check_text

    found = _find(fleet)
    members = open_members(found.configs)
    language = CURRENT_LANGUAGE.get()
    echo_result(check_json(found, members) if format_ is DataFormat.JSON else check_text(found, members, language))
    return EXIT_FAILED if found.problems or any(one.error for one in members) else 0


def sync(
    workspaces: Annotated[
        list[str] | None, typer.Argument(metavar="[WORKSPACE]...", help="Ids or files (default: all).")
    ] = None,
    *,
    fleet: FleetPath = None,
    format_: DataOutput = DataFormat.TEXT,
    fail_on: FailOnOption = FailOn.UNKNOWN,
    _quiet: QuietOption = False,
) -> int:
    """Sync all workspaces, or some, here and now, several side by side, with one summary."""
    from syncer.fleet.members import chosen, open_members
    from syncer.fleet.sync_all import Outcome, sync_all
    from syncer.present.fleet import sync_json, sync_text

    found = _find(fleet)
    members = chosen(open_members(found.configs), workspaces or ())
    results: dict[Path, Result] = {}
    synced: list[Synced] = []
    every = sync_all(members, partial(_sync, synced), at_once=found.manifest.at_once, jitter=found.manifest.jitter)
    try:
        for result in every:
            results[result.member.file] = result
            _show_progress(len(results), len(members), result.member)
    finally:
        order = [one.file for one in members]
        send_alerts(sorted(synced, key=lambda one: order.index(one[0].config.path)))
    ordered = [results[one.file] for one in members]
    language = CURRENT_LANGUAGE.get()
    echo_result(sync_json(found, ordered) if format_ is DataFormat.JSON else sync_text(found, ordered, language))
    outcomes = Counter(one.outcome for one in ordered)
    if found.problems or outcomes[Outcome.FAILED] or outcomes[Outcome.REFUSED]:
        return EXIT_FAILED
    return EXIT_INCOMPLETE if outcomes[Outcome.INCOMPLETE] and fail_on is FailOn.UNKNOWN else 0


def _find(place: Path | None) -> "Fleet":
    from config.fleet import find_fleet

    found = find_fleet(place)
    if found.manifest.language:
        CURRENT_LANGUAGE.set(found.manifest.language)
    return found


def _sync(synced: list[Synced], opened: "Opened") -> "RunReport":
    """Sync one workspace in its own language, and add it to `synced`."""
    from syncer.run.start import Options

    CURRENT_LANGUAGE.set(opened.language)
    return sync_workspace(opened, opened.now, Options(), synced)


def _show_progress(number: int, count: int, member: "Member") -> None:
    """Say in a terminal which workspace is done."""
    if sys.stderr.isatty() and not QUIET.get():
        say(f"{number}/{count}  {member.name}", err=True)
