"""Record how the sync of a workspace ended, so that `fleet status` knows also of syncs that recorded no run."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING

from config.errors import LeaseLostError, LedgerError, OkrsyncError
from config.message import Message
from syncer.compute.assess import Failure
from syncer.ledger.records import LastRun, Run, Scope, SyncOutcome

if TYPE_CHECKING:
    from syncer.ledger.ledger import Ledger

Ended = Callable[[SyncOutcome, int, OkrsyncError | None, Sequence[Failure]], None]
"""Takes the outcome, the number of unknown key results, the refusal and the failed reads of a sync."""


@contextmanager
def recording_how_it_ends(run: Run, ledger: "Ledger") -> Iterator[Ended]:
    """Record the exception that ends the block; without one, what the block says of its end.

    A ledger that cannot record it raises nothing: what happened to the sheet matters more.
    """

    def ended(outcome: SyncOutcome, unknown: int, refusal: OkrsyncError | None, failures: Sequence[Failure]) -> None:
        why = refusal.summary if refusal else _first(failures)
        _record(ledger, LastRun(*run.scope, outcome, run.now, unknown, why))

    try:
        yield ended
    except LeaseLostError:
        raise  # the run that took over records how it ends
    except Exception as error:
        _record(ledger, failed(run.scope, run.now, error))
        raise


def failed(scope: Scope, at: datetime, error: Exception) -> LastRun:
    """Describe a sync that an error ended."""
    kind = type(error).__name__
    why = error.summary if isinstance(error, OkrsyncError) else Message("a bug of okrsync ({kind})", kind=kind)
    return LastRun(*scope, SyncOutcome.FAILED, at, why=why)


def _first(failures: Sequence[Failure]) -> str:
    if not failures:
        return ""
    first, *others = (failure.error.summary for failure in failures)
    return (
        Message(
            "{first} (and {count} more failure)", "{first} (and {count} more failures)", first=first, count=len(others)
        )
        if others
        else first
    )


def _record(ledger: "Ledger", run: LastRun) -> None:
    with suppress(LedgerError):
        ledger.last_runs.record(run)
