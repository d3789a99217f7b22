"""The queue of a fleet in PostgreSQL, on Procrastinate: a job per workspace and due time, taken over from dead workers.

Times are those of the database's clock. Jobs are removed when they have ended; the ledger knows how.
"""

import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from psycopg_pool import AsyncConnectionPool

from config.dataclass import dataclass
from syncer.ledger.records import Scope
from syncer.ledger.store import Place

FORM = 1
"""The form of a job's arguments. Jobs of another form are in another queue, where workers that know it find them."""

QUEUE = f"okrsync-{FORM}"
TASK = "okrsync.sync"
FAULTS = (ConnectorException, psycopg.Error)
"""What a database that is away raises."""

_LONGEST_KEY = 128
_SCHEMA_LOCK = 0x6F6B7271
_OPEN_SECONDS = 5.0

SyncJob = Callable[[Scope], Awaitable[float]]
"""Does a job; or returns the seconds after which any worker does it, since it has to wait for so long."""


class _WaitError(Exception):
    """A job that has to wait, while its worker does others."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class _NotBefore(BaseRetryStrategy):
    """Puts a job that has to wait back into the queue."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:  # noqa: ARG002
        """Return when a job that has to wait is done again."""
        return RetryDecision(retry_at=exception.until) if isinstance(exception, _WaitError) else None


@dataclass(frozen=True, slots=True)
class Queue:
    """An open queue. Its methods raise one of `FAULTS` when the database is away."""

    app: App

    async def now(self) -> datetime:
        """Return the time of the database's clock."""
        row = await self.app.connector.execute_query_one_async("SELECT clock_timestamp() AS now")
        now: datetime = row["now"]
        return now

    async def defer(self, scope: Scope, due: datetime) -> bool:
        """Add the job of a workspace for a due time, once however many workers do.

        False: it was added before, or another job of the workspace is still waiting, which does as well.
        """
        key, timestamp = _key(scope), int(due.timestamp())
        arguments = {"workspace": scope.workspace, "cycle": scope.cycle, "timestamp": timestamp}
        made = self.app.configure_task(TASK, queue=QUEUE, lock=key, queueing_lock=key, task_kwargs=arguments)
        try:
            added = await self.app.job_manager.defer_periodic_job(made.job, key, timestamp)
        except AlreadyEnqueued:
            return False
        return added is not None

    async def take_over(self, dead_after: float) -> int:
        """Let the jobs of workers without a heartbeat for so many seconds be done by others; return their number."""
        manager, count = self.app.job_manager, 0
        for job in await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=dead_after):
            try:
                await manager.retry_job(job, retry_at=await self.now())
                count += 1
            except UniqueViolation:
                await self._drop(job)  # another job of the workspace is waiting
            except ConnectorException as error:
                if not isinstance(error.__cause__, psycopg.errors.RaiseException):
                    raise  # otherwise another worker was faster
        return count

    async def _drop(self, job: Job) -> None:
        await self.app.job_manager.finish_job(job, Status.FAILED, delete_job=True)

    async def foreign(self) -> int:
        """Return the number of waiting jobs of a form that this version does not know."""
        row = await self.app.connector.execute_query_one_async(
            "SELECT count(*) AS count FROM procrastinate_jobs "
            "WHERE status = 'todo' AND starts_with(queue_name, 'okrsync-') AND queue_name <> %(queue)s",
            queue=QUEUE,
        )
        return int(row["count"])


def _key(scope: Scope) -> str:
    """Return the name of a workspace's lock."""
    name = f"{scope.workspace} {scope.cycle}"
    return name if len(name) <= _LONGEST_KEY else hashlib.sha256(name.encode()).hexdigest()


@asynccontextmanager
async def open_queue(place: Place, sync: SyncJob) -> AsyncIterator[Queue]:
    """Open the queue, and make its tables if there are none; `sync` does a job. Raises one of `FAULTS`."""
    for name in ("procrastinate", "psycopg"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what happens is reported, once and without secrets
    assert place.url is not None  # noqa: S101 - the caller requires a server
    address = place.url.set(drivername="postgresql").render_as_string(hide_password=False)
    app = App(connector=PsycopgConnector())

    @app.task(name=TASK, queue=QUEUE, retry=_NotBefore())
    async def _job(workspace: str, cycle: str, **_others: object) -> None:
        if wait := await sync(Scope(workspace, cycle)):
            raise _WaitError(await Queue(app).now() + timedelta(seconds=wait))

    pool = AsyncConnectionPool(
        address, min_size=1, max_size=4, open=False, timeout=_OPEN_SECONDS, check=AsyncConnectionPool.check_connection
    )
    try:
        await pool.open(wait=True, timeout=_OPEN_SECONDS)
        await _make_tables(app, pool)
        async with app.open_async(pool):
            yield Queue(app)
    finally:
        await pool.close()


async def _make_tables(app: App, pool: AsyncConnectionPool) -> None:
    async with pool.connection() as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_SCHEMA_LOCK,))
        found = await (await connection.execute("SELECT to_regclass('procrastinate_jobs')")).fetchone()
        if found is None or found[0] is None:
            await connection.execute(app.schema_manager.get_schema())
