"""`lint` and `close`: advice on the OKRs, and the end of a cycle."""

from typing import Annotated

import typer

from syncer.commands.options import ConfigPath, Format, OutPath, OutputFormat
from syncer.commands.screen import activity, write_out

EXIT_ADVICE = 1


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("lint", epilog="Example: okrsync lint --strict")(lint)
    app.command("close", epilog="Example: okrsync close --out retrospective.md")(close)


def lint(
    *,
    config: ConfigPath = None,
    format_: OutputFormat = Format.TEXT,
    offline: Annotated[
        bool, typer.Option("--offline", help="Look at the config alone; do not read the sheet.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 on advice.")] = False,
) -> int:
    """Advice on how the OKRs are written; it enforces nothing."""
    from syncer.advice import lint_workspace
    from syncer.show.lint_text import lint_json, lint_markdown, lint_text
    from syncer.workspace import open_workspace

    opened = open_workspace(config)
    with activity("reading"):
        linted = lint_workspace(opened, offline=offline)
    match format_:
        case Format.JSON:
            typer.echo(lint_json(linted), nl=False)
        case Format.MARKDOWN:
            typer.echo(lint_markdown(linted, opened.language), nl=False)
        case Format.TEXT:
            typer.echo(lint_text(linted, opened.language), nl=False)
    return EXIT_ADVICE if strict and linted.advice else 0


def close(*, config: ConfigPath = None, out: OutPath = None) -> int:
    """The scores of the cycle as markdown, from what sources and sheet say now. Nothing is written to the sheet."""
    from syncer.commands.look import survey_of
    from syncer.show.scores_text import scores_markdown
    from syncer.workspace import open_workspace

    text = scores_markdown(survey_of(open_workspace(config)))
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_out(out, text, private=False)
    return 0
