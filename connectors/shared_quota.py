"""Quota of accounts that several processes share, and the waits of one connection for it."""

from collections.abc import Callable
from typing import Protocol

from config.dataclass import dataclass
from connectors.accounts import Account


class SharedQuota(Protocol):
    """Quota of accounts as one run uses it. Thread-safe; a store that does not answer limits nothing."""

    def take(self, account: Account, resource: str, weight: int) -> float:
        """Count a request and return 0; or count nothing and return the seconds after which to ask again."""

    def hold(self, account: Account, resource: str, seconds: float) -> None:
        """Let no process use a resource of an account for so many seconds, as the service requested."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Pace of one connection's requests by the quota of its account; `waited` takes the seconds of each wait.

    Without `account` or `quota`, requests are not paced.
    """

    waited: Callable[[float], None]
    account: Account | None = None
    quota: SharedQuota | None = None

    def take(self, resource: str, weight: int = 1) -> float:
        """Count a request and return 0; or count nothing and return the seconds after which to ask again."""
        if not resource or self.account is None or self.quota is None:
            return 0.0
        return self.quota.take(self.account, resource, weight)

    def hold(self, resource: str, seconds: float) -> None:
        """Tell all processes how long the service requested to wait."""
        if resource and self.account is not None and self.quota is not None:
            self.quota.hold(self.account, resource, seconds)


def unpaced(_seconds: float) -> None:
    """Ignore a wait."""
