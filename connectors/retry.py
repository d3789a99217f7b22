"""Retries, waits, deadlines and circuit breaker of a connection.

All parallel requests of a connection share one `RetryPolicy`: when one of them is rate-limited, all of them pause.
"""

import math
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from config.connections import Limits
from config.errors import SourceError, TransientSourceError
from config.message import Message

T = TypeVar("T")

_LEAST_SECONDS = 0.01
EFFECT = Message("Its key results were left as they were.")


class UnreachableError(TransientSourceError):
    """No answer: unknown host, refused or reset connection, or timeout. Several in a row open the circuit breaker."""


class UntrustedError(SourceError):
    """An invalid certificate. Never retried; several in a row open the circuit breaker."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits of requests and waits in one run, which begins when the Policy is created.

    Attributes:
        message_seconds: maximum time to deliver one message to people.
        tries: maximum number of requests for one answer, the first included.
        budget_seconds: maximum sum of a connection's waits in a run; waits at the same time count once.
        first_wait_seconds: maximum wait before the first retry; it doubles with each further retry.
        longest_wait_seconds: maximum wait before any retry, unless the service requests a longer one.
        connection_seconds: maximum time of a connection's requests and waits in a run; parallel ones count once.
        run_seconds: time from the beginning of the run after which no connection sends a request.
        circuit_failures: number of requests in a row without an answer that opens the circuit breaker.
        silence_seconds: time without a complete answer that opens it as well, whatever the number of requests; the
            time-out of one request, if that is longer.
        sleep: function to wait, in seconds; replaced in tests.
        clock: monotonic clock, in seconds; replaced in tests.
        began: value of `clock` at the beginning of the run.
    """

    message_seconds: float = 10.0
    tries: int = 5
    budget_seconds: float = 60.0
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 20.0
    connection_seconds: float = 900.0
    run_seconds: float = 1800.0
    circuit_failures: int = 5
    silence_seconds: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    began: float = math.nan

    def __post_init__(self) -> None:
        if math.isnan(self.began):
            object.__setattr__(self, "began", self.clock())


def retry_limits(limits: Limits) -> Policy:
    """Create the policy of a run that begins now, with the deadlines of its config."""
    return Policy(budget_seconds=limits.wait, connection_seconds=limits.connection, run_seconds=limits.run)


