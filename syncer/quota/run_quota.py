"""Quota of accounts as one run uses it: whether it goes first, and what was taken for it before it began."""

import threading
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import field
from typing import TYPE_CHECKING

from config.dataclass import dataclass
from config.errors import LedgerError
from config.identity import has_server
from config.loading.loader import Config
from connectors.accounts import Account

if TYPE_CHECKING:
    from syncer.quota.store import QuotaStore


@dataclass(frozen=True, slots=True)
class Need:
    """What a run is going to use of a resource at least."""

    account: Account
    resource: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class RunQuota:
    """Quota of accounts for one run. A run of a person goes first; one of a fleet's worker does not. Thread-safe."""

    store: "QuotaStore"
    goes_first: bool = True
    _taken: Counter[tuple[Account, str]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, account: Account, resource: str, weight: int) -> float:
        """Count a request and return 0; or count nothing and return the seconds after which to ask again."""
        with self._lock:
            if self._taken[account, resource] >= weight:
                self._taken[account, resource] -= weight
                return 0.0
        return self.store.take(account, resource, weight, first=self.goes_first)

    def hold(self, account: Account, resource: str, seconds: float) -> None:
        """Let no process use a resource of an account for so many seconds."""
        self.store.hold(account, resource, seconds)

    def take_before(self, needs: Iterable[Need]) -> tuple[float, str]:
        """Take what a run needs before it begins; return the seconds to wait, and for which service.

        Where it has to wait, what was taken for it so far is lost; so the longest windows are asked first.
        """
        for need in sorted(needs, key=_longest_first):
            if wait := self.store.take(need.account, need.resource, need.weight, first=self.goes_first):
                return wait, need.account.service
            with self._lock:
                self._taken[need.account, need.resource] += need.weight
        return 0.0, ""


def _longest_first(need: Need) -> float:
    limit = need.account.limits.get(need.resource)
    return -limit.seconds if limit else float("-inf")


def quota_of(config: Config) -> RunQuota | None:
    """Return the quota that a run of a workspace shares with other processes; None where its ledger is a file."""
    if not has_server(config.workspace.ledger):
        return None
    from syncer.ledger.store import find
    from syncer.quota.store import store_of

    with suppress(LedgerError):  # the ledger itself says what is wrong
        store = store_of(find(config.workspace.ledger, config.base_dir))
        return RunQuota(store) if store else None
    return None
