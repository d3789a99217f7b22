"""What a person sees while a command works, on stderr and only on a terminal, and what `--out` writes."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.errors import OkrsyncError
from config.private_files import write_private


def write_out(path: Path, text: str | bytes, *, private: bool, make_folder: bool = False) -> None:
    """Write what `--out` asks for; `private`: for its owner alone. Raises OkrsyncError."""
    try:
        if make_folder:
            path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            path.write_bytes(text)
        elif private:
            write_private(path, text)
        else:
            path.write_text(text, "utf-8")
    except OSError as exc:
        advice = "Name a file in a folder that is there and may be written."
        raise OkrsyncError(f"writing {path}", f"{type(exc).__name__}: {exc.strerror}", advice=advice) from exc


def screen_width() -> int:
    """The width of the terminal that output goes to; 0 where it goes elsewhere, so that files are the same anywhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def in_colour() -> bool:
    """Whether output may be coloured: it goes to a terminal that can, and nobody asked for none (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


@contextmanager
def activity(doing: str) -> Iterator[None]:
    """Show that something is under way."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{doing} …"):
        yield
