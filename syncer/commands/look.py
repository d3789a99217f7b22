"""`status`, `explain`, `history`, `backfill`: commands about the values of today and of past days."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import OkrsyncError
from config.message import Message
from config.suggest import did_you_mean
from syncer.commands.command_line import (
    ConfigPath,
    DataFormat,
    DataOutput,
    Format,
    OutputFormat,
    PlainOption,
    QuietOption,
)
from syncer.commands.screen import activity, echo_result, in_colour, say, screen_width
from syncer.i18n import translatable
from syncer.present.error_text import error_text

ROWS_LISTED, ALL_ROWS = 5, 1_000_000
"""Rows that `explain` lists of each measure: by default, and with `--rows all`."""

if TYPE_CHECKING:
    from syncer.compute.assess import Assessment
    from syncer.ledger.records import Run
    from syncer.method.status import Status
    from syncer.run.past import Story
    from syncer.run.workspace import Opened
    from syncer.sources.read_sources import ReadOptions


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("status", epilog="Example: okrsync status")(status)
    app.command("explain", epilog="Example: okrsync explain KR1")(explain)
    app.command("history", epilog="Example: okrsync history KR1")(history)
    app.command("backfill", epilog="Example: okrsync backfill KR1 --from 2026-10-01")(backfill)


def assess_workspace(opened: "Opened", read_options: "ReadOptions | None" = None) -> "Assessment":
    """Read the sources and the sheet, and compute all figures; print warnings about ledger and clock to stderr.

    `read_options` limits the measures that are read. Raises SheetError.
    """
    from syncer.ledger.recall import recall_read_only
    from syncer.present.error_text import clock_text
    from syncer.run.backfill import fill_cycle_baselines, lacking_baselines
    from syncer.run.read_and_assess import read_and_assess
    from syncer.run.same_sheet import scope_of
    from syncer.sheet.open_sheet import open_reader

    known = recall_read_only(opened.config, scope_of(opened.config), opened.now)
    if known.problem:
        say(error_text(known.problem, opened.language), err=True)
    if warning := clock_text(known.last_run, opened.now, opened.language):
        say(warning, err=True)
    reader = open_reader(opened.config, opened.context)
    try:
        with activity(opened, translatable("reading")):
            lacking = lacking_baselines(opened.config, known, opened.now)
            known = fill_cycle_baselines(opened.config, opened.context, known, lacking)
            return read_and_assess(opened.config, reader, opened.context, opened.now, read_options, known)
    finally:
        reader.close()


def status(
    *,
    config: ConfigPath = None,
    format_: OutputFormat = Format.TEXT,
    _plain: PlainOption = False,
    _quiet: QuietOption = False,
) -> int:
    """Show the state of the OKRs today."""
    from syncer.present.status_json import status_data
    from syncer.present.status_screen import status_screen
    from syncer.present.status_text import status_markdown, status_text
    from syncer.run.workspace import open_workspace

    seen, width = assess_workspace(open_workspace(config)), screen_width()
    makers = {Format.TEXT: status_text, Format.JSON: status_data, Format.MARKDOWN: status_markdown}
    if width and format_ is Format.TEXT:
        say(status_screen(seen, width, colour=in_colour()), nl=False)
    else:
        echo_result(makers[format_](seen))
    return 0


def explain(
    key: Annotated[str, typer.Argument(metavar="ID", help="Id of a key result or an objective.")],
    *,
    config: ConfigPath = None,
    format_: DataOutput = DataFormat.TEXT,
    at: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="As recorded on that day.")] = None,
    rows: Annotated[str, typer.Option(metavar="N|all", help="Rows to list as evidence for each number.")] = str(
        ROWS_LISTED
    ),
    _plain: PlainOption = False,
    _quiet: QuietOption = False,
) -> int:
    """Show how a value and its status were calculated."""
    from syncer.compute.assess import measures_shown
    from syncer.present.explain_json import key_result_json, objective_json
    from syncer.present.explain_text import ROWS_SHOWN, explain_key_result, explain_objective
    from syncer.run.workspace import open_workspace
    from syncer.sources.read_sources import ReadOptions

    most = _count_of(rows)
    opened, as_json = open_workspace(config), format_ is DataFormat.JSON
    if at is not None:
        _explain_past(opened, key, at, as_json=as_json, most=most)
        return 0
    trace = max(most, ROWS_SHOWN) if key not in opened.config.workspace.objectives else 0
    seen = assess_workspace(opened, ReadOptions(measures_shown(opened.config, key), trace_rows=trace))
    state = seen.key_result(key)
    objective = next((objective for objective in seen.objectives if objective.id == key), None)
    if state is not None:
        _show(
            key_result_json(seen, state) if as_json else explain_key_result(seen, state, most, screen_width()),
            as_json,
            state.effective,
        )
    elif objective is not None:
        _show(
            objective_json(seen, objective) if as_json else explain_objective(seen, objective),
            as_json,
            objective.effective,
        )
    else:
        known = [state.definition.id for state in seen.key_results] + [objective.id for objective in seen.objectives]
        raise OkrsyncError(
            Message("explaining '{key}'", key=key),
            Message("no key result or objective has that id{meant}", meant=did_you_mean(key, known)),
            advice="`okrsync status` lists them.",
        )
    return 0


def _count_of(rows: str) -> int:
    """Parse the value of --rows. Raises typer.BadParameter."""
    if rows == "all":
        return ALL_ROWS
    if not rows.isdecimal():
        raise typer.BadParameter(Message("'{rows}' is neither a number nor `all`", rows=rows), param_hint="'--rows'")
    return int(rows)


def _show(text: str, as_json: bool, status: "Status | None" = None) -> None:  # noqa: FBT001 - one of two outputs
    """Print an explanation or a history, laid out for a terminal where there is one."""
    if as_json or not (width := screen_width()):
        echo_result(text)
        return
    from syncer.present.explain_screen import explain_screen

    say(explain_screen(text, width, colour=in_colour(), status=status), nl=False)


def _explain_past(opened: "Opened", key: str, at: datetime, *, as_json: bool, most: int) -> None:
    from syncer.present.explain_json import past_objective_json
    from syncer.present.past import past_json, past_objective_text, past_text
    from syncer.run.past import past_day, past_objective

    with opened.ledger(readonly=True) as ledger, activity(opened, translatable("reading")):
        if (past := past_objective(opened.config, ledger, key, at.date())) is not None:
            _show(past_objective_json(past) if as_json else past_objective_text(opened.config, past), as_json)
            return
        day = past_day(opened.config, opened.context, ledger, key, at.date(), opened.now)
    if day is None:
        raise OkrsyncError(
            Message("explaining {key} on {date}", key=key, date=at.date()),
            "the ledger has no value of that day",
            advice=Message("`okrsync history {key}` lists the days it knows.", key=key),
        )
    zone = opened.config.workspace.timezone
    _show(past_json(day, zone) if as_json else past_text(day, opened.language, most, screen_width()), as_json)


def history(
    key: Annotated[str, typer.Argument(metavar="[ID]", help="A key result (default: list the runs).")] = "",
    *,
    config: ConfigPath = None,
    format_: DataOutput = DataFormat.TEXT,
    _plain: PlainOption = False,
) -> int:
    """Show recorded values of a key result, or recorded runs."""
    from syncer.run.past import story_of
    from syncer.run.same_sheet import scope_of
    from syncer.run.workspace import open_workspace

    opened = open_workspace(config, secrets=False)
    with opened.ledger(readonly=True) as ledger:
        if key:
            story = story_of(opened.config, ledger, key)
            if not (story.values or story.check_ins):
                _refuse_stranger(opened, key, ledger.last_values(scope_of(opened.config)))
            _print_story(story, opened, format_)
        else:
            _print_runs(ledger.runs(scope_of(opened.config)), opened, format_)
    return 0


def _print_story(story: "Story", opened: "Opened", format_: DataFormat) -> None:
    from syncer.present.history import history_json, history_text
    from syncer.present.history_screen import story_screen

    if format_ is DataFormat.JSON:
        echo_result(history_json(story, opened.config.workspace.timezone))
    elif width := screen_width():
        say(story_screen(story, opened.language, width, colour=in_colour()), nl=False)
    else:
        echo_result(history_text(story, opened.language))


def _print_runs(runs: "Sequence[Run]", opened: "Opened", format_: DataFormat) -> None:
    from syncer.present.history import runs_json, runs_text
    from syncer.present.history_screen import runs_screen

    zone, language = opened.config.workspace.timezone, opened.language
    if format_ is DataFormat.JSON:
        echo_result(runs_json(runs, zone))
    elif width := screen_width():
        say(runs_screen(runs, zone, language, width, colour=in_colour()), nl=False)
    else:
        echo_result(runs_text(runs, zone, language))


def _refuse_stranger(opened: "Opened", key: str, recorded: Iterable[str]) -> None:
    """Raise OkrsyncError for an id that neither the config nor the ledger knows."""
    stated = {entry.id for entry in opened.config.key_results}
    known = {*stated, *opened.config.workspace.objectives, *recorded}
    if key not in known:
        raise OkrsyncError(
            Message("looking back at '{key}'", key=key),
            Message("neither the config nor the ledger has that id{meant}", meant=did_you_mean(key, known)),
            advice="`okrsync status` lists them.",
        )


def end_of_day(day: date, now: datetime) -> datetime:
    """Return the last millisecond of a day in the time zone of `now`; for today, `now`.

    Raises OkrsyncError for a future day.
    """
    from syncer.sources.reads import LAST_INSTANT

    if day > now.date():
        raise OkrsyncError(
            Message("looking at {day}", day=day),
            Message("it is in the future: today is {date}", date=now.date()),
            advice="Give a date in the past.",
        )
    end = datetime.combine(day, LAST_INSTANT, now.tzinfo)
    return min(end, now)


def backfill(
    key: Annotated[str, typer.Argument(metavar="KR", help="Id of a key result in the config.")],
    *,
    from_: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day.")],
    to: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day (default: yesterday).")
    ] = None,
    config: ConfigPath = None,
    _quiet: QuietOption = False,
) -> int:
    """Compute past days of a key result with {as_of} queries, and record them as backfilled."""
    from syncer.present.history import backfill_text
    from syncer.run.backfill import Span, require_past
    from syncer.run.backfill import backfill as fill
    from syncer.run.workspace import open_workspace
    from syncer.sheet.open_sheet import open_reader

    opened = open_workspace(config)
    require_past(opened.config, key)
    last = end_of_day(to.date() if to else opened.now.date() - timedelta(days=1), opened.now)
    first = end_of_day(from_.date(), opened.now)
    reader = open_reader(opened.config, opened.context)
    try:
        reading = activity(opened, translatable("reading"))
        with opened.alone(), opened.leased_ledger() as ledger, reading:
            done = fill(opened.config, reader, opened.context, ledger, key, Span(first, last, opened.now))
    finally:
        reader.close()
    say(backfill_text(done, opened.language), nl=False)
    return 0 if done.complete else 4
