"""`lint` and `close`: advice on the OKRs, and the end of a cycle."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.message import Message
from syncer.commands.command_line import ConfigPath, Format, OutPath, OutputFormat, QuietOption
from syncer.commands.screen import activity, echo_result, say, screen_width, write_out
from syncer.i18n import translatable, translate

if TYPE_CHECKING:
    from syncer.compute.assess import Assessment
    from syncer.cycle_end.close import Closing
    from syncer.cycle_end.next_files import Ended
    from syncer.ledger.records import ValueRecord
    from syncer.run.workspace import Opened
    from syncer.sheet.columns import Verdict

EXIT_ADVICE = 1
_ENDINGS = (".md", ".html", ".htm", ".docx", ".json")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("lint", epilog="Example: okrsync lint --strict")(lint)
    app.command(
        "close",
        epilog="Example: okrsync close --decide KR1=continue --next okrsync-2027-Q1.yaml --out retrospective.md",
    )(close)


def lint(
    *,
    config: ConfigPath = None,
    format_: OutputFormat = Format.TEXT,
    offline: Annotated[bool, typer.Option("--offline", help="Check the config only; do not read the sheet.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with code 1 when there is advice.")] = False,
    _quiet: QuietOption = False,
) -> int:
    """Give advice on how the OKRs are written. Nothing is enforced."""
    from syncer.present.advice import lint_workspace
    from syncer.present.lint_text import lint_json, lint_markdown, lint_text
    from syncer.run.workspace import open_workspace

    opened = open_workspace(config, secrets=not offline)
    with activity(opened, translatable("reading")):
        linted = lint_workspace(opened, offline=offline)
    match format_:
        case Format.JSON:
            echo_result(lint_json(linted))
        case Format.MARKDOWN:
            say(lint_markdown(linted, opened.language), nl=False)
        case Format.TEXT:
            say(lint_text(linted, opened.language), nl=False)
    return EXIT_ADVICE if strict and linted.advice else 0


def close(
    *,
    config: ConfigPath = None,
    format_: OutputFormat = Format.MARKDOWN,
    out: OutPath = None,
    decide: Annotated[
        list[str] | None, typer.Option(metavar="ID=DECISION", help="continue, abandon or complete (repeatable).")
    ] = None,
    decided_by: Annotated[str, typer.Option(help="Who made the decisions of --decide.")] = "",
    reason: Annotated[str, typer.Option(help="Reason for the decisions of --decide.")] = "",
    late: Annotated[
        bool, typer.Option("--late", help="After the cycle's end: use today's value where none was recorded in time.")
    ] = False,
    next_: Annotated[
        Path | None,
        typer.Option(
            "--next",
            help="Write the next cycle's config to this new file (or a cycle, such as 2027-Q1), and make its sheet.",
        ),
    ] = None,
    next_cycle: Annotated[
        str, typer.Option(help="The next cycle: 2027-Q1, or NAME=FIRST..LAST (default: the one that follows).")
    ] = "",
    write_scores: Annotated[
        bool, typer.Option("--write-scores", help="Write the computed scores into the sheet's score column.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Let --write-scores write without prompting.")] = False,
    adopt: Annotated[bool, typer.Option("--adopt", help="Let --write-scores overwrite scores typed by hand.")] = False,
    _quiet: QuietOption = False,
) -> int:
    """Score the cycle, record decisions, write the retrospective, and prepare the next cycle.

    Writes to the cycle's sheet only with --write-scores, after you confirm its plan.
    """
    from syncer.commands.look import assess_workspace
    from syncer.cycle_end.close import Flags, close_cycle
    from syncer.cycle_end.next_files import Ended
    from syncer.present.retrospective_files import require_docx
    from syncer.present.retrospective_text import closing_json, retrospective_markdown
    from syncer.run.workspace import open_workspace

    kind = _kind_of(out, format_)
    if kind == ".docx":
        require_docx()
    flags = Flags(_decisions(decide or []), decided_by, reason, late)
    opened = open_workspace(config)
    seen = assess_workspace(opened)
    closing = close_cycle(seen, _final_values(opened, seen), flags)
    to_do = _write_next(opened, Ended(seen, closing), next_, next_cycle) if next_ is not None else ()
    as_json = kind == ".json"
    text = closing_json(closing, to_do) if as_json else retrospective_markdown(closing, opened.language, to_do)
    if out is None:
        echo_result(text)
    else:
        title = f"{closing.title} · {closing.cycle}"
        write_out(out, _as_file(text, kind, title, opened.language), private=False)
        say(translate(opened.language, "Wrote {file}.", file=out.resolve()), err=True)
    if write_scores:
        _write_scores(opened, closing, yes=yes, adopt=adopt, aside=as_json and out is None)
    return 0


def _final_values(opened: "Opened", seen: "Assessment") -> Sequence["ValueRecord"]:
    """Return the values by which a cycle that has ended is scored; none before its end."""
    from syncer.cycle_end.final_readings import final_readings

    if opened.now.date() <= opened.config.workspace.cycle.last:
        return ()
    with opened.ledger(readonly=True) as ledger:
        return final_readings(seen, ledger)


def _kind_of(out: Path | None, format_: Format) -> str:
    """Return the ending that decides the form of the retrospective. Raises typer.BadParameter for an unknown one."""
    ending = out.suffix.lower() if out else ""
    if format_ is Format.JSON and ending in ("", ".json"):
        return ".json"
    if ending not in ("", *_ENDINGS) or format_ is Format.JSON:
        raise typer.BadParameter(
            Message("a retrospective cannot end in {ending}: use {known}", ending=ending, known=list(_ENDINGS))
            if ending not in _ENDINGS
            else Message("--format json needs a file that ends in .json")
        )
    return {".htm": ".html"}.get(ending, ending or ".md")


def _as_file(text: str, kind: str, title: str, language: str) -> str | bytes:
    from syncer.present.retrospective_files import retrospective_docx, retrospective_html

    match kind:
        case ".html":
            return retrospective_html(text, title, language)
        case ".docx":
            return retrospective_docx(text)
        case _:
            return text


def _decisions(given: list[str]) -> "dict[str, Verdict]":
    from syncer.sheet.columns import verdict_of

    found = {}
    for text in given:
        key, _, word = text.partition("=")
        verdict = verdict_of(word)
        if not key or verdict is None:
            raise typer.BadParameter(
                Message("'{text}' is not a decision; write KR1=continue, KR1=abandon or KR1=complete", text=text)
            )
        found[key.strip()] = verdict
    return found


def _write_next(opened: "Opened", ended: "Ended", path: Path, name: str) -> tuple[str, ...]:
    from config.loading.workspace_files import shown
    from syncer.cycle_end.followed_by import followed_by_line
    from syncer.cycle_end.write_next import write_next

    language, cycle = opened.language, opened.config.workspace.cycle
    with opened.alone():
        made = write_next(ended, path, name, opened.context)
    for file in made.files:
        say(translate(language, "Wrote {file}.", file=file), err=True)
    say(translate(language, "Made the next cycle's sheet: {sheet}.", sheet=made.sheet), err=True)
    line, old = followed_by_line(next(iter(made.files))), shown(opened.config.path)
    if made.follows:
        text = translatable("Added to {old}: `{line}`. So the sheet of {cycle} is not synced after {last}.")
    else:
        text = translatable(
            "{old} could not be changed. Add `{line}` to it, so that its sheet is not synced after {last}."
        )
    say(translate(language, text, old=old, line=line, cycle=cycle.name, last=cycle.last), err=True)
    return made.to_do


def _write_scores(opened: "Opened", closing: "Closing", *, yes: bool, adopt: bool, aside: bool) -> None:
    """Show the plan of scores, ask for confirmation, and write it. `aside`: print to stderr, as stdout holds JSON."""
    from syncer.cycle_end.score_plan import ScoreJob
    from syncer.plan.rows import Allowed
    from syncer.present.plan_json import fingerprint
    from syncer.present.plan_text import score_plan_text, scores_written_text
    from syncer.sheet.open_sheet import open_reader, open_writer

    job, language = ScoreJob(opened.config, closing, opened.now, Allowed(adopt=adopt)), opened.language
    reader = open_reader(opened.config, opened.context)
    try:
        plan = job.plan(reader.read())
    finally:
        reader.close()
    say("\n" + score_plan_text(plan, language, screen_width()), nl=False, err=aside)
    if not plan.has_work:
        say(translate(language, "Nothing to write."), err=aside)
        return
    if not (yes or typer.confirm(translate(language, "Write these scores?"), err=aside)):
        say(translate(language, "Nothing was written."), err=aside)
        return
    with opened.alone(), opened.leased_ledger() as ledger:
        writer = open_writer(opened.config, opened.context)
        try:
            receipt = job.write(writer, ledger, plan, fingerprint)
        finally:
            writer.close()
    say(scores_written_text(receipt.written, language), err=aside)
