"""Retries, deadlines and circuit breaker of a connection, on tenacity.

All parallel requests of a connection share one `RetryPolicy`: when one of them is rate-limited, all of them pause.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar, cast

from config.errors import SourceError, TransientSourceError
from config.message import Message
from connectors.policy import Policy
from connectors.quota import Quota, Stopwatch
from connectors.shared_quota import Pace, unpaced

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")

_LEAST_SECONDS = 0.01
EFFECT = Message("Its key results were left as they were.")


class UnreachableError(TransientSourceError):
    """No answer: unknown host, refused or reset connection, or timeout. Several in a row open the circuit breaker."""


class UntrustedError(SourceError):
    """An invalid certificate. Never retried; several in a row open the circuit breaker."""


class RetryPolicy:
    """Retries and waits of one connection in one run.

    `call` raises the last SourceError when tries, budget or time are used up. A wait that would exceed them is not
    begun: a tracker that requests an hour ends its connection at once, and its key results are left as they were.
    Policies with the same `quota` share rate limits; each has a circuit breaker and a deadline of its own. `timeout` is
    the maximum time of one request in seconds. `pace` has the quota that other processes use as well.
    """

    def __init__(
        self, policy: Policy, quota: Quota | None = None, timeout: float = 30.0, pace: Pace | None = None
    ) -> None:
        self.policy = policy
        self._pace = pace or Pace(unpaced)
        self._timeout = timeout
        self._longest_silence = max(policy.silence_seconds, timeout)
        self._quota = quota or Quota()
        self._lock = self._quota.lock
        self._used = Stopwatch(self._now)
        self._heard = 0.0
        self._unanswered = 0
        self._ended: SourceError | None = None

    def call(self, send: Callable[[], T], doing: str = "", resource: str = "", weight: int = 1) -> T:
        """Call `send`, again after a TransientSourceError while the policy allows. Raises SourceError.

        `doing` describes the request in errors of requests that are not sent. `resource` is what the request takes of
        its account's quota, and `weight` how much of it; none, if it is empty.
        """
        from tenacity import Retrying, retry_if_exception, stop_after_attempt

        retrying = Retrying(
            before=lambda _: self._wait_for_all(doing, resource, weight),
            retry=retry_if_exception(self._may_pass),
            wait=lambda state: self._reserve(state, resource),
            stop=stop_after_attempt(self.policy.tries),
            sleep=self._sleep,
            reraise=True,
        )
        with self._used.running():
            try:
                answer = retrying(send)
            except (UnreachableError, UntrustedError) as exc:
                if (count := self._unanswered) >= self.policy.circuit_failures:
                    why = Message("{count} requests in a row had no answer ({saw})", count=count, saw=exc.saw)
                    self._open_circuit(exc, why)
                raise
            self._count(answered=True)
        return answer

    def end(self, error: SourceError) -> None:
        """Stop the connection for the rest of the run: each further request fails with `error`."""
        with self._lock:
            self._ended = self._ended or error

    def left_seconds(self) -> float:
        """Return the remaining time of this connection in seconds; 0 when none is left."""
        return max(self._left()[0], 0.0)

    def request_seconds(self) -> float:
        """Return the time for the next request: its time-out, or less where the connection's time or silence ends."""
        with self._lock:
            silence = self._longest_silence - self._silence()
        return max(min(self._timeout, silence, self.left_seconds()), _LEAST_SECONDS)

    def restarted(self) -> "RetryPolicy":
        """Return a policy for what has to be done now, whatever time the run has used, with the same rate limits."""
        seconds = self._longest_silence + self.policy.budget_seconds
        policy = replace(self.policy, connection_seconds=seconds, run_seconds=math.inf)
        return RetryPolicy(policy, self._quota, self._timeout, self._pace)

    def _wait_for_all(self, doing: str, resource: str, weight: int) -> None:
        """Wait until the end of the pause that the service requested, and for room in the account's quota.

        Raises SourceError when nothing may be sent.
        """
        self._require_open(doing)
        while (seconds := self._quota.not_before - self._now()) > 0:
            self._sleep(seconds)
            self._require_open(doing)
        while (seconds := self._pace.take(resource, weight)) > 0:
            if seconds > min(self.policy.quota_seconds, self.left_seconds()):
                raise _quota_used_up(doing, seconds)
            self._sleep(seconds)
            self._require_open(doing)

    def _may_pass(self, exc: BaseException) -> bool:
        """Count a fault, and return whether it may be transient; after a long silence, open the circuit instead."""
        if not isinstance(exc, SourceError):
            return False
        unanswered = isinstance(exc, UnreachableError | UntrustedError)
        self._count(answered=not unanswered)
        if unanswered and self._silence() > self._longest_silence - _LEAST_SECONDS:
            seconds = self._longest_silence
            why = Message("no complete answer for {seconds:g} s ({saw})", seconds=seconds, saw=exc.saw)
            self._open_circuit(exc, why)
            return False
        return isinstance(exc, TransientSourceError)

    def _open_circuit(self, exc: SourceError, why: str) -> None:
        saw = Message("gave up: {why}", why=why)
        self.end(SourceError(exc.doing, saw, effect=exc.effect, advice=exc.advice))

    def _reserve(self, state: "RetryCallState", resource: str) -> float:
        """Reserve the wait after a fault in the budget and return its seconds. Raises the fault if it is not allowed.

        A wait that the service requests applies to all requests of the connection, also if this one has no tries left;
        if it is too long, it ends the connection. Any other wait is random ("full jitter").
        """
        from tenacity import wait_random_exponential

        policy, quota = self.policy, self._quota
        exc = cast("TransientSourceError", state.outcome and state.outcome.exception())
        asked = exc.retry_after_seconds
        if asked is not None:
            seconds = max(asked, 1.0)
        elif state.attempt_number >= policy.tries:
            return 0.0
        else:
            seconds = wait_random_exponential(policy.first_wait_seconds, policy.longest_wait_seconds)(state)
        if asked is not None:
            self._pace.hold(resource, seconds)
        with self._lock:
            now = self._now()
            until = now + seconds
            if too_long := self._too_long(now, until):
                if asked is not None:
                    _explain_refusal(exc, asked, too_long)
                    quota.refuse(exc)
                raise exc
            quota.add(now, until)
            if asked is not None:
                quota.not_before = max(quota.not_before, until)
        return seconds

    def hold(self, seconds: float, doing: str, resource: str) -> None:
        """Wait before the next request, as an answer asked that is good itself; if it is too long, send no more."""
        quota = self._quota
        self._pace.hold(resource, seconds)
        with self._lock:
            now = self._now()
            until = now + seconds
            if too_long := self._too_long(now, until):
                saw = Message("an answer asks to wait {asked:.0f} s, and {too_long}", asked=seconds, too_long=too_long)
                advice = Message("Run again later, or raise `{key}`.", key="limits.wait")
                quota.refuse(
                    TransientSourceError(doing, saw, effect=EFFECT, advice=advice, retry_after_seconds=seconds)
                )
                return
            quota.add(now, until)
            quota.not_before = max(quota.not_before, until)

    def _too_long(self, now: float, until: float) -> str:
        """Return why a wait is longer than the run allows; empty if it is not."""
        left, what, _ = self._left()
        too_long = self._quota.exceeds(self.policy.budget_seconds, now, until)
        return too_long or (Message("{what} ends before", what=what) if until - now > left else "")

    def _count(self, *, answered: bool) -> None:
        with self._lock:
            self._unanswered = 0 if answered else self._unanswered + 1
            if answered:
                self._heard = self._used.seconds()

    def _silence(self) -> float:
        """Return the seconds since the last complete answer, or since the end of a wait that the service requested."""
        return min(self._used.seconds() - self._heard, max(self._now() - self._quota.not_before, 0.0))

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
        left, what, key = self._left()
        if left <= 0:
            advice = Message("Run again later, or raise `{key}`.", key=key)
            raise SourceError(
                doing or "reading", Message("not sent: {what} is used up", what=what), effect=EFFECT, advice=advice
            )

    def _left(self) -> tuple[float, str, str]:
        """Return the seconds until the next deadline, its description, and the config key that sets it."""
        policy = self.policy
        of_run = policy.began + policy.run_seconds - self._now()
        own = policy.connection_seconds - self._used.seconds()
        if of_run < own:
            return of_run, Message("the run's time ({run_seconds:g} s)", run_seconds=policy.run_seconds), "limits.run"
        what = Message("the connection's time ({connection_seconds:g} s)", connection_seconds=policy.connection_seconds)
        return own, what, "limits.connection"

    def _sleep(self, seconds: float) -> None:
        until = self._now() + seconds
        self.policy.sleep(seconds)
        self._pace.waited(seconds)
        with self._lock:
            self._quota.slept_until = max(self._quota.slept_until, until)

    def _now(self) -> float:
        """Return the time of the clock, or the end of the latest sleep if that is later."""
        return max(self.policy.clock(), self._quota.slept_until)


def _quota_used_up(doing: str, seconds: float) -> TransientSourceError:
    saw = Message("not sent: the account's quota is used up for {seconds:.0f} s more", seconds=seconds)
    advice = Message("Run again later. Other runs use the same account; a second account has a quota of its own.")
    return TransientSourceError(doing or "reading", saw, effect=EFFECT, advice=advice, retry_after_seconds=seconds)


def _explain_refusal(exc: TransientSourceError, asked: float, too_long: str) -> None:
    """Add to an error why the wait that the service requested is not begun."""
    exc.saw = Message(
        "{saw}; it asks to wait {asked:.0f} s, and {too_long}", saw=exc.saw, asked=asked, too_long=too_long
    )
    exc.args = (exc.doing, exc.saw, exc.effect, exc.advice)
