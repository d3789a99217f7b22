"""Errors as text in the workspace's language and as JSON: what was done, what was seen, the effect, and advice."""

import json
from itertools import groupby
from typing import Any

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
from syncer.i18n import localize, translatable, translate, translate_count

VERSION = 1
"""Version of the JSON; incremented when a field is removed or changes meaning, not when one is added."""


def error_json(error: OkrsyncError) -> str:
    """Format an error as the JSON document that `--format json` prints in place of a result."""
    return json.dumps({"version": VERSION, "error": error_data(error)}, ensure_ascii=False, indent=2) + "\n"


def error_data(error: OkrsyncError) -> dict[str, Any]:
    """Return an error as JSON data, in English; `problems` lists the problems of a ConfigError."""
    problems = error.problems if isinstance(error, ConfigError) else ()
    return {
        "code": error.code,
        "text": plain(str(error)),
        "doing": error.doing,
        "saw": error.saw,
        "effect": error.effect or None,
        "advice": error.advice or None,
        "problems": [
            {"file": one.file, "line": one.line or None, "path": one.path or None, "text": plain(one.message)}
            for one in problems
        ],
    }


_PLACE = 9
"""Width of a problem's place (`line 12`), in terminal cells."""

_SUMMARIES: tuple[tuple[type[OkrsyncError], str], ...] = (
    (AuthError, translatable("The service refused the credentials.")),
    (SourceError, translatable("A source could not be read.")),
    (UncertainWriteError, translatable("Nobody knows whether the write arrived.")),
    (StaleSheetError, translatable("Something changed after the plan was made.")),
    (SheetError, translatable("The OKR sheet could not be read or written as planned.")),
    (LedgerError, translatable("The ledger could not be read or written.")),
    (OkrsyncError, translatable("It could not be done.")),
)


def error_text(error: OkrsyncError, language: str) -> str:
    """Format an error in a language; in English this is `str(error)`."""
    if language == "en":
        return str(error)
    if isinstance(error, UnsafePlanError):
        reasons = (f"  - {localize(language, reason)}" for reason in error.reasons)
        return "\n".join([localize(language, error.head), *reasons, localize(language, error.end)])
    if isinstance(error, ConfigError):
        return _problems(error, language)
    summary = next(text for kind, text in _SUMMARIES if isinstance(error, kind))
    lines = [translate(language, summary), f"  {one_line_error(error, language)}"]
    lines += [localize(language, part) for part in (error.effect, error.advice)]
    return "\n".join(line for line in lines if line)


def one_line_error(error: OkrsyncError, language: str) -> str:
    """Format what was done and what was seen, in one line."""
    return translate(
        language, "{doing}: {saw}", doing=localize(language, error.doing), saw=localize(language, error.saw)
    )


def _problems(error: ConfigError, language: str) -> str:
    """List the problems of a config by file, each with its line number and the path of the option."""
    lines: list[str] = []
    for file, found in groupby(error.problems, lambda problem: problem.file):
        problems = list(found)
        lines.append(
            translate_count(language, "{file}: {count} problem", "{file}: {count} problems", len(problems), file=file)
        )
        lines += [f"  {_problem(problem, language)}" for problem in problems]
    return plain("\n".join([*lines, localize(language, error.end)]))


def _problem(problem: Problem, language: str) -> str:
    from syncer.present.number_text import padded

    place = translate(language, "line {line}", line=problem.line) if problem.line else translate(language, "file")
    path = f"{problem.path}  " if problem.path else ""
    return f"{padded(place, _PLACE)} {path}{localize(language, problem.message)}"
