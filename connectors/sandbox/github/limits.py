"""GitHub's primary rate limits.

REST allows 5,000 requests per hour, GraphQL 5,000 points per hour, each in a window that starts with its first
request. See https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api and
https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from connectors.sandbox.server import Response

Resource = Literal["core", "graphql"]
REFUSED = "RATE_LIMITED"
"""Error type of a GraphQL query without points left."""

_MESSAGE = "API rate limit exceeded for user ID 1."


@dataclass(slots=True)
class Limit:
    """Limit of one resource. `used` is the usage in the current window, which ends at `until` (epoch seconds)."""

    allowed: int
    window_seconds: int
    used: int = 0
    until: float = 0.0


class Limits:
    """Usage of each resource. Tests may change `by_resource`; `now` returns epoch seconds."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self.by_resource: Mapping[Resource, Limit] = {
            "core": Limit(5000, 3600),
            "graphql": Limit(5000, 3600),
        }

    def spend(self, resource: Resource, cost: int = 1) -> bool:
        """Spend the cost; return False, without spending, if nothing is left."""
        limit = self._current(resource)
        if limit.used >= limit.allowed:
            return False
        limit.used = min(limit.used + cost, limit.allowed)
        return True

    def headers(self, resource: Resource) -> dict[str, str]:
        """Return the rate limit headers of a response."""
        limit = self._current(resource)
        return {
            "X-RateLimit-Limit": str(limit.allowed),
            "X-RateLimit-Remaining": str(limit.allowed - limit.used),
            "X-RateLimit-Used": str(limit.used),
            "X-RateLimit-Reset": str(int(limit.until)),
            "X-RateLimit-Resource": resource,
        }

    def _current(self, resource: Resource) -> Limit:
        limit = self.by_resource[resource]
        if self._now() >= limit.until:
            limit.used, limit.until = 0, self._now() + limit.window_seconds
        return limit


def refusal(resource: Resource) -> Response:
    """Return the response for an exhausted resource: 403 for REST, HTTP 200 with an error for GraphQL."""
    if resource == "graphql":
        return Response(200, {"errors": [{"type": REFUSED, "message": _MESSAGE}]})
    page = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api"
    return Response(403, {"message": _MESSAGE, "documentation_url": page, "status": "403"})
