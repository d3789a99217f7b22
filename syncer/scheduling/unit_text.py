"""Filling the templates of schedules: each place quotes in its own way."""

import json
import re
import shlex
from collections.abc import Sequence
from pathlib import PurePosixPath

_SAFE_WORD = re.compile(r"[\w@+=:,./-]+", re.ASCII)


def render(template: str, job: object) -> str:
    """The template of that name, with `job` in it."""
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
    return environment.get_template(template).render(job=job)


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
