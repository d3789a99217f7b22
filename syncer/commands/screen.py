"""Output to stdout and its terminal, and to the file of `--out`; progress of reads on stderr."""

import errno
import os
import shutil
import stat
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from config.errors import OkrsyncError
from config.masking import without_secrets
from config.message import Message

JSON_AWAITED: ContextVar[bool] = ContextVar("JSON_AWAITED", default=False)
"""Whether `--format json` was given and no JSON printed yet; a command that fails then prints its error as JSON."""


def await_json(value: str | None) -> str | None:
    """Record whether `--format json` was given: the callback of `--format`."""
    JSON_AWAITED.set(value == "json")
    return value


def echo_result(text: str) -> None:
    """Print the result of a command to stdout."""
    JSON_AWAITED.set(False)
    say(text, nl=False)


def say(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print a text to stdout or stderr, with secrets masked; on a terminal, messages to stderr break between words.

    Raises OkrsyncError where stdout leads to a full disk; BrokenPipeError where nobody reads it.
    """
    text = without_secrets(text, decode=False)
    if err and sys.stderr.isatty() and not PLAIN.get():
        from syncer.present.text_width import wrapped

        text = "\n".join(wrapped(text.split("\n"), shutil.get_terminal_size().columns))
    try:
        typer.echo(text, err=err, nl=nl)
    except OSError as exc:
        if err or exc.errno == errno.EPIPE:
            raise
        raise OkrsyncError(
            "writing the output",
            f"{type(exc).__name__}: {exc.strerror}",
            effect="The command itself is done; its output is not complete.",
            advice="Free space on that disk, or send the output elsewhere.",
        ) from exc


def write_out(path: Path, text: str | bytes, *, private: bool, make_folder: bool = False) -> None:
    """Write a file by replacing it as a whole; a device or a pipe is written to. Raises OkrsyncError.

    `private` creates a new file with mode 0600; an existing file keeps its mode.
    """
    if isinstance(text, str):
        text = without_secrets(text, decode=False)
    try:
        if make_folder:
            path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text if isinstance(text, bytes) else text.encode(), private=private)
    except OSError as exc:
        advice = "Choose a file in a folder that exists and is writable."
        if exc.errno == errno.ENOSPC:
            advice = "Free space on that disk, or name a file elsewhere."
        raise OkrsyncError(
            Message("writing {path}", path=path), f"{type(exc).__name__}: {exc.strerror}", advice=advice
        ) from exc


def _replace(path: Path, content: bytes, *, private: bool) -> None:
    """Write a temporary file in the same folder and rename it over `path`; write directly to a device or a pipe."""
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    place = path.resolve()
    mode = stat.S_IMODE(place.stat().st_mode) if place.exists() else None
    temporary = place.with_name(f".{place.name}.{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(place)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


PLAIN: ContextVar[bool] = ContextVar("PLAIN", default=False)
"""Whether the current command prints in a terminal what a file or a pipe gets (`--plain`)."""


def screen_width() -> int:
    """Return the width of the terminal on stdout in columns; 0 without one or with `--plain`.

    So files do not depend on a width.
    """
    return shutil.get_terminal_size().columns if sys.stdout.isatty() and not PLAIN.get() else 0


def in_colour() -> bool:
    """Return whether to colour output: stdout is a terminal, not `dumb`, and NO_COLOR is unset (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


if TYPE_CHECKING:
    from rich.live import Live

    from syncer.run.workspace import Opened

QUIET: ContextVar[bool] = ContextVar("QUIET", default=False)
"""Whether the current command shows no progress (`--quiet`; `--plain` shows none either)."""

DELAY_SECONDS = 0.5
"""Delay before progress is shown; a command that ends sooner shows none."""


@contextmanager
def activity(opened: "Opened", doing: str) -> Iterator[None]:
    """Show the progress of reads while the block runs; `doing` is a translatable message, shown until the first one."""
    if QUIET.get() or PLAIN.get() or not _drawable():
        yield
        return
    drawing = _Drawing(opened, doing)
    timer = threading.Timer(DELAY_SECONDS, drawing.begin)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        drawing.end()


def _drawable() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")


class _Drawing:
    """Progress display that a timer starts, unless the work ends first."""

    def __init__(self, opened: "Opened", doing: str) -> None:
        self._opened = opened
        self._doing = doing
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._ended = False
        self._live: Live | None = None

    def begin(self) -> None:
        from syncer.present.progress import Progress

        meter = self._opened.context.meter
        live = Progress(self._doing, self._opened.language, meter, time.monotonic, self._began).live()
        with self._lock:
            if not self._ended:
                live.start()
                self._live = live

    def end(self) -> None:
        with self._lock:
            self._ended = True
            if self._live is not None:
                self._live.stop()
