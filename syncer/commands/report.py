"""`report`: the cycle so far as HTML, markdown, text, CSV, XLSX, JSON or SVG."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import OkrsyncError
from config.message import Message
from syncer.commands.command_line import ConfigPath, OutPath, QuietOption
from syncer.commands.look import assess_workspace
from syncer.commands.screen import await_json, echo_result, say, write_out
from syncer.i18n import CURRENT_LANGUAGE, translate
from syncer.present.error_text import error_text

if TYPE_CHECKING:
    from syncer.present.report.chapters import Chapter, Report
    from syncer.run.workspace import Opened

EXIT_PARTIAL = 4


class ReportFormat(StrEnum):
    """File format of a report."""

    HTML = "html"
    MARKDOWN = "markdown"
    TEXT = "text"
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    SVG = "svg"


SUFFIXES = {
    ".html": ReportFormat.HTML,
    ".htm": ReportFormat.HTML,
    ".md": ReportFormat.MARKDOWN,
    ".txt": ReportFormat.TEXT,
    ".csv": ReportFormat.CSV,
    ".xlsx": ReportFormat.XLSX,
    ".json": ReportFormat.JSON,
    ".svg": ReportFormat.SVG,
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report", epilog="Example: okrsync report --out okr.html")(report)


def report(
    configs: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[CONFIG]...",
            help="Config files for one report over several workspaces, in the language of the first.",
        ),
    ] = None,
    *,
    config: ConfigPath = None,
    format_: Annotated[
        ReportFormat | None,
        typer.Option(
            "--format", callback=await_json, help="Output format (default: by the name of --out, else markdown)."
        ),
    ] = None,
    out: OutPath = None,
    adoption: Annotated[bool, typer.Option("--adoption", help="Report OKR adoption by team.")] = False,
    meeting: Annotated[
        bool, typer.Option("--meeting", help="Talking points for the check-in meeting of a --team.")
    ] = False,
    team: Annotated[str, typer.Option(help="Team to report on, including sub-teams (default: all).")] = "",
    one_on_one: Annotated[
        bool, typer.Option("--one-on-one", help="Talking points for a one-on-one with an --owner.")
    ] = False,
    owner: Annotated[str, typer.Option(help="Only key results of this owner.")] = "",
    title: Annotated[str, typer.Option(help="Title of the HTML page.")] = "",
    _quiet: QuietOption = False,
) -> int:
    """Report on the cycle as HTML, markdown, CSV, XLSX, SVG, text or JSON."""
    kind = format_ or _kind_of(out)
    if kind is ReportFormat.XLSX and out is None:
        raise typer.BadParameter(Message("a workbook needs --out FILE.xlsx"))
    paths: list[Path | None] = [*configs] if configs else [config]
    if meeting or one_on_one or adoption:
        if len(paths) > 1:
            raise typer.BadParameter(Message("--meeting, --one-on-one and --adoption are of one workspace"))
        made: str | bytes = _view(paths[0], kind, team, owner if one_on_one else None, adoption=adoption)
        missing = 0
    else:
        report = _read_workspaces(paths, kind)
        missing = len(report.missing)
        for one in report.missing:
            say(one.reason, err=True)
        made = _made(report, kind, title, to_file=out is not None)
    if out is not None:
        write_out(out, made, private=False)
        say(translate(CURRENT_LANGUAGE.get(), "Wrote {file}.", file=out.resolve()), err=True)
    elif isinstance(made, str):
        echo_result(made)
    return EXIT_PARTIAL if missing else 0


def _kind_of(out: Path | None) -> ReportFormat:
    """Return the format for the suffix of --out, markdown without one. Raises typer.BadParameter for an unknown one."""
    suffix = out.suffix.lower() if out else ""
    if suffix and suffix not in SUFFIXES:
        message = Message(
            "a report cannot end in {suffix}: use {known}, or choose a format with --format",
            suffix=suffix,
            known=list(SUFFIXES),
        )
        raise typer.BadParameter(message)
    return SUFFIXES.get(suffix, ReportFormat.MARKDOWN)


def _read_workspaces(paths: list[Path | None], kind: ReportFormat) -> "Report":
    """Read every workspace; among several, those that cannot be read are listed in `missing`.

    Raises OkrsyncError when none can be read.
    """
    from syncer.present.report.chapters import Chapter, Missing, Report, with_distinct_names
    from syncer.run.workspace import open_workspace

    chapters: list[Chapter] = []
    failed: list[tuple[str, OkrsyncError]] = []
    for path in paths:
        try:
            opened = open_workspace(path)
            if chapters:
                opened = opened.in_language(chapters[0].assessment.config.workspace.language)
            chapters.append(_chapter(str(path or ""), opened, kind))
        except OkrsyncError as error:
            if len(paths) == 1:
                raise
            failed.append((str(path), error))
    language = chapters[0].assessment.config.workspace.language if chapters else CURRENT_LANGUAGE.get()
    missing = [Missing(name, error_text(error, language), error) for name, error in failed]
    if not chapters:
        in_english = kind is ReportFormat.JSON
        reasons = [str(error) if in_english else one.reason for one, (_, error) in zip(missing, failed, strict=True)]
        raise OkrsyncError(
            "making the report",
            "none of the workspaces could be read:\n" + "\n".join(reasons),
            advice="`okrsync check -c FILE --online` tries each part of one.",
        )
    return Report(with_distinct_names(chapters), tuple(missing))


def _chapter(name: str, opened: "Opened", kind: ReportFormat) -> "Chapter":
    from syncer.present.explain_text import ROWS_SHOWN
    from syncer.present.meeting import team_agenda
    from syncer.present.report.chapters import Chapter
    from syncer.sources.read_sources import ReadOptions

    if kind is not ReportFormat.HTML:
        return Chapter(name, assess_workspace(opened))
    seen = assess_workspace(opened, ReadOptions(trace_rows=ROWS_SHOWN))
    with opened.ledger(readonly=True) as ledger:
        return Chapter(name, seen, team_agenda(seen, ledger, ""))


def _made(report: "Report", kind: ReportFormat, title: str, *, to_file: bool) -> str | bytes:
    match kind:
        case ReportFormat.HTML:
            from syncer.present.report.page import report_html

            return report_html(report, title)
        case ReportFormat.CSV:
            from syncer.present.report.words import report_csv

            return report_csv(report, to_file=to_file)
        case ReportFormat.XLSX:
            from syncer.present.report.workbook import report_workbook

            return report_workbook(report)
        case ReportFormat.SVG:
            from syncer.present.report.picture import report_svg

            return report_svg(report)
        case ReportFormat.JSON:
            from syncer.present.report.words import report_json

            return report_json(report)
    from syncer.present.report.words import report_markdown, report_text

    return (report_markdown if kind is ReportFormat.MARKDOWN else report_text)(report)


def _view(path: Path | None, kind: ReportFormat, team: str, owner: str | None, *, adoption: bool) -> str:
    from syncer.run.workspace import open_workspace

    opened = open_workspace(path)
    return _adoption(opened, kind) if adoption else _meeting(opened, kind, team, owner)


def _adoption(opened: "Opened", kind: ReportFormat) -> str:
    from syncer.present.adoption import (
        adoption_json,
        adoption_markdown,
        adoption_table,
        adoption_text,
        look_at_adoption,
    )

    if kind in (ReportFormat.CSV, ReportFormat.XLSX, ReportFormat.SVG):
        raise typer.BadParameter(Message("--adoption has the formats html, markdown, text and json"))
    found = look_at_adoption(opened)
    if kind is ReportFormat.JSON:
        return adoption_json(found)
    if kind is ReportFormat.HTML:
        from syncer.present.report.page import adoption_html

        return adoption_html(adoption_table(found, opened.language), opened.language)
    return (adoption_text if kind is ReportFormat.TEXT else adoption_markdown)(found, opened.language)


def _meeting(opened: "Opened", kind: ReportFormat, team: str, owner: str | None) -> str:
    from syncer.present.meeting import owner_agenda, team_agenda
    from syncer.present.meeting_text import meeting_text

    if kind not in (ReportFormat.MARKDOWN, ReportFormat.TEXT, ReportFormat.HTML):
        raise typer.BadParameter(Message("a meeting's report has the formats html, markdown and text"))
    if owner == "":
        raise typer.BadParameter(Message("--one-on-one needs --owner NAME"))
    seen = assess_workspace(opened)
    with opened.ledger(readonly=True) as ledger:
        agenda = team_agenda(seen, ledger, team) if owner is None else owner_agenda(seen, ledger, owner)
    if kind is ReportFormat.HTML:
        from syncer.present.report.page import meeting_html

        return meeting_html(seen, agenda, one_on_one=owner is not None)
    markdown = kind is ReportFormat.MARKDOWN
    return meeting_text(agenda, opened.language, markdown=markdown, one_on_one=owner is not None)
