"""Sync the workspaces of a fleet side by side; what one of them meets does not stop the others."""

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextvars import copy_context
from time import monotonic

from config.dataclass import dataclass
from config.errors import OkrsyncError
from syncer.fleet.members import Member
from syncer.ledger.records import SyncOutcome
from syncer.model.plan import Mark
from syncer.run.pipeline import RunReport
from syncer.run.workspace import Opened, are_closed, cycles_of, succeeded


@dataclass(frozen=True, slots=True)
class Result:
    """The sync of one workspace; `seconds` is how long it took."""

    member: Member
    report: RunReport | None = None
    error: OkrsyncError | None = None
    ended: bool = False
    seconds: float = 0.0

    @property
    def outcome(self) -> SyncOutcome:
        """How it ended."""
        if self.ended:
            return SyncOutcome.ENDED
        return self.report.outcome if self.report else SyncOutcome.FAILED

    @property
    def written(self) -> int:
        """Number of cells that were written."""
        return self.report.receipt.written if self.report and self.report.receipt else 0

    @property
    def unknown(self) -> int:
        """Number of key results without a value."""
        return self.report.plan.unknown if self.report else 0

    @property
    def conflicts(self) -> int:
        """Number of key results that people changed as well."""
        return self.report.plan.count(Mark.CONFLICT, Mark.ADOPT) if self.report else 0


def sync_all(
    members: Sequence[Member], sync: Callable[[Opened], RunReport], *, at_once: int, jitter: float
) -> Iterator[Result]:
    """Sync every workspace and yield its result when it is there; at most `at_once` run at a time.

    Args:
        members: the workspaces; those with an error are yielded as failed.
        sync: syncs one workspace. OkrsyncError is its result; any other exception is raised when all others are done.
        at_once: number of workspaces that run side by side.
        jitter: most seconds that a workspace waits before it begins, so that they do not all begin at once.
    """
    bug: Exception | None = None
    stop = threading.Event()
    yield from (Result(one, error=one.error) for one in members if one.error)
    pool = ThreadPoolExecutor(at_once, "okrsync-fleet")
    try:
        usable = [one for one in members if not one.error]
        waits = [random.uniform(0, jitter) for _ in usable]  # noqa: S311 - to spread load, not a secret
        waiting = [
            pool.submit(copy_context().run, sync_one, one, sync, lambda wait=wait: stop.wait(wait))
            for one, wait in zip(usable, waits, strict=True)
        ]
        for future in as_completed(waiting):
            try:
                yield future.result()
            except Exception as error:  # noqa: BLE001 - a bug; the other workspaces are synced all the same
                bug = error
        pool.shutdown()
    except BaseException:
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    if bug is not None:
        raise bug


def sync_one(member: Member, sync: Callable[[Opened], RunReport], wait: Callable[[], object] = lambda: None) -> Result:
    """Sync a workspace after `wait`. OkrsyncError is its result."""
    opened = member.opened
    if member.error or opened is None:
        return Result(member, error=member.error)
    if has_ended(opened):
        return Result(member, ended=True)
    wait()
    began = monotonic()
    try:
        report = sync(opened)
    except OkrsyncError as error:
        return Result(member, error=error, seconds=monotonic() - began)
    return Result(member, report, seconds=monotonic() - began)


def has_ended(opened: Opened) -> bool:
    """Whether the next cycle's config has taken over, or all cycles are closed."""
    return are_closed(cycles_of(opened.config)) or succeeded(opened.config, opened.now) is not None
