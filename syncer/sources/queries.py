"""Queries that end: whatever asks DuckDB for longer than its deadline is interrupted."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_AGAIN_SECONDS = 0.02


class Queries:
    """What is asked of one database. Every method raises duckdb.Error, of which InterruptException is the deadline."""

    def __init__(self, connection: "DuckDBPyConnection", deadline_seconds: float) -> None:
        self._connection = connection
        self.deadline_seconds = deadline_seconds

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of one query."""
        with self._interrupted_after(self.deadline_seconds):
            return self._connection.execute(sql).fetchall()

    def first_row(self, sql: str, ends: float | None = None) -> tuple[Any, ...]:
        """The first row; nothing where there is none. `ends`: when, by the monotonic clock, where queries share it."""
        seconds = self.deadline_seconds if ends is None else ends - monotonic()
        with self._interrupted_after(seconds):
            return self._connection.execute(sql).fetchone() or ()

    @contextmanager
    def _interrupted_after(self, seconds: float) -> Iterator[None]:
        done = threading.Event()
        watch = threading.Thread(target=self._watch, args=(done, max(seconds, 0.0)), daemon=True)
        watch.start()
        try:
            yield
        finally:
            done.set()
            watch.join()

    def _watch(self, done: threading.Event, seconds: float) -> None:
        """Interrupt until it helps: an interrupt that comes before the query has begun is lost."""
        waited = done.wait(seconds)
        while not waited:
            self._connection.interrupt()
            waited = done.wait(_AGAIN_SECONDS)
