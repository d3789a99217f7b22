"""What `okrsync schedule print` prints: a schedule in the words of cron, systemd, GitHub Actions or Kubernetes.

The texts stand in `syncer/templates`; what is computed for them stands here.
"""

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from textwrap import wrap
from typing import Literal
from zoneinfo import ZoneInfo

from config.errors import OkrsyncError
from config.message import Message
from syncer.i18n import join, translate
from syncer.schedule.cron import Cron, parse_cron
from syncer.schedule.cron_forms import calendar_lines, plain_cron, utc_crons

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


Kind = Literal["cron", "systemd", "github-actions", "kubernetes"]
KINDS: tuple[Kind, ...] = ("cron", "systemd", "github-actions", "kubernetes")

_LONGEST_NAME = 40
_STATE_ROOT = PurePosixPath("/var/lib")


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A file that the config names by `file:path`: where it is, and names for it in stores of secrets."""

    path: str
    key: str
    variable: str


@dataclass(frozen=True, slots=True)
class Job:
    """What the templates know. Paths are as the machine at hand writes them.

    `ledger_file` is the ledger's path as the config states it, empty where it is a database's address.
    """

    name: str
    config: Path
    cron: Cron
    timezone: str
    secrets: tuple[str, ...]
    secret_files: tuple[SecretFile, ...]
    ledger_file: str
    command: tuple[str, ...]
    version: str
    config_in_repository: str

    @property
    def folder(self) -> Path:
        """Where relative paths start."""
        return self.config.parent

    @property
    def calendar(self) -> list[str]:
        """For systemd."""
        return calendar_lines(self.cron, self.timezone)

    @property
    def plain_cron(self) -> str:
        """For Kubernetes and GitHub."""
        return plain_cron(self.cron)

    @property
    def utc(self) -> list[str] | None:
        """On UTC's clocks, None where that cannot be said."""
        return utc_crons(self.cron, ZoneInfo(self.timezone))

    @property
    def sync(self) -> tuple[str, ...]:
        """The command line."""
        return (*self.command, "sync", "-c", str(self.config), "--fail-on", "error")

    @property
    def state_directory(self) -> str:
        """Below /var/lib: the ledger's folder if it is there, else one of okrsync's own."""
        folder = PurePosixPath(self.ledger_file or ".").parent
        return str(folder.relative_to(_STATE_ROOT)) if _STATE_ROOT in folder.parents else self.name

    @property
    def ledger_elsewhere(self) -> str:
        """The ledger's folder where it is neither beside the config nor below /var/lib; empty otherwise."""
        folder = PurePosixPath(self.ledger_file or ".").parent
        return str(folder) if folder.is_absolute() and _STATE_ROOT not in folder.parents else ""


def print_schedule(  # noqa: PLR0913 - each is one fact of the job, named at the call
    kind: Kind,
    *,
    config_path: Path,
    cron: str,
    timezone: str,
    secrets: Sequence[str],
    secret_files: Sequence[str],
    ledger: str,
    command: str = "okrsync",
    version: str,
    language: str = "en",
) -> str:
    """A text to install as it is, with comments that say where and how.

    Args:
        kind: for which scheduler.
        config_path: the config; relative paths start at the current folder.
        cron: five fields on the clocks of `timezone`.
        timezone: the workspace's, such as Asia/Taipei.
        secrets: the environment variables that the config references.
        secret_files: the files that it references, as it states them.
        ledger: the config's `ledger`.
        command: how okrsync is called on this machine (cron, systemd).
        version: the okrsync to install elsewhere (GitHub Actions, Kubernetes).
        language: what the comments are said in.

    Raises:
        OkrsyncError: the expression cannot be read or said there, or a path holds a line break.
    """
    for text in (str(config_path), timezone, ledger, command, *secrets, *secret_files):
        if not text.isprintable():
            raise OkrsyncError(
                "printing the schedule", Message("{text!r} holds a line break or a control character", text=text)
            )
    is_file = "://" not in ledger and not ledger.startswith("$")
    variables = {*secrets, *([ledger.strip("${}")] if ledger.startswith("$") else [])}
    job = Job(
        name=_name(config_path),
        config=config_path.absolute(),
        cron=parse_cron(cron),
        timezone=timezone,
        secrets=tuple(sorted(variables)),
        secret_files=_secret_files(secret_files),
        ledger_file=ledger if is_file else "",
        command=tuple(shlex.split(command)),
        version=version,
        config_in_repository=_in_repository(config_path),
    )
    return render(f"schedule_{kind.replace('-', '_')}.j2", job, language)


def _name(config_path: Path) -> str:
    """A name for units and objects: `okrsync` for okrsync.yaml, else with the file's name."""
    stem = re.sub(r"[^a-z0-9]+", "-", config_path.stem.lower()).strip("-")
    name = "okrsync" if stem in ("", "okrsync") else f"okrsync-{stem.removeprefix('okrsync-')}"
    return name[:_LONGEST_NAME].rstrip("-")


def _secret_files(paths: Sequence[str]) -> tuple[SecretFile, ...]:
    found: list[SecretFile] = []
    for number, path in enumerate(sorted(set(paths)), 1):
        key = re.sub(r"[^\w.-]+", "-", PurePosixPath(path).name, flags=re.ASCII)
        if any(file.key == key for file in found):
            key = f"{number}-{key}"
        found.append(
            SecretFile(path, key, "FILE_" + re.sub(r"\W+", "_", key.replace("-", "_"), flags=re.ASCII).upper())
        )
    return tuple(found)


def _in_repository(config_path: Path) -> str:
    """The config's path inside its git repository; its name alone where there is none."""
    path = config_path.absolute()
    root = next((parent for parent in path.parents if (parent / ".git").exists()), path.parent)
    return path.relative_to(root).as_posix()
