"""Errors, usage errors of Typer and warnings as text in the workspace's language; errors as JSON."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import typer

from config.errors import (
    AuthError,
    ConfigError,
    LedgerError,
    OkrsyncError,
    Problem,
    SheetError,
    SourceError,
    StaleSheetError,
    UncertainWriteError,
    UnsafePlanError,
)
from config.plain_text import plain
from syncer.i18n import join, localize, translatable, translate, translate_count

if TYPE_CHECKING:
    from syncer.compute.assess import Assessment

VERSION = 1
"""Version of the JSON; incremented when a field is removed or changes meaning, not when one is added."""


def error_json(error: OkrsyncError) -> str:
    """Format an error as the JSON document that `--format json` prints in place of a result."""
    from syncer.present.json_values import json_document

    return json_document({"version": VERSION, "error": error_data(error)})


def error_data(error: OkrsyncError) -> dict[str, Any]:
    """Return an error as JSON data, in English; `problems` lists those of a ConfigError that are shown."""
    shown, more = (error.shown, error.more) if isinstance(error, ConfigError) else ((), 0)
    return {
        "code": error.code,
        "text": plain(str(error)),
        "doing": error.doing,
        "saw": error.saw,
        "effect": error.effect or None,
        "advice": error.advice or None,
        "problems": [
            {"file": one.file, "line": one.line or None, "path": one.path or None, "text": plain(one.message)}
            for one in shown
        ],
        "more_problems": more,
    }


_PLACE = 9
"""Width of a problem's place (`line 12`), in terminal cells."""

_SUMMARIES: tuple[tuple[type[OkrsyncError], str], ...] = (
    (AuthError, translatable("The service refused the credentials.")),
    (SourceError, translatable("A source could not be read.")),
    (UncertainWriteError, translatable("Whether the write arrived is not known.")),
    (StaleSheetError, translatable("Something changed after the plan was made.")),
    (SheetError, translatable("The OKR sheet could not be read or written as planned.")),
    (LedgerError, translatable("The ledger could not be read or written.")),
    (OkrsyncError, translatable("It could not be done.")),
)


def error_text(error: OkrsyncError, language: str, about: str = "") -> str:
    """Format an error in a language; in English this is `str(error)`. `about` names whom it concerns."""
    head = f"{localize(language, about)}{translate(language, ': ')}" if about else ""
    if language == "en":
        return f"{head}{error}"
    if isinstance(error, UnsafePlanError):
        reasons = (f"  - {localize(language, reason)}" for reason in error.reasons)
        return "\n".join([localize(language, error.head), *reasons, localize(language, error.end)])
    if isinstance(error, ConfigError):
        return _problems(error, language)
    summary = next(text for kind, text in _SUMMARIES if isinstance(error, kind))
    lines = [translate(language, summary), f"  {head}{one_line_error(error, language)}"]
    lines += [localize(language, part) for part in (error.effect, error.advice)]
    return "\n".join(line for line in lines if line)


def failure_texts(seen: "Assessment", language: str) -> list[str]:
    """Format each failed read once, with the measures that it concerns and their places in the config."""
    return [error_text(one.error, language, seen.config.name_measures(one.measures)) for one in seen.failures()]


def failure_data(seen: "Assessment") -> list[dict[str, Any]]:
    """Return each failed read as JSON data, with the measures that it leaves unknown."""
    return [{"measures": list(one.measures), "error": error_data(one.error)} for one in seen.failures()]


def one_line_error(error: OkrsyncError, language: str) -> str:
    """Format what was done and what was seen, in one line."""
    return translate(
        language, "{doing}: {saw}", doing=localize(language, error.doing), saw=localize(language, error.saw)
    )


def _problems(error: ConfigError, language: str) -> str:
    """List the problems of a config by file, each with its line number and the path of the option."""
    lines: list[str] = []
    for file, problems in groupby(error.shown, lambda problem: problem.file):
        count = error.count_of[file]
        lines.append(translate_count(language, "{file}: {count} problem", "{file}: {count} problems", count, file=file))
        lines += [f"  {_problem(problem, language)}" for problem in problems]
    if error.more:
        lines.append(f"  {translate(language, '... and {count} more; correct these first', count=error.more)}")
    return plain("\n".join([*lines, localize(language, error.end)]))


