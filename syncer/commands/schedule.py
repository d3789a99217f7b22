"""`schedule run` and `schedule print`: run syncs on a schedule, or print the files to install one."""

import shutil
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from syncer.commands.command_line import ConfigPath, TranslatedCommand, TranslatedGroup
from syncer.commands.run import sync
from syncer.commands.screen import say
from syncer.version import installed_version

if TYPE_CHECKING:
    from config.loading.loader import Config

WORKDAYS = "0 8 * * 1-5"
CronOption = Annotated[str, typer.Option("--cron", help="Cron expression (five fields) in the workspace's time zone.")]


class Kind(StrEnum):
    """Scheduler that a schedule is printed for."""

    CRON = "cron"
    SYSTEMD = "systemd"
    GITHUB_ACTIONS = "github-actions"
    KUBERNETES = "kubernetes"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(cls=TranslatedGroup, help="Run on a schedule, or print one to install.", no_args_is_help=True)
    group.command("run", cls=TranslatedCommand, epilog='Example: okrsync schedule run --cron "0 8 * * 1-5"')(run)
    group.command("print", cls=TranslatedCommand, epilog="Example: okrsync schedule print github-actions")(print_)
    app.add_typer(group, name="schedule")


def run(*, config: ConfigPath = None, cron: CronOption = WORKDAYS) -> int:
    """Sync on a schedule in the foreground until stopped. A failed run does not stop it."""
    from syncer.run.workspace import open_workspace
    from syncer.schedule.schedule import run_schedule, stop_on_signals

    opened = open_workspace(config)
    stop = stop_on_signals()
    return run_schedule(
        cron,
        opened.config.workspace.timezone,
        lambda: sync(config=opened.config.path),
        clock=lambda: datetime.now(UTC),
        wait=stop.wait,
        report=lambda line: say(line, err=True),
    )


def print_(
    kind: Kind,
    *,
    config: ConfigPath = None,
    cron: Annotated[
        str | None, typer.Option("--cron", help="Cron expression (default: workdays at 8, at a minute of its own).")
    ] = None,
    install: Annotated[
        str,
        typer.Option(
            "--install",
            help="Package that pip installs on other machines, such as a wheel's URL (default: this version).",
        ),
    ] = "",
    image: Annotated[str, typer.Option("--image", help="A container image with okrsync, for Kubernetes.")] = "",
) -> int:
    """Print a schedule to install, with notes on secrets, exit codes and the ledger."""
    from syncer.notify.deliver import recipients_of
    from syncer.notify.reminders import reminds
    from syncer.run.workspace import open_workspace
    from syncer.schedule.unit_files import Scheduled, print_schedule

    opened = open_workspace(config, secrets=False)
    loaded = opened.config
    variables, files = _references(loaded)
    stated = Scheduled(
        config_path=loaded.path.resolve(),
        workspace_id=loaded.workspace.workspace.id or "",
        cron=cron,
        timezone=loaded.workspace.timezone.key,
        digest=bool(recipients_of(opened, "digest")),
        reminders=reminds(loaded),
        report=loaded.workspace.report.url is not None,
        secrets=variables,
        secret_files=files,
        ledger=loaded.workspace.ledger,
        command=shutil.which("okrsync") or str(Path(sys.executable).parent / "okrsync"),
        install=install or f"okrsync=={installed_version()}",
        image=image,
        language=loaded.workspace.language,
    )
    say(print_schedule(kind.value, stated), nl=False)
    return 0


def _references(loaded: "Config") -> tuple[list[str], list[str]]:
    """Return the environment variables and the files with the secrets of `connections` and `notify`."""
    from config.secrets import Secret

    found = [
        value
        for holder in (*loaded.workspace.connections.values(), *loaded.workspace.notify.values())
        for field in type(holder).model_fields
        for value in _secrets(getattr(holder, field))
    ]
    texts = sorted({secret.reference for secret in found if isinstance(secret, Secret)})
    variables = [text.strip("${}") for text in texts if text.startswith("$")]
    return variables, [text.removeprefix("file:") for text in texts if text.startswith("file:")]


def _secrets(value: object) -> list[object]:
    return list(value.values()) if isinstance(value, dict) else [value]
