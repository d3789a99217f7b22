"""What a worker is given: how often it looks, how long it waits, and who takes what happens."""

from collections.abc import Callable

from config.dataclass import dataclass
from syncer.fleet.sync_all import Result
from syncer.ledger.lease import SECONDS as LEASE_SECONDS


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds between looks and before decisions; tests shorten them.

    Attributes:
        tick: between two looks at what is due.
        heartbeat: between two signs of life of a worker.
        dead: without a sign of life after which others take over a worker's jobs.
        again: before the database, or a workspace that another run has, is tried again.
        busy: how long a workspace that another run has is waited for: a lease of a killed run and a little.
        clock_off: largest difference between the clocks of this machine and of the database.
        stuck: without a look at what is due after which a worker is not alive.
        longest_wait: how long a job waits for quota at most; then it is done without that service.
    """

    tick: float = 10.0
    heartbeat: float = 5.0
    dead: float = 20.0
    again: float = 5.0
    busy: float = LEASE_SECONDS + 15.0
    clock_off: float = 60.0
    stuck: float = 120.0
    longest_wait: float = 3700.0


USUAL = Timing()


@dataclass(frozen=True, slots=True)
class Screen:
    """Takes what happens: sentences about the worker, and how each sync ended."""

    report: Callable[[str], None]
    finished: Callable[[Result], None]
