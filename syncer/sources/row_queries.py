"""DuckDB queries with a deadline."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from config.sql.engine import DuckDBPyConnection

_WATCH_SECONDS = 0.05
_MOST_IDLE = 20


class Queries:
    """DuckDB queries with a deadline, one at a time.

    Methods raise engine.Error; InterruptException means the deadline has passed. One thread watches all queries, since
    a run may send thousands of short ones; it ends when none was sent for a second.
    """

    def __init__(self, connection: "DuckDBPyConnection", deadline_seconds: float) -> None:
        self._connection = connection
        self.deadline_seconds = deadline_seconds
        self._lock = threading.Lock()
        self._ends: float | None = None
        self._watched = False

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return all rows of one query."""
        with self._interrupted_at(monotonic() + self.deadline_seconds):
            return self._connection.execute(sql).fetchall()

    def first_row(self, sql: str, ends: float | None = None) -> tuple[Any, ...]:
        """Return the first row, or an empty tuple. `ends`: a deadline shared by several queries, in monotonic time."""
        with self._interrupted_at(monotonic() + self.deadline_seconds if ends is None else ends):
            return self._connection.execute(sql).fetchone() or ()

    @contextmanager
    def _interrupted_at(self, ends: float) -> Iterator[None]:
        with self._lock:
            self._ends = ends
            if not self._watched:
                self._watched = True
                threading.Thread(target=self._watch, name="okrsync-deadline", daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                self._ends = None

    def _watch(self) -> None:
        """Interrupt a late query, repeatedly, since an interrupt before the query has started has no effect."""
        idle = 0
        while True:
            sleep(_WATCH_SECONDS)
            with self._lock:
                idle = idle + 1 if self._ends is None else 0
                if idle == _MOST_IDLE:
                    self._watched = False
                    return
                if self._ends is not None and monotonic() > self._ends:
                    self._connection.interrupt()
