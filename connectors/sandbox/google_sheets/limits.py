"""Google's limits of the requests of one account: so many reads, and so many writes, in any minute.

Google does not say how it counts; here it is the strictest way, a window that slides. See
https://developers.google.com/workspace/sheets/api/limits.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from connectors.sandbox.google_sheets.book import Refusal

Kind = Literal["Read", "Write"]


@dataclass(slots=True)
class Limits:
    """What an account may still do. `refused` counts the requests that were answered with HTTP 429."""

    most: int = 60
    seconds: float = 60.0
    now: Callable[[], float] = time.monotonic
    refused: int = 0
    _sent: dict[Kind, deque[float]] = field(default_factory=lambda: {"Read": deque(), "Write": deque()})

    def spend(self, kind: Kind) -> None:
        """Count a request. Raises Refusal when the account has sent too many."""
        sent, now = self._sent[kind], self.now()
        while sent and sent[0] <= now - self.seconds:
            sent.popleft()
        if len(sent) >= self.most:
            self.refused += 1
            name = f"{kind} requests"
            raise Refusal(
                f"Quota exceeded for quota metric '{name}' and limit '{name} per minute per user' of service "
                "'sheets.googleapis.com' for consumer 'project_number:1'.",
                code=429,
                status="RESOURCE_EXHAUSTED",
            )
        sent.append(now)
