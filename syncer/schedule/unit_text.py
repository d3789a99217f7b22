"""Filling the templates of schedules: each place quotes in its own way."""

import json
import re
import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import PurePosixPath
from textwrap import wrap

from syncer.i18n import join, translate

_COMMENT = 118
"""How many columns a line of a comment may take."""

_SAFE_WORD = re.compile(r"[\w@+=:,./-]+", re.ASCII)


def render(template: str, job: object, language: str) -> str:
    """The template of that name, with `job` in it; its comments are said in that language."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(  # noqa: S701 - unit files and YAML, not HTML; each value is quoted by its own filter
        loader=PackageLoader("syncer"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        sh=lambda value: shlex.quote(str(value)),
        words=shlex.join,
        crontab=lambda line: line.replace("%", r"\%"),
        yaml=lambda value: json.dumps(str(value), ensure_ascii=False),
        unit=lambda value: str(value).replace("%", "%%"),
        unit_path=lambda value: _unit_word(str(value)),
        unit_command=_unit_command,
        github_secret=_github_secret,
        work=lambda path: str(PurePosixPath("/work") / path),
        beside=lambda path, config: str(PurePosixPath(config).parent / path),
        folder=lambda path: str(PurePosixPath(path).parent),
    )
    names = {"note": partial(_note, language), "listed": partial(join, language)}
    return environment.get_template(template).render(job=job, **names)


def _note(language: str, message: str, /, **values: object) -> str:
    """A comment of as many lines as it needs; the first stands where its template has it.

    Chinese has no spaces to break at: its translation breaks its lines itself.
    """
    stated = translate(language, message, **values).split("\n")
    lines = [line for part in stated for line in wrap(part, _COMMENT, break_long_words=False, break_on_hyphens=False)]
    return "\n".join(f"# {line}" for line in lines)


def _unit_command(words: Sequence[str]) -> str:
    """For ExecStart, where `$` begins a variable, too."""
    return " ".join(_unit_word(word.replace("$", "$$")) for word in words)


def _unit_word(word: str) -> str:
    """One of several words in a unit file: systemd reads quotes, backslashes and `%` there."""
    if not _SAFE_WORD.fullmatch(word):
        word = '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return word.replace("%", "%%")


def _github_secret(variable: str) -> str:
    """GitHub refuses secrets whose names begin with GITHUB_."""
    return f"OKRSYNC_{variable}" if variable.upper().startswith("GITHUB_") else variable
