"""A bucket of pyrate-limiter in PostgreSQL: at most so many requests in any window, counted over all processes."""

import logging
import random
import threading
import time
from typing import Any, cast

from psycopg_pool import ConnectionPool
from pyrate_limiter import PostgresBucket, Rate, RateItem
from pyrate_limiter.abstracts.algorithm import Decision

from connectors.accounts import Limit

_MARGIN, _LONGEST_MARGIN_SECONDS = 0.02, 2.0
"""Share of a window by which it is longer here, since requests arrive a little later than they are counted."""
_TURN_SECONDS = 0.002, 0.02
_TURNS = 100
"""How soon, and how often, to ask again while another process is counting."""
_TAKES_PER_CLEANING = 200


class Bucket:
    """What an account has used of a resource. Thread-safe."""

    def __init__(self, pool: ConnectionPool[Any], name: str, limit: Limit) -> None:
        """Make the bucket's table if there is none. Raises psycopg.Error."""
        logging.getLogger("pyrate_limiter").setLevel(logging.CRITICAL)  # it logs what is handled here
        window = limit.seconds + min(limit.seconds * _MARGIN, _LONGEST_MARGIN_SECONDS)
        self._most = limit.most
        self._bucket = PostgresBucket(pool, name, [Rate(limit.most, round(window * 1000))])
        self._lock = threading.Lock()
        self._takes = 0

    def take(self, weight: int) -> float:
        """Count a request and return 0; or count nothing and return the seconds until there is room for it."""
        with self._lock:  # the bucket keeps its last answer
            for _ in range(_TURNS):
                decision = self._put(weight)
                if decision.allowed:
                    return 0.0
                if decision.retry_after_ms is not None:
                    return max(decision.retry_after_ms / 1000, _TURN_SECONDS[1])
                time.sleep(random.uniform(*_TURN_SECONDS))  # noqa: S311 - to spread processes, not a secret
        return _TURN_SECONDS[1]

    def _put(self, weight: int) -> Decision:
        now: int = self._bucket.now()  # type: ignore[no-untyped-call]
        if self._takes % _TAKES_PER_CLEANING == 0:
            self._bucket.leak(now)
        self._takes += 1
        item = RateItem("request", now, min(weight, self._most))
        return cast("Decision", self._bucket.put_decision(item))
