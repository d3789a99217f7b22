"""One policy for every request: deadlines, retries with jitter, Retry-After, budgets, and what each request cost.

The libraries' own retries are off, so this is the only place that waits.
"""

import email.utils
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from config.errors import AuthError, SourceError, TransientSourceError
from config.plain_text import plain

T = TypeVar("T")

LONGEST_BODY = 200
"""How much of an answer's body a message may quote, in characters."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient we are.

    Attributes:
        timeout_seconds: for one request.
        tries: requests sent for one answer, the first included.
        budget_seconds: what all waits of one connection may add up to in a run.
        sleep: replaced in tests.
    """

    timeout_seconds: float = 30.0
    tries: int = 5
    budget_seconds: float = 60.0
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 20.0
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Call:
    """One request that was sent. `kind` says what for, in the connector's words (`id walk`, `token`, `write`)."""

    connection: str
    kind: str
    bytes_received: int
    seconds: float


@dataclass(slots=True)
class Meter:
    """Counts the requests of a run. Safe to share between lanes."""

    calls: list[Call] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, call: Call) -> None:
        """Count one request."""
        with self._lock:
            self.calls.append(call)

    def count(self, connection: str = "", kind: str = "") -> int:
        """How many requests of that connection and kind; empty means any."""
        return sum(connection in ("", call.connection) and kind in ("", call.kind) for call in self.calls)


class Patience:
    """The waits of one connection in one run: `call` tries a request again while the policy allows.

    `call` raises the last SourceError when tries or budget are used up. A wait that would overrun the budget is not
    begun: a tracker that asks for an hour ends its connection at once and leaves its key results as they were.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._waited = 0.0
        self._lock = threading.Lock()

    def call(self, send: Callable[[], T]) -> T:
        """Send, and send again after a TransientSourceError as the policy allows."""
        retrying = Retrying(
            retry=retry_if_exception_type(TransientSourceError),
            stop=self._stop,
            wait=self._wait,
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(send)

    def _wait(self, state: RetryCallState) -> float:
        exc = state.outcome.exception() if state.outcome else None
        asked = exc.retry_after_seconds if isinstance(exc, TransientSourceError) else None
        if asked is not None:
            return max(asked, 1.0)
        policy = self.policy
        return wait_random_exponential(multiplier=policy.first_wait_seconds, max=policy.longest_wait_seconds)(state)

    def _stop(self, state: RetryCallState) -> bool:
        if stop_after_attempt(self.policy.tries)(state):
            return True
        return self._waited + state.upcoming_sleep > self.policy.budget_seconds

    def _sleep(self, seconds: float) -> None:
        with self._lock:
            self._waited += seconds
        self.policy.sleep(seconds)


@contextmanager
def metered(meter: Meter, connection: str, kind: str) -> Iterator[Callable[[int], None]]:
    """Time one request; call what it yields with the bytes received. Counted also when the request fails."""
    began = time.perf_counter()
    received = [0]
    try:
        yield lambda count: received.__setitem__(0, count)
    finally:
        meter.add(Call(connection, kind, received[0], time.perf_counter() - began))


def retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """What `Retry-After` asks for, given as seconds or as an HTTP date (RFC 9110 10.2.3); None when absent or odd."""
    text = next((value.strip() for key, value in headers.items() if key.lower() == "retry-after"), "")
    try:
        return max(float(text), 0.0)
    except ValueError:
        pass
    try:
        return max((email.utils.parsedate_to_datetime(text) - now).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None


def shorten(text: str) -> str:
    """One line of at most 200 characters, for a message. A secret in it is hidden before it is cut."""
    line = " ".join(plain(text).split())
    return line if len(line) <= LONGEST_BODY else line[: LONGEST_BODY - 1] + "…"


def error_for_status(
    doing: str, status: int, detail: str, *, advice: str, headers: Mapping[str, str], now: datetime
) -> SourceError:
    """The error of an HTTP status: 401 and 403 are about credentials, 408, 429 and 5xx may pass, the rest is final."""
    saw = f"HTTP {status}" + (f" ({shorten(detail)})" if detail else "")
    effect = "Its key results were left as they were."
    if status in (401, 403):
        return AuthError(doing, saw, effect=effect, advice=advice)
    if status in (408, 429) or status >= 500:  # noqa: PLR2004 - the first server error of RFC 9110
        return TransientSourceError(
            doing, saw, effect=effect, advice=advice, retry_after_seconds=retry_after_seconds(headers, now)
        )
    return SourceError(doing, saw, effect=effect, advice=advice)
