"""Set an event at a signal, so that a worker ends after its current syncs."""

import asyncio
import signal
from contextlib import suppress


class until_signal:  # noqa: N801 - used as a context manager
    """Set an event at SIGTERM or SIGINT; a second signal has its usual effect. Only in the main thread."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with suppress(ValueError, RuntimeError, NotImplementedError):
                loop.add_signal_handler(number, self._first)

    def __exit__(self, *_: object) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with suppress(ValueError, RuntimeError, NotImplementedError):
                loop.remove_signal_handler(number)

    def _first(self) -> None:
        self._stop.set()
        self.__exit__()