def _problem(problem: Problem, language: str) -> str:
    from syncer.present.text_width import padded

    place = translate(language, "line {line}", line=problem.line) if problem.line else translate(language, "file")
    path = f"{problem.path}  " if problem.path else ""
    return f"{padded(place, _PLACE)} {path}{localize(language, problem.message)}"


_INVALID = re.compile(r"Invalid value(?: for (?P<hint>.+?))?: (?:Value error, )?(?P<rest>.+)", re.DOTALL)
_FORMS: Mapping[str, str] = {
    r"No such option: (?P<name>\S+)": translatable("there is no option {name}"),
    r"No such option: (?P<name>\S+) \(Possible options: (?P<known>.+)\)": translatable(
        "there is no option {name}; similar ones are {known}"
    ),
    r"No such command '(?P<name>.+)'\.": translatable("there is no command {name}"),
    r"Missing command\.": translatable("a command is missing"),
    r"Missing argument '(?P<name>.+?)'\.\s*": translatable("{name} is missing"),
    r"Missing option '(?P<name>.+?)'\.\s*": translatable("{name} is missing"),
    r"Missing argument '(?P<name>.+?)'\. Choose from:\s+(?P<known>.+)": translatable(
        "{name} is missing: one of {known}"
    ),
    r"Got unexpected extra argument\(s\) \((?P<text>.+)\)": translatable("unexpected: {text}"),
    r"Option '(?P<name>.+)' requires an argument\.": translatable("{name} needs a value"),
    r"Option '(?P<name>.+)' does not take a value\.": translatable("{name} takes no value"),
    r"'(?P<text>.*)' is not one of (?P<known>.+)\.": translatable("'{text}' is not one of {known}"),
    r"'(?P<text>.*)' does not match the formats? '%Y-%m-%d'\.": translatable(
        "'{text}' is not a date; write it as 2026-11-16"
    ),
    r"\w+ '(?P<path>.*)' does not exist\.": translatable("there is no {path}"),
}


def usage_text(error: typer.TyperException, language: str) -> str:
    """Format a usage error in a language: the command's usage, and what is wrong."""
    lines = []
    if (context := getattr(error, "ctx", None)) is not None:
        usage = context.get_usage().removeprefix("Usage: ")
        lines = [
            translate(language, "Usage: {usage}", usage=usage),
            translate(language, "Try '{command} -h' for help.", command=context.command_path),
            "",
        ]
    return "\n".join([*lines, translate(language, "Error: {message}", message=_message(error, language))])


def _message(error: typer.TyperException, language: str) -> str:
    text = error.format_message()
    invalid = _INVALID.fullmatch(text)
    if invalid is None:
        return _translate_usage(text, language)
    own = localize(language, error.message)
    what = own if own != error.message else _translate_usage(invalid["rest"], language)
    if invalid["hint"] is None:
        return what
    return translate(language, "{hint} is not valid: {what}", hint=invalid["hint"].replace("'", ""), what=what)


def _translate_usage(text: str, language: str) -> str:
    for form, message in _FORMS.items():
        if found := re.fullmatch(form, text, re.DOTALL):
            values = {name: " ".join((value or "").split()) for name, value in found.groupdict().items()}
            if "known" in values:
                values["known"] = join(language, values["known"].replace("'", "").split(", "))
            return translate(language, message, **values)
    return text


ALLOWED = timedelta(minutes=1)
"""Tolerated difference between the clocks of machines that share a ledger."""


def clock_text(last_run: datetime | None, now: datetime, language: str) -> str:
    """Return a warning when `now` is more than `ALLOWED` before the last run, else an empty string."""
    if last_run is None or now >= last_run - ALLOWED:
        return ""
    return translate(
        language,
        "warning: the clock says {now:%Y-%m-%d %H:%M}, but the last run was at {last:%Y-%m-%d %H:%M}. Expected "
        "progress, status and forecast follow the clock: set it right and run again.",
        now=now,
        last=last_run.astimezone(now.tzinfo),
    )
