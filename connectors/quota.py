"""Waits and time of requests, counted once where they are parallel: by account, and by connection."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from config.errors import TransientSourceError
from config.message import Message


class Quota:
    """Rate-limit state of an account, shared by its connections: end of the current wait, and the sum of waits.

    `refused` is set when the service requests a longer wait than a run allows; no further request is sent in the run.
    `lock` is to be held while several of these are used.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.not_before = 0.0
        self.slept_until = 0.0
        self.refused: TransientSourceError | None = None
        self._waited = 0.0
        self._counted_until = 0.0

    def exceeds(self, budget: float, now: float, until: float) -> str:
        """Return why a wait is longer than the budget of a run allows; empty if it is not."""
        if self._waited + self._uncounted(now, until) <= budget:
            return ""
        why = Message("a run waits {budget_seconds:g} s at most", budget_seconds=budget)
        return why + Message(", of which {waited:.0f} s are used", waited=self._waited) if self._waited else why

    def add(self, now: float, until: float) -> None:
        """Add a wait to the sum."""
        self._waited += self._uncounted(now, until)
        self._counted_until = max(self._counted_until, until)

    def refuse(self, exc: TransientSourceError) -> None:
        """Send nothing more in this run; of several refusals, the one with the longest wait is named."""
        if self.refused is None or (exc.retry_after_seconds or 0) > (self.refused.retry_after_seconds or 0):
            self.refused = exc

    def _uncounted(self, now: float, until: float) -> float:
        return max(until - max(now, self._counted_until), 0.0)


class Stopwatch:
    """Time in which at least one request of a connection is in progress, its waits included."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._running = 0
        self._since = 0.0
        self._seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Measure a request."""
        with self._lock:
            if not self._running:
                self._since = self._now()
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                if not self._running:
                    self._seconds += self._now() - self._since

    def seconds(self) -> float:
        """Return the time up to now."""
        with self._lock:
            return self._seconds + (self._now() - self._since if self._running else 0.0)
