"""Generate the output of `okrsync schedule print`: files for cron, systemd, GitHub Actions or Kubernetes.

The templates are in `syncer/templates`; this module computes their values.
"""

import json
import re
import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from textwrap import wrap
from typing import Literal

from config.dataclass import dataclass
from config.errors import OkrsyncError
from config.message import Message
from syncer.i18n import join, translate
from syncer.schedule.steps import Step, job_name, own_cron, steps_of

_COMMENT = 118
"""Maximum width of a comment line."""

_SAFE_WORD = re.compile(r"[\w@+=:,./-]+", re.ASCII)


def render(template: str, job: object, language: str) -> str:
    """Render a template with `job`; comments are in the given language."""
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
        github_text=lambda value: "'" + str(value).replace("'", "''") + "'",
        work=lambda path: str(PurePosixPath("/work") / path),
        in_folder_of=lambda path, config: str(PurePosixPath(config).parent / path),
        folder=lambda path: str(PurePosixPath(path).parent),
    )
    names = {"note": partial(_note, language), "listed": partial(join, language)}
    return environment.get_template(template).render(job=job, **names)


def _note(language: str, message: str, /, **values: object) -> str:
    """Format a translated comment, wrapped to as many lines as needed; the template places the first.

    Chinese has no spaces to wrap at, so its translation contains the line breaks.
    """
    stated = translate(language, message, **values).split("\n")
    lines = [line for part in stated for line in wrap(part, _COMMENT, break_long_words=False, break_on_hyphens=False)]
    return "\n".join(f"# {line}" for line in lines)


def _unit_command(words: Sequence[str]) -> str:
    """Quote a command for ExecStart=, in which `$` begins a variable."""
    return " ".join(_unit_word(word.replace("$", "$$")) for word in words)


def _unit_word(word: str) -> str:
    """Quote one word for a unit file, in which quotes, backslashes and `%` are special."""
    if not _SAFE_WORD.fullmatch(word):
        word = '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return word.replace("%", "%%")


def _github_secret(variable: str) -> str:
    """Rename variables that begin with GITHUB_, which GitHub does not allow for secrets."""
    return f"OKRSYNC_{variable}" if variable.upper().startswith("GITHUB_") else variable


Kind = Literal["cron", "systemd", "github-actions", "kubernetes"]
KINDS: tuple[Kind, ...] = ("cron", "systemd", "github-actions", "kubernetes")

REPORT = "report.html"
_STATE_ROOT = PurePosixPath("/var/lib")


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A file referenced as `file:path` in the config: its path, and names for it in secret stores."""

    path: str
    key: str
    variable: str


@dataclass(frozen=True, slots=True)
class Job:
    """Values for the templates. Paths are in the syntax of this machine.

    `ledger_file` is the ledger's path as in the config, empty for a database URL. `steps` begin with the sync.
    `report`: one is made after each sync. `install` is what pip installs; `image`, where stated, holds okrsync already.
    """

    name: str
    config: Path
    steps: tuple[Step, ...]
    timezone: str
    report: bool
    secrets: tuple[str, ...]
    secret_files: tuple[SecretFile, ...]
    ledger_file: str
    command: tuple[str, ...]
    install: str
    image: str
    config_in_repository: str

    @property
    def folder(self) -> Path:
        """Folder that relative paths start from."""
        return self.config.parent

    def words(self, step: Step) -> tuple[str, ...]:
        """Return the command line of a step on this machine."""
        return (*self.command, *step.words(self.config))

    @property
    def report_words(self) -> tuple[str, ...]:
        """Command line that makes the report on this machine, beside the config."""
        return (*self.command, *_report(self.config, self.folder / REPORT))

    @property
    def report_in_repository(self) -> tuple[str, ...]:
        """Words after `okrsync` that make the report in a checked-out repository."""
        return _report(self.config_in_repository, REPORT)

    @property
    def state_directory(self) -> str:
        """Folder below /var/lib: the ledger's if it is there, else a new one."""
        folder = PurePosixPath(self.ledger_file or ".").parent
        return str(folder.relative_to(_STATE_ROOT)) if _STATE_ROOT in folder.parents else self.name

    @property
    def ledger_elsewhere(self) -> str:
        """The ledger's folder if it is neither next to the config nor below /var/lib, else empty."""
        folder = PurePosixPath(self.ledger_file or ".").parent
        return str(folder) if folder.is_absolute() and _STATE_ROOT not in folder.parents else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """What is scheduled, and how okrsync is called there.

    Attributes:
        config_path: the config; relative to the current folder.
        workspace_id: the workspace's id, after which units and objects are named; empty without one.
        cron: five fields in local time of `timezone`; None for workdays at 8, at a minute of the workspace's own.
        timezone: time zone of the workspace, such as Asia/Taipei.
        digest: whether somebody takes the weekly digest.
        reminders: whether the config has addresses of owners.
        report: whether people find a report somewhere.
        secrets: environment variables referenced in the config.
        secret_files: files referenced in the config, as written there.
        ledger: the config's `ledger`.
        command: how okrsync is called on this machine (cron, systemd).
        install: what pip installs elsewhere (GitHub Actions, Kubernetes): a requirement, or the address of a wheel.
        image: a container image that holds okrsync (Kubernetes); empty to install it into one with Python.
        language: language of the comments.
    """

    config_path: Path
    workspace_id: str = ""
    cron: str | None = None
    timezone: str
    digest: bool = False
    reminders: bool = False
    report: bool = False
    secrets: Sequence[str]
    secret_files: Sequence[str]
    ledger: str
    command: str = "okrsync"
    install: str
    image: str = ""
    language: str = "en"


def print_schedule(kind: Kind, stated: Scheduled) -> str:
    """Generate the file for a scheduler, with comments on how to install it.

    Raises OkrsyncError: the expression cannot be parsed, or a value contains control characters.
    """
    _require_printable(stated)
    ledger, path = stated.ledger, stated.config_path
    is_file = "://" not in ledger and not ledger.startswith("$")
    variables = {*stated.secrets, *([ledger.strip("${}")] if ledger.startswith("$") else [])}
    name = job_name(stated.workspace_id, path)
    cron = stated.cron or own_cron(stated.workspace_id or path.name)
    job = Job(
        name=name,
        config=path.absolute(),
        steps=steps_of(name, cron, stated.timezone, digest=stated.digest, reminders=stated.reminders),
        timezone=stated.timezone,
        report=stated.report,
        secrets=tuple(sorted(variables)),
        secret_files=_secret_files(stated.secret_files),
        ledger_file=ledger if is_file else "",
        command=tuple(shlex.split(stated.command)),
        install=stated.install,
        image=stated.image,
        config_in_repository=_in_repository(path),
    )
    return render(f"schedule_{kind.replace('-', '_')}.j2", job, stated.language)


def _require_printable(stated: Scheduled) -> None:
    texts = (stated.workspace_id, stated.timezone, stated.ledger, stated.command, stated.install, stated.image)
    for text in (str(stated.config_path), *texts, *stated.secrets, *stated.secret_files):
        if not text.isprintable():
            raise OkrsyncError(
                "printing the schedule", Message("{text!r} holds a line break or a control character", text=text)
            )


def _report(config: object, out: object) -> tuple[str, ...]:
    return ("report", "-c", str(config), "--format", "html", "--out", str(out))


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
    """Return the config's path inside its git repository, or only its name without a repository."""
    path = config_path.absolute()
    root = next((parent for parent in path.parents if (parent / ".git").exists()), path.parent)
    return path.relative_to(root).as_posix()
