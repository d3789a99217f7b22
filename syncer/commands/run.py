"""`dry-run`, `sync`, `undo`: plan, write and undo changes to the OKR sheet."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import OkrsyncError
from config.message import Message
from syncer.commands.command_line import (
    ConfigPath,
    DataFormat,
    DataOutput,
    FailOn,
    FailOnOption,
    Format,
    LegendOption,
    MovedOption,
    OutPath,
    OutputFormat,
    PlainOption,
    QuietOption,
    RequestsOption,
)
from syncer.commands.look import end_of_day
from syncer.commands.notify import Synced, send_alerts
from syncer.commands.screen import activity, echo_result, in_colour, say, screen_width, write_out
from syncer.i18n import translatable
from syncer.present.error_text import error_text, failure_data, failure_texts

if TYPE_CHECKING:
    from syncer.model.plan import Plan
    from syncer.run.pipeline import RunReport
    from syncer.run.start import Options
    from syncer.run.workspace import Opened

EXIT_INCOMPLETE, EXIT_WAITING = 4, 5


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("dry-run", epilog="Example: okrsync dry-run --out plan.json && okrsync sync --plan plan.json")(dry_run)
    app.command("sync", epilog="Example: okrsync sync --fail-on error")(sync)
    app.command("undo", epilog="Example: okrsync undo")(undo)


def _require_local(opened: "Opened") -> None:
    """Refuse --adopt with Google Sheets. Raises OkrsyncError."""
    if opened.config.workspace.okr_sheet.has_own_tab:
        raise OkrsyncError(
            "reading the options",
            "--adopt is for local files; in Google Sheets okrsync takes no cells over",
            effect="Nothing was written.",
            advice="Run `okrsync init --sheet --replace-typed` to put lookups over what people typed.",
        )


def dry_run(
    *,
    config: ConfigPath = None,
    format_: OutputFormat = Format.TEXT,
    out: OutPath = None,
    legend: LegendOption = False,
    _plain: PlainOption = False,
    requests: RequestsOption = False,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit with code 5 when there are changes to write.")
    ] = False,
    fail_on: FailOnOption = FailOn.UNKNOWN,
    adopt: Annotated[bool, typer.Option("--adopt", help="Show what `sync --adopt` would do.")] = False,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Compute as of the end of that day, for queries with {as_of}."),
    ] = None,
    moved: MovedOption = False,
    _quiet: QuietOption = False,
) -> int:
    """Show the changes that a sync would make. Writes nothing."""
    from syncer.run import start
    from syncer.run.workspace import open_workspace, succeeded

    if as_of is not None and out is not None:
        raise typer.BadParameter(Message("`sync` cannot apply a plan of the past: use either --out or --as-of"))
    opened = open_workspace(config)
    now = opened.now if as_of is None else end_of_day(as_of.date(), opened.now)
    if adopt:
        _require_local(opened)
    options = start.Options(adopt, moved=moved, as_of=as_of is not None)
    if requests:
        _print_planned(opened, now, format_, as_of=options.as_of)
    with activity(opened, translatable("reading")):
        report = start.dry_run(opened.config, opened.context, now, options)
    from syncer.present.plan_json import plan_json  # not before: importing it takes longer than a request
    from syncer.sheet.open_sheet import obstacle

    if out is not None:
        write_out(out, plan_json(report.plan), private=True)
    _print(report, format_, opened.language, dry=True, requests=requests, legend=legend)
    _warn(opened, report)
    if hindrance := obstacle(opened.config) or succeeded(opened.config, opened.now):
        say(f"\n{error_text(hindrance, opened.language)}", err=True)
    if fail_on.counts(report):
        return EXIT_INCOMPLETE
    return EXIT_WAITING if detailed_exitcode and report.plan.has_work else 0


def sync(
    *,
    config: ConfigPath = None,
    format_: OutputFormat = Format.TEXT,
    legend: LegendOption = False,
    _plain: PlainOption = False,
    requests: RequestsOption = False,
    force: Annotated[
        bool, typer.Option("--force", help="Override the guards against falls, jumps and empty sources.")
    ] = False,
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Overwrite cells that were filled before okrsync's first run.")
    ] = False,
    overwrite: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Overwrite manual edits of this key result (repeatable).")
    ] = None,
    plan: Annotated[Path | None, typer.Option(help="Apply exactly this plan, saved with `dry-run --out`.")] = None,
    fail_on: FailOnOption = FailOn.UNKNOWN,
    moved: MovedOption = False,
    _quiet: QuietOption = False,
) -> int:
    """Write what changed to the OKR sheet, verify it, and record it."""
    from syncer.run import start
    from syncer.run.workspace import open_workspace

    opened = open_workspace(config)
    now, only = opened.now, None
    if plan is not None:
        now, only = _reviewed(plan, opened.now)
    if adopt:
        _require_local(opened)
    options = start.Options(adopt, frozenset(overwrite or ()), force, only, moved)
    if requests:
        _print_planned(opened, now, format_)
    synced: list[Synced] = []
    try:
        with activity(opened, translatable("reading and writing")):
            report = sync_workspace(opened, now, options, synced)
    except OkrsyncError:
        send_alerts(synced)
        raise
    _print(report, format_, opened.language, dry=False, requests=requests, legend=legend)
    _warn(opened, report)
    send_alerts(synced)
    if report.refusal is not None:
        raise report.refusal
    return EXIT_INCOMPLETE if fail_on.counts(report) else 0


def sync_workspace(opened: "Opened", now: datetime, options: "Options", synced: list[Synced]) -> "RunReport":
    """Sync one workspace, alone on this machine, and add it to `synced` with its faults. Raises OkrsyncError."""
    from syncer.present.faults import fault_of, faults_of
    from syncer.run import start

    try:
        with opened.alone():
            report = start.sync(opened.config, opened.context, now, options, opened.leased_ledger, _fingerprint)
    except OkrsyncError as error:
        synced.append((opened, [fault_of(error, opened.language)], False))
        raise
    synced.append((opened, faults_of(report, opened.language), True))
    return report


def undo(
    run: Annotated[
        str, typer.Argument(help="The run to undo, as listed by `okrsync history` (default: the last).")
    ] = "",
    *,
    config: ConfigPath = None,
    format_: DataOutput = DataFormat.TEXT,
    _quiet: QuietOption = False,
) -> int:
    """Undo what the last run wrote, except cells edited since."""
    from syncer.present.undo_output import undo_json, undo_text
    from syncer.run.undo import undo_run
    from syncer.run.workspace import open_workspace

    opened = open_workspace(config)
    with opened.alone(), opened.leased_ledger() as ledger, activity(opened, translatable("reading and writing")):
        result = undo_run(opened.config, opened.context, opened.now, ledger, run)
    echo_result(undo_json(result) if format_ is DataFormat.JSON else undo_text(result, opened.language))
    return 0 if result.complete else EXIT_INCOMPLETE


def _fingerprint(plan: "Plan") -> str:
    from syncer.present.plan_json import fingerprint

    return fingerprint(plan)


def _reviewed(path: Path, now: datetime) -> tuple[datetime, str]:
    """Read the time and the fingerprint of a plan file. Raises OkrsyncError when it cannot be read."""
    try:
        data = json.loads(path.read_text("utf-8"))
        return datetime.fromisoformat(data["now"]).astimezone(now.tzinfo), str(data["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError) as exc:
        missing = isinstance(exc, FileNotFoundError)
        raise OkrsyncError(
            Message("reading the plan {path}", path=path),
            Message("there is no such file") if missing else f"{type(exc).__name__}: {exc}",
            effect="Nothing was written.",
            advice="Create one with `okrsync dry-run --out FILE`.",
        ) from exc


def _print_planned(opened: "Opened", now: datetime, format_: Format, *, as_of: bool = False) -> None:
    """Print the planned requests, for the text format only: JSON lists them with the requests made."""
    from syncer.present.requests import planned_text
    from syncer.sources.read_sources import ReadOptions, reads_of

    if format_ is Format.TEXT:
        planned = reads_of(opened.config, now, ReadOptions(as_of=as_of))
        say(planned_text(opened.config, planned, opened.language))


def _warn(opened: "Opened", report: "RunReport") -> None:
    from syncer.present.error_text import clock_text

    if warning := clock_text(report.assessment.recall.last_run, opened.now, opened.language):
        say(f"\n{warning}", err=True)


def _print(report: "RunReport", format_: Format, language: str, *, dry: bool, requests: bool, legend: bool) -> None:
    from syncer.present.plan_json import plan_json, plan_markdown
    from syncer.present.plan_text import closing, plan_text
    from syncer.present.requests import requests_json, requests_markdown, requests_text

    config, planned = report.assessment.config, report.assessment.planned
    last = closing(report, language, dry=dry)
    match format_:
        case Format.JSON:
            more = {
                "complete": report.complete,
                "failures": failure_data(report.assessment),
                "written": report.receipt.written if report.receipt else 0,
                "run": report.run or None,
            }
            asked = requests_json(config, planned, report.meter)
            echo_result(plan_json(report.plan, {**more, **asked}))
        case Format.MARKDOWN:
            say(plan_markdown(report.plan, language, last, explain_marks=legend), nl=False)
            if requests:
                say("\n" + requests_markdown(report.meter, language), nl=False)
        case Format.TEXT:
            if width := screen_width():
                from syncer.present.plan_foot import next_steps
                from syncer.present.plan_screen import plan_screen

                following = next_steps(report.plan, language) if dry else ()
                say(plan_screen(report.plan, language, last, width, colour=in_colour(), following=following), nl=False)
            else:
                say(plan_text(report.plan, language, last, explain_marks=legend), nl=False)
            if requests:
                say("\n" + requests_text(report.meter, language), nl=False)
    for message in failure_texts(report.assessment, language):
        say(f"\n{message}", err=True)
    if report.assessment.recall.problem:
        say(f"\n{error_text(report.assessment.recall.problem, language)}", err=True)
