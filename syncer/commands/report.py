"""`report`: the cycle so far, to send, to keep or to open in a browser."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from syncer.commands.look import survey_of
from syncer.commands.options import ConfigPath, OutPath
from syncer.commands.screen import write_out

if TYPE_CHECKING:
    from syncer.workspace import Opened


class ReportFormat(StrEnum):
    """How a report is written."""

    HTML = "html"
    MARKDOWN = "markdown"
    TEXT = "text"
    JSON = "json"


SUFFIXES = {
    ".html": ReportFormat.HTML,
    ".md": ReportFormat.MARKDOWN,
    ".txt": ReportFormat.TEXT,
    ".json": ReportFormat.JSON,
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report", epilog="Example: okrsync report --out okr.html")(report)


def report(
    *,
    config: ConfigPath = None,
    format_: Annotated[
        ReportFormat | None, typer.Option("--format", help="Left out: by the name of --out, else markdown.")
    ] = None,
    out: OutPath = None,
    adoption: Annotated[
        bool, typer.Option("--adoption", help="How far OKRs have taken hold, by team: markdown, text or JSON.")
    ] = False,
    meeting: Annotated[
        bool, typer.Option("--meeting", help="Three questions for each key result of a --team.")
    ] = False,
    team: Annotated[str, typer.Option(help="Whose meeting; with the teams below it. Left out: all.")] = "",
    one_on_one: Annotated[
        bool, typer.Option("--one-on-one", help="The same for the key results of an --owner.")
    ] = False,
    owner: Annotated[str, typer.Option(help="Whose key results.")] = "",
) -> int:
    """The cycle so far: one HTML file for everybody, or markdown, text, JSON."""
    from syncer.show.status_text import status_data, status_markdown, status_text
    from syncer.workspace import open_workspace

    kind = format_ or SUFFIXES.get(out.suffix.lower() if out else "", ReportFormat.MARKDOWN)
    opened = open_workspace(config)
    if meeting or one_on_one:
        text = _meeting(opened, kind, team, owner, one_on_one=one_on_one)
    elif adoption:
        text = _adoption(opened, kind)
    elif kind is ReportFormat.HTML:
        text = _html(opened)
    else:
        makers = {
            ReportFormat.TEXT: status_text,
            ReportFormat.JSON: status_data,
            ReportFormat.MARKDOWN: status_markdown,
        }
        text = makers[kind](survey_of(opened))
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_out(out, text, private=False)
    return 0


def _html(opened: "Opened") -> str:
    from syncer.show.explain_text import ROWS_SHOWN
    from syncer.show.report_html import report_html
    from syncer.survey import Wish
    from syncer.views.meeting import team_agenda

    seen = survey_of(opened, Wish(trace_rows=ROWS_SHOWN + 1))
    with opened.ledger(readonly=True) as ledger:
        agenda = team_agenda(seen, ledger, "")
    return report_html(seen, agenda)


def _adoption(opened: "Opened", kind: ReportFormat) -> str:
    from syncer.show.adoption_text import adoption_json, adoption_markdown, adoption_text
    from syncer.views.look_adoption import look_at_adoption

    if kind is ReportFormat.HTML:
        raise typer.BadParameter("--adoption is written as markdown, text or json")
    found = look_at_adoption(opened)
    if kind is ReportFormat.JSON:
        return adoption_json(found)
    return (adoption_text if kind is ReportFormat.TEXT else adoption_markdown)(found, opened.language)


def _meeting(opened: "Opened", kind: ReportFormat, team: str, owner: str, *, one_on_one: bool) -> str:
    from syncer.show.meeting_text import meeting_text
    from syncer.views.meeting import owner_agenda, team_agenda

    if kind not in (ReportFormat.MARKDOWN, ReportFormat.TEXT):
        raise typer.BadParameter("a meeting's report is written as markdown or text")
    if one_on_one and not owner:
        raise typer.BadParameter("--one-on-one needs --owner NAME")
    seen = survey_of(opened)
    with opened.ledger(readonly=True) as ledger:
        agenda = owner_agenda(seen, ledger, owner) if one_on_one else team_agenda(seen, ledger, team)
    markdown = kind is ReportFormat.MARKDOWN
    return meeting_text(agenda, opened.language, markdown=markdown, one_on_one=one_on_one)