class Quota:
    """Rate-limit state of an account, shared by its connections: end of the current wait, and the sum of waits.

    `refused` is set when the service requests a longer wait than a run allows; no further request is sent in the run.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waited = 0.0
        self.counted_until = 0.0
        self.not_before = 0.0
        self.slept_until = 0.0
        self.refused: TransientSourceError | None = None

    def refuse(self, exc: TransientSourceError) -> None:
        """Send nothing more in this run; of several refusals, the one with the longest wait is named."""
        if self.refused is None or (exc.retry_after_seconds or 0) > (self.refused.retry_after_seconds or 0):
            self.refused = exc


class RetryPolicy:
    """Retries and waits of one connection in one run.

    `call` raises the last SourceError when tries, budget or time are used up. A wait that would exceed them is not
    begun: a tracker that requests an hour ends its connection at once, and its key results are left as they were.
    Policies with the same `quota` share rate limits; each has a circuit breaker and a deadline of its own. `timeout` is
    the maximum time of one request in seconds.
    """

    def __init__(self, policy: Policy, quota: Quota | None = None, timeout: float = 30.0) -> None:
        self.policy = policy
        self._timeout = timeout
        self._longest_silence = max(policy.silence_seconds, timeout)
        self._quota = quota or Quota()
        self._lock = self._quota.lock
        self._under_way = 0
        self._busy_since = 0.0
        self._spent = 0.0
        self._heard = 0.0
        self._unanswered = 0
        self._ended: SourceError | None = None

    def call(self, send: Callable[[], T], doing: str = "") -> T:
        """Call `send`, again after a TransientSourceError while the policy allows. Raises SourceError.

        `doing` describes the request in errors of requests that are not sent.
        """
        tried = 0
        with self._busy():
            while True:
                self._wait_for_all(doing)
                tried += 1
                try:
                    answer = send()
                except SourceError as exc:
                    seconds = self._wait_after(exc, tried)
                    if seconds is None:
                        raise
                    self._sleep(seconds)
                else:
                    self._count(answered=True)
                    return answer

    def end(self, error: SourceError) -> None:
        """Stop the connection for the rest of the run: each further request fails with `error`."""
        with self._lock:
            self._ended = self._ended or error

    def left_seconds(self) -> float:
        """Return the remaining time of this connection in seconds; 0 when none is left."""
        return max(self._deadline()[0] - self._now(), 0.0)

    def request_seconds(self) -> float:
        """Return the time for the next request: its time-out, or less where the connection's time or silence ends."""
        with self._lock:
            silence = self._longest_silence - self._silence()
        return max(min(self._timeout, silence, self.left_seconds()), _LEAST_SECONDS)

    def restarted(self) -> "RetryPolicy":
        """Return a policy for what has to be done now, whatever time the run has used, with the same rate limits."""
        seconds = self._longest_silence + self.policy.budget_seconds
        policy = replace(self.policy, connection_seconds=seconds, run_seconds=math.inf)
        return RetryPolicy(policy, self._quota, self._timeout)

    @contextmanager
    def _busy(self) -> Iterator[None]:
        """Measure the time in which at least one request of this connection is in progress."""
        with self._lock:
            if not self._under_way:
                self._busy_since = self._now()
            self._under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1
                if not self._under_way:
                    self._spent += self._now() - self._busy_since

    def _wait_for_all(self, doing: str) -> None:
        """Wait until the end of the pause that the service requested. Raises SourceError when nothing may be sent."""
        self._require_open(doing)
        while (seconds := self._quota.not_before - self._now()) > 0:
            self._sleep(seconds)
            self._require_open(doing)

    def _wait_after(self, exc: SourceError, tried: int) -> float | None:
        """Return the seconds to wait before the request is sent again; None for no retry."""
        unanswered = isinstance(exc, UnreachableError | UntrustedError)
        self._count(answered=not unanswered)
        if unanswered and self._silence() > self._longest_silence - _LEAST_SECONDS:
            seconds = self._longest_silence
            why = Message("no complete answer came for {seconds:g} s ({saw})", seconds=seconds, saw=exc.saw)
            self._open_circuit(exc, why)
            return None
        wait = self._reserve(exc, tried) if isinstance(exc, TransientSourceError) else None
        if wait is None and unanswered and self._unanswered >= self.policy.circuit_failures:
            count, saw = self._unanswered, exc.saw
            self._open_circuit(exc, Message("{count} requests in a row had no answer ({saw})", count=count, saw=saw))
        return wait

    def _open_circuit(self, exc: SourceError, why: str) -> None:
        saw = Message("the circuit is open: {why}", why=why)
        self.end(SourceError(exc.doing, saw, effect=exc.effect, advice=exc.advice))

    def _reserve(self, exc: TransientSourceError, tried: int) -> float | None:
        """Reserve the wait after a fault in the budget and return its seconds; None for no retry.

        A wait that the service requests applies to all requests of the connection, also if this one has no tries left;
        if it is too long, it ends the connection. Any other wait is random between 0 and an exponentially growing limit
        ("full jitter": https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
        """
        policy, quota, asked = self.policy, self._quota, exc.retry_after_seconds
        last = tried >= policy.tries
        if asked is not None:
            seconds = max(asked, 1.0)
        elif last:
            return None
        else:
            longest = min(policy.first_wait_seconds * 2 ** (tried - 1), policy.longest_wait_seconds)
            seconds = random.uniform(0.0, longest)  # noqa: S311 - lanes must not come back together; no secret
        with self._lock:
            now = self._now()
            until = now + seconds
            more = max(until - max(now, quota.counted_until), 0.0)
            if too_long := self._too_long(until, more):
                if asked is not None:
                    _explain_refusal(exc, asked, too_long)
                    quota.refuse(exc)
                return None
            quota.waited += more
            quota.counted_until = max(quota.counted_until, until)
            if asked is not None:
                quota.not_before = max(quota.not_before, until)
        return None if last else seconds

    def _too_long(self, until: float, more: float) -> str:
        """Return why a wait is not allowed that ends at `until` and adds `more` seconds; empty if it is allowed."""
        waited, budget = self._quota.waited, self.policy.budget_seconds
        if waited + more > budget:
            too_long = Message("a run waits {budget_seconds:g} s at most", budget_seconds=budget)
            return too_long + Message(", of which {waited:.0f} s are used", waited=waited) if waited else too_long
        deadline, what, _ = self._deadline()
        return Message("{what} ends before", what=what) if until > deadline else ""

    def _count(self, *, answered: bool) -> None:
        with self._lock:
            self._unanswered = 0 if answered else self._unanswered + 1
            if answered:
                self._heard = self._used()

    def _used(self) -> float:
        """Return the seconds in which at least one request of this connection was in progress."""
        return self._spent + (self._now() - self._busy_since if self._under_way else 0.0)

    def _silence(self) -> float:
        """Return the seconds since the last complete answer, or since the end of a wait that the service requested."""
        return min(self._used() - self._heard, max(self._now() - self._quota.not_before, 0.0))

    def _require_open(self, doing: str) -> None:
        with self._lock:
            ended = self._ended or self._quota.refused
        if ended is not None:
            kind = SourceError if isinstance(ended, TransientSourceError) else type(ended)
            raise kind(
                doing or ended.doing,
                Message("not sent: {saw}", saw=ended.saw),
                effect=ended.effect,
                advice=ended.advice,
            )
        deadline, what, key = self._deadline()
        if self._now() >= deadline:
            advice = Message("Run again later, or raise `{key}`.", key=key)
            raise SourceError(
                doing or "reading", Message("not sent: {what} is over", what=what), effect=EFFECT, advice=advice
            )

    def _deadline(self) -> tuple[float, str, str]:
        """Return the time of the next deadline, its description, and the config key that sets it."""
        policy = self.policy
        since = self._busy_since if self._under_way else self._now()
        of_run = policy.began + policy.run_seconds
        own = since + policy.connection_seconds - self._spent
        if of_run < own:
            return of_run, Message("the run's time ({run_seconds:g} s)", run_seconds=policy.run_seconds), "limits.run"
        what = Message("the connection's time ({connection_seconds:g} s)", connection_seconds=policy.connection_seconds)
        return own, what, "limits.connection"

    def _sleep(self, seconds: float) -> None:
        until = self._now() + seconds
        self.policy.sleep(seconds)
        with self._lock:
            self._quota.slept_until = max(self._quota.slept_until, until)

    def _now(self) -> float:
        """Return the time of the clock, or the end of the latest sleep if that is later."""
        return max(self.policy.clock(), self._quota.slept_until)


def _explain_refusal(exc: TransientSourceError, asked: float, too_long: str) -> None:
    """Add to an error why the wait that the service requested is not begun."""
    exc.saw = Message(
        "{saw}; it asks to wait {asked:.0f} s, and {too_long}", saw=exc.saw, asked=asked, too_long=too_long
    )
    exc.args = (exc.doing, exc.saw, exc.effect, exc.advice)
