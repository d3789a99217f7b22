"""`fleet`: check, sync and watch many workspaces; pause and resume some."""

import sys
from collections import Counter
from datetime import UTC, datetime
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
from syncer.commands.fleet_options import (
    FleetPath,
    LogFormat,
    LogOption,
    find_in_its_language,
    log_result,
    sync_in_its_language,
)
from syncer.commands.fleet_run import run
from syncer.commands.notify import Synced, send_alerts
from syncer.commands.screen import QUIET, echo_result, say, write_out
from syncer.i18n import CURRENT_LANGUAGE

if TYPE_CHECKING:
    from config.fleet import Fleet
    from config.loading.card import Card
    from syncer.fleet.members import Member
    from syncer.fleet.sync_all import Result

EXIT_FAILED, EXIT_INCOMPLETE = 1, 4


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(cls=TranslatedGroup, help="Check, sync or watch many workspaces.", no_args_is_help=True)
    group.command("check", cls=TranslatedCommand, epilog="Example: okrsync fleet check")(check)
    group.command("sync", cls=TranslatedCommand, epilog="Example: okrsync fleet sync --fleet teams/")(sync)
    group.command("status", cls=TranslatedCommand, epilog="Example: okrsync fleet status --format json")(status)
    group.command("run", cls=TranslatedCommand, epilog="Example: okrsync fleet run --fleet teams/")(run)
    group.command("pause", cls=TranslatedCommand, epilog="Example: okrsync fleet pause ads-7f3k --until 2026-12-01")(
        pause
    )
    group.command("resume", cls=TranslatedCommand, epilog="Example: okrsync fleet resume ads-7f3k")(resume)
    app.add_typer(group, name="fleet")


def check(*, fleet: FleetPath = None, format_: DataOutput = DataFormat.TEXT) -> int:
    """Check every workspace's config, and that no two share an id or a sheet."""
    from syncer.fleet.members import open_members
    from syncer.present.fleet import check_json, check_text

    found = find_in_its_language(fleet)
    members = open_members(found.terms)
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
    metrics: Annotated[
        Path | None, typer.Option("--metrics", help="Write metrics for Prometheus to this .prom file.")
    ] = None,
    log: LogOption = LogFormat.TEXT,
    _quiet: QuietOption = False,
) -> int:
    """Sync all or some workspaces now, several at a time, with one summary."""
    from syncer.fleet.members import chosen, open_members
    from syncer.fleet.sync_all import sync_all
    from syncer.fleet.unsynced import record_unsynced
    from syncer.ledger.records import SyncOutcome
    from syncer.present.fleet import sync_json, sync_text
    from syncer.run.clock import clock_now

    found = find_in_its_language(fleet)
    members = chosen(open_members(found.terms), workspaces or ())
    results: dict[Path, Result] = {}
    synced: list[Synced] = []
    members = members if workspaces else _without_paused(members)
    every = sync_all(
        members, partial(sync_in_its_language, synced), at_once=found.manifest.at_once, jitter=found.manifest.jitter
    )
    try:
        for result in every:
            results[result.member.file] = result
            record_unsynced(result, clock_now(UTC))
            if log is LogFormat.JSON:
                log_result(result)
            else:
                _show_progress(len(results), len(members), result.member)
    finally:
        order = [one.file for one in members]
        send_alerts(sorted(synced, key=lambda one: order.index(one[0].config.path)))
    ordered = [results[one.file] for one in members]
    if metrics is not None:
        _write_metrics(metrics, found, ordered)
    language = CURRENT_LANGUAGE.get()
    echo_result(sync_json(found, ordered) if format_ is DataFormat.JSON else sync_text(found, ordered, language))
    outcomes = Counter(one.outcome for one in ordered)
    if found.problems or outcomes[SyncOutcome.FAILED] or outcomes[SyncOutcome.REFUSED]:
        return EXIT_FAILED
    return EXIT_INCOMPLETE if any(one.report and fail_on.counts(one.report) for one in ordered) else 0


def _write_metrics(path: Path, found: "Fleet", results: "list[Result]") -> None:
    from syncer.fleet.status import fleet_state
    from syncer.present.fleet_metrics import fleet_metrics
    from syncer.run.clock import clock_now

    write_out(path, fleet_metrics(fleet_state(found.terms, clock_now(UTC), None), results), private=False)


def _without_paused(members: "list[Member]") -> "list[Member]":
    from syncer.fleet.pauses import paused_members
    from syncer.present.fleet_status import left_out_text
    from syncer.run.clock import clock_now

    paused = paused_members(members, clock_now(UTC))
    if paused:
        say(left_out_text([one.name for one in paused], CURRENT_LANGUAGE.get()), err=True)
    return [one for one in members if one not in paused]


def status(
    *, fleet: FleetPath = None, format_: DataOutput = DataFormat.TEXT, fail_on: FailOnOption = FailOn.UNKNOWN
) -> int:
    """Show how each workspace is doing, those in trouble first: the last good run, and what failed."""
    from syncer.fleet.status import Condition, fleet_state
    from syncer.present.fleet_status import status_json, status_text
    from syncer.run.clock import clock_now

    found = find_in_its_language(fleet)
    states = fleet_state(found.terms, clock_now(UTC), found.manifest.late_after)
    language = CURRENT_LANGUAGE.get()
    echo_result(status_json(found, states) if format_ is DataFormat.JSON else status_text(found, states, language))
    if found.problems or any(one.condition.fails for one in states):
        return EXIT_FAILED
    incomplete = any(one.condition is Condition.INCOMPLETE for one in states)
    return EXIT_INCOMPLETE if incomplete and fail_on is FailOn.UNKNOWN else 0


def pause(
    workspaces: Annotated[list[str], typer.Argument(metavar="WORKSPACE...", help="Ids or files.")],
    *,
    fleet: FleetPath = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day on which it is synced again (UTC).")
    ] = None,
) -> int:
    """Pause workspaces: the fleet's syncs skip them until a date, or until they are resumed."""
    from syncer.fleet.pauses import pause_workspace
    from syncer.present.fleet_status import paused_text

    end = until.replace(tzinfo=UTC) if until else None
    for card in _cards(fleet, workspaces):
        pause_workspace(card, end)
        say(paused_text(card, end, CURRENT_LANGUAGE.get()))
    return 0


def resume(
    workspaces: Annotated[list[str], typer.Argument(metavar="WORKSPACE...", help="Ids or files.")],
    *,
    fleet: FleetPath = None,
) -> int:
    """Resume paused workspaces."""
    from syncer.fleet.pauses import resume_workspace
    from syncer.present.fleet_status import resumed_text

    for card in _cards(fleet, workspaces):
        say(resumed_text(card, CURRENT_LANGUAGE.get(), was_paused=resume_workspace(card)))
    return 0


def _cards(place: Path | None, wanted: list[str]) -> "list[Card]":
    from syncer.fleet.cards import chosen_cards

    return chosen_cards(find_in_its_language(place).terms, wanted)


def _show_progress(number: int, count: int, member: "Member") -> None:
    """Say in a terminal which workspace is done."""
    if sys.stderr.isatty() and not QUIET.get():
        say(f"{number}/{count}  {member.name}", err=True)
