"""Requests of a connection at once: how many, and their results as they come."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, as_completed
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
Item = TypeVar("Item")

START = 8
"""Requests under way at once before a service has shown that it takes more."""

_SLOWER = 3.0
"""Two rounds whose answers take so many times as long as those of the quickest round are a sign of strain.

Half of their answers do: a few slow or quick queries say nothing about the service, nor does a moment in which it, or
okrsync itself, was busy.
"""


class Lanes:
    """Limit of requests at once by additive increase and multiplicative decrease, as TCP does (RFC 5681).

    A round is as many answers as there are lanes. Up to the first sign of strain, each round doubles the number of
    lanes; after it, each adds one. A service that names a limit or fails halves it, down to one; answers that become
    slow halve it as well, but not below the number at the start. Requests sent before a decrease no longer count.
    Thread-safe.
    """

    def __init__(self, most: int, now: Callable[[], float]) -> None:
        self.most = most
        self.count = min(START, most)
        self._start = self.count
        self._now = now
        self._free = threading.Condition()
        self._running = 0
        self._strained = False
        self._shrunk_at = -1.0
        self._round: list[float] = []
        self._slow = False
        self._quickest = float("inf")

    @contextmanager
    def request(self) -> Iterator[Callable[[], None]]:
        """Wait for a free lane; the yielded function says that the service named a limit or failed."""
        with self._free:
            self._free.wait_for(lambda: self._running < self.count)
            self._running += 1
        began, failed = self._now(), threading.Event()
        try:
            yield failed.set
        finally:
            with self._free:
                self._running -= 1
                self._learn(began, failed=failed.is_set())
                self._free.notify(max(self.count - self._running, 0))

    def _learn(self, began: float, *, failed: bool) -> None:
        if began <= self._shrunk_at:
            return
        if failed:
            self._shrink(1)
            return
        self._round.append(self._now() - began)
        if len(self._round) < self.count:
            return
        median = sorted(self._round)[len(self._round) // 2]
        self._round.clear()
        was_slow, self._slow = self._slow, median > _SLOWER * self._quickest
        if self._slow:
            if was_slow:
                self._shrink(self._start)
            return
        self._quickest = min(self._quickest, median)
        self.count = min(self.most, self.count + 1 if self._strained else self.count * 2)

    def _shrink(self, least: int) -> None:
        self.count = min(self.count, max(self.count // 2, least))
        self._strained = True
        self._shrunk_at = self._now()
        self._round.clear()
        self._slow = False


def in_order(threads: Executor, work: Callable[[Item], T], items: Iterable[Item], most: int) -> Iterator[T]:
    """Yield results in the order of the items; at most `most` are in progress, to bound memory."""
    waiting: deque[Future[T]] = deque()
    try:
        for item in items:
            waiting.append(threads.submit(work, item))
            if len(waiting) >= most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def results_of(futures: Sequence[Future[T]]) -> Iterator[T]:
    """Yield results as they come. What has not begun when the caller stops is cancelled."""
    try:
        for future in as_completed(futures):
            yield future.result()
    finally:
        for future in futures:
            future.cancel()
