"""Progress of reads while a command works, on stderr and only on a terminal."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.live import Live

    from syncer.run.workspace import Opened

QUIET: ContextVar[bool] = ContextVar("QUIET", default=False)
"""Whether the current command shows no progress (`--quiet`)."""

DELAY_SECONDS = 0.5
"""Delay before progress is shown; a command that ends sooner shows none."""


@contextmanager
def activity(opened: "Opened", doing: str) -> Iterator[None]:
    """Show the progress of reads while the block runs; `doing` is a translatable message, shown until the first one."""
    if QUIET.get() or not _drawable():
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
