"""`lint` and `close`: advice on the OKRs, and the end of a cycle."""

from typing import Annotated

import typer

from syncer.commands.options import ConfigPath, OutPath

EXIT_ADVICE = 1


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("lint", epilog="Example: okrsync lint --strict")(lint)
    app.command("close", epilog="Example: okrsync close --out retrospective.md")(close)


def lint(
    *, config: ConfigPath = None, strict: Annotated[bool, typer.Option("--strict", help="Exit 1 on advice.")] = False
) -> int:
    """Advice on how the OKRs are written; it enforces nothing."""
    from syncer.advice import advice_on
    from syncer.workspace import open_workspace

    opened = open_workspace(config)
    found = advice_on(opened.config)
    for advice in found:
        typer.echo(f"{advice.id:<10} {advice.rule}: {advice.reason[opened.language]}".strip())
        typer.echo(f"{'':<10} {advice.better[opened.language]}")
    return EXIT_ADVICE if strict and found else 0


def close(*, config: ConfigPath = None, out: OutPath = None) -> int:
    """The scores of the cycle as markdown, from what sources and sheet say now. Nothing is written to the sheet."""
    from syncer.commands.look import survey_of
    from syncer.show.scores_text import scores_markdown
    from syncer.workspace import open_workspace

    text = scores_markdown(survey_of(open_workspace(config)))
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, "utf-8")
    return 0
