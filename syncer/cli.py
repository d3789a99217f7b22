"""The command line: registration of commands, and exit codes for errors.

0 done or nothing to do; 1 refused or failed, nothing written; 2 usage error; 3 bug in okrsync; 4 done, but some key
results are unknown or in conflict; 5 `dry-run --detailed-exitcode`: changes are pending; 130 interrupted.
"""

import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from config.errors import OkrsyncError
from config.plain_text import plain
from syncer.commands import close, fleet, init, look, notify, record, report, run, schedule, service, setup
from syncer.commands.command_line import TranslatedGroup, WorkspaceCommand
from syncer.commands.screen import JSON_AWAITED, PLAIN, say
from syncer.i18n import CURRENT_LANGUAGE, language_from_environment, translate
from syncer.present.error_text import error_text
from syncer.version import installed_version

EXIT_REFUSED, EXIT_BUG, EXIT_INTERRUPTED = 1, 3, 130

app = typer.Typer(
    name="okrsync",
    cls=TranslatedGroup,
    help="Link OKRs to trackers: read values, show a plan of changes, write one OKR sheet.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def _version(*, wanted: bool) -> None:
    if wanted:
        say(f"okrsync {installed_version()}")
        raise typer.Exit


@app.callback()
def _main(
    *,
    show_version: Annotated[
        bool,
        typer.Option(
            "--version", callback=lambda value: _version(wanted=value), is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    """Link OKRs to trackers: read values, show a plan of changes, write one OKR sheet."""


for _module in (init, setup, run, record, look, report, notify, close, schedule, fleet, service):
    _module.register(app)
for _command in app.registered_commands:
    _command.cls = WorkspaceCommand


def run_command(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code.

    An OkrsyncError is printed to stderr, and to stdout as JSON while `--format json` still waits for its document.
    Usage errors (typer.TyperException) and bugs are raised; `run_guarded` handles them.
    """
    CURRENT_LANGUAGE.set(language_from_environment())
    JSON_AWAITED.set(False)
    PLAIN.set(False)
    try:
        result = app(args=list(arguments), standalone_mode=False, prog_name="okrsync")
    except OkrsyncError as error:
        if JSON_AWAITED.get():
            from syncer.present.error_text import error_json

            sys.stdout.write(error_json(error))
        say(error_text(error, CURRENT_LANGUAGE.get()), err=True)
        return EXIT_REFUSED
    except KeyboardInterrupt:
        return _interrupted()
    except (typer.Abort, EOFError):
        return EXIT_REFUSED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if result == EXIT_INTERRUPTED:  # Typer makes it of Ctrl-C, without a word
        return _interrupted()
    return result if isinstance(result, int) else 0


def run_guarded(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code, for usage errors (2) and bugs (3) too.

    The traceback of a bug is saved to a temporary log file, whose path is printed to stderr.
    """
    try:
        return run_command(arguments)
    except typer.TyperException as error:
        _show_usage(error)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - the outermost handler: a bug becomes exit 3 and a file
        if _was_interrupted(error):
            return _interrupted()
        place = _keep_traceback()
        message = translate(
            CURRENT_LANGUAGE.get(),
            "okrsync failed unexpectedly: {kind}. This is a bug in okrsync.\n"
            "Please report it with {place} (look through it first: it can hold names from your config).",
            kind=type(error).__name__,
            place=place,
        )
        say(message, err=True)
        return EXIT_BUG


def _show_usage(error: typer.TyperException) -> None:
    show = getattr(error, "show", None)
    if show is None:
        return
    if type(error).__name__ == "NoArgsIsHelpError":
        show()
        return
    from syncer.present.error_text import usage_text

    say(usage_text(error, CURRENT_LANGUAGE.get()), err=True)


def _interrupted() -> int:
    message = translate(CURRENT_LANGUAGE.get(), "interrupted; run `okrsync status` to see the state of the sheet")
    say(message, err=True)
    return EXIT_INTERRUPTED


def _was_interrupted(error: BaseException | None) -> bool:
    """Return whether Ctrl-C caused an error: Python can wrap a KeyboardInterrupt raised while a class is created."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__
    return error is not None


def _keep_traceback() -> Path:
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
    handle, name = tempfile.mkstemp(prefix=f"okrsync-{stamp}-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8") as log:
        log.write(plain(f"okrsync {installed_version()}, Python {sys.version}\n\n{traceback.format_exc()}"))
    return Path(name)
