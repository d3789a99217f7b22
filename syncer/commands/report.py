"""`report`: the cycle so far, to send, to keep or to open in a browser."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from syncer.commands.look import survey_of
from syncer.commands.options import ConfigPath, OutPath
from syncer.commands.screen import write_out

if TYPE_CHECKING:
    from syncer.survey import Survey
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
) -> int:
    """The cycle so far: one HTML file for everybody, or markdown, text, JSON."""
    from syncer.show.status_text import status_data, status_markdown, status_text
    from syncer.workspace import open_workspace

    kind = format_ or SUFFIXES.get(out.suffix.lower() if out else "", ReportFormat.MARKDOWN)
    opened = open_workspace(config)
    if kind is ReportFormat.HTML:
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
    from syncer.engine import key_of
    from syncer.show.explain_text import ROWS_SHOWN
    from syncer.show.report_html import report_html
    from syncer.survey import Wish

    seen: Survey = survey_of(opened, Wish(trace_rows=ROWS_SHOWN + 1))
    with opened.ledger(readonly=True) as ledger:
        values = ledger.history(key_of(opened.config), since=opened.config.workspace.cycle.first)
    history = {
        state.definition.id: [value for value in values if value.key_result == state.definition.id]
        for state in seen.key_results
    }
    return report_html(seen, history)
