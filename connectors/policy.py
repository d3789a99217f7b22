"""Limits of the requests and waits of one run."""

import math
import time
from collections.abc import Callable

from config.dataclass import dataclass
from config.time_models import Limits


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits of requests and waits in one run, which begins when the Policy is created.

    Attributes:
        message_seconds: maximum time to deliver one message to people.
        tries: maximum number of requests for one answer, the first included.
        budget_seconds: maximum sum of a connection's waits in a run; waits at the same time count once.
        first_wait_seconds: maximum wait before the first retry; it doubles with each further retry.
        longest_wait_seconds: maximum wait before any retry, unless the service requests a longer one.
        quota_seconds: maximum wait for room in a quota that other processes use as well; most windows are shorter.
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
    quota_seconds: float = 75.0
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
