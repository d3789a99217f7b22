"""The terminal that output goes to, and what `--out` writes."""

import errno
import os
import shutil
import stat
import sys
from contextvars import ContextVar
from pathlib import Path

import typer

from config.errors import OkrsyncError
from config.message import Message

JSON_AWAITED: ContextVar[bool] = ContextVar("JSON_AWAITED", default=False)
"""Whether stdout still lacks the one document of `--format json`; a command that fails then prints its error there."""


def await_json(value: str | None) -> str | None:
    """Keep that `--format json` was given: the callback of that option."""
    JSON_AWAITED.set(value == "json")
    return value


def echo_result(text: str) -> None:
    """Print the result of a command to stdout."""
    JSON_AWAITED.set(False)
    typer.echo(text, nl=False)


def write_out(path: Path, text: str | bytes, *, private: bool, make_folder: bool = False) -> None:
    """Write what `--out` asks for; `private`: for its owner alone. Raises OkrsyncError."""
    try:
        if make_folder:
            path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text if isinstance(text, bytes) else text.encode(), private=private)
    except OSError as exc:
        advice = "Name a file in a folder that is there and may be written."
        if exc.errno == errno.ENOSPC:
            advice = "Free space on that disk, or name a file elsewhere."
        raise OkrsyncError(
            Message("writing {path}", path=path), f"{type(exc).__name__}: {exc.strerror}", advice=advice
        ) from exc


def _replace(path: Path, content: bytes, *, private: bool) -> None:
    """Put a whole file in the place of what stands there, which stays until then; a device or a pipe is written to."""
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    place = path.resolve()
    mode = stat.S_IMODE(place.stat().st_mode) if place.exists() else None
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        if mode is not None:
            beside.chmod(mode)
        beside.replace(place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def screen_width() -> int:
    """The width of the terminal that output goes to; 0 where it goes elsewhere, so that files are the same anywhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def in_colour() -> bool:
    """Whether output may be coloured: it goes to a terminal that can, and nobody asked for none (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
