"""Scheduler and worker of a fleet in one process: any number of them share a database and its queue.

A database that is away is waited for. A machine whose clock differs from the database's takes no jobs meanwhile.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from config.errors import BusyError, OkrsyncError
from config.fleet import Fleet
from config.message import Message
from syncer.fleet.admission import Admission, admit
from syncer.fleet.cards import make_tables, open_place
from syncer.fleet.members import Member, open_members
from syncer.fleet.queue import FAULTS, QUEUE, Queue, open_queue
from syncer.fleet.roster import Roster, database_of, read_roster
from syncer.fleet.sync_all import Result, has_ended, sync_one
from syncer.fleet.timing import USUAL, Screen, Timing
from syncer.fleet.unsynced import record_unsynced
from syncer.fleet.until_signal import until_signal
from syncer.ledger.records import Scope
from syncer.ledger.store import Place
from syncer.run.pipeline import RunReport
from syncer.run.workspace import Opened


class _ClockOffError(Exception):
    """This machine's clock and the database's differ."""


class Worker:
    """One process of a fleet: adds the jobs that are due, and syncs workspaces."""

    def __init__(
        self,
        given: Path | None,
        sync: Callable[[Opened], RunReport],
        screen: Screen,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        timing: Timing = USUAL,
    ) -> None:
        self._given = given
        self._sync = sync
        self._screen = screen
        self._clock = clock
        self._timing = timing
        self._roster = read_roster(given)
        self._place = database_of(self._roster.fleet)
        self._added: dict[Scope, datetime] = {}
        self._said: dict[str, str] = {}
        self._pool = ThreadPoolExecutor(self._roster.fleet.manifest.at_once, "okrsync-fleet")
        self._stop = asyncio.Event()
        self._looked_at = monotonic()

    def stop(self) -> None:
        """End after the current syncs."""
        self._stop.set()

    @property
    def fleet(self) -> Fleet:
        """The fleet as it was read last."""
        return self._roster.fleet

    @property
    def is_alive(self) -> bool:
        """Whether the worker still looks at what is due, or at whether the database answers again."""
        return monotonic() - self._looked_at < self._timing.stuck

    @property
    def waits_for(self) -> list[str]:
        """What keeps the worker from being well, such as a database that is away."""
        return list(self._said.values())

    async def serve(self) -> None:
        """Work until stopped; whatever happens to the database meanwhile is reported once."""
        asyncio.get_running_loop().set_exception_handler(_without_faults)
        self._name_unusable(self._roster)
        with until_signal(self._stop):
            while not self._stop.is_set():
                self._looked_at = monotonic()
                try:
                    async with open_queue(self._place, self._job) as queue:
                        self._over("database", Message("the database answers again"))
                        self._added.clear()  # it may have lost its last moments
                        await self._check_clock(queue)
                        await asyncio.to_thread(make_tables, self._place)
                        if not self._stop.is_set():
                            await self._work(queue)
                except FAULTS as error:
                    self._say("database", _lost(self._place, error))
                except _ClockOffError as error:
                    self._say("clock", error.args[0])
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), self._timing.again)
        self._pool.shutdown()

    def _say(self, subject: str, text: str) -> None:
        """Report what keeps a subject from being well, once until it is over."""
        if subject not in self._said:
            self._screen.report(text)
        self._said[subject] = text

    def _over(self, subject: str, text: str = "") -> None:
        if self._said.pop(subject, "") and text:
            self._screen.report(text)

    async def _work(self, queue: Queue) -> None:
        """Schedule and work until stopped or until one of the two fails."""
        timing = self._timing
        worker = queue.app.run_worker_async(
            queues=[QUEUE],
            concurrency=self._roster.fleet.manifest.at_once,
            install_signal_handlers=False,
            delete_jobs="always",
            fetch_job_polling_interval=timing.again,
            update_heartbeat_interval=timing.heartbeat,
            stalled_worker_timeout=timing.dead,
        )
        tasks = [asyncio.create_task(each) for each in (worker, self._schedule(queue), self._stop.wait())]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()

    async def _schedule(self, queue: Queue) -> None:
        while True:
            self._looked_at = monotonic()
            await self._check_clock(queue)
            if count := await queue.take_over(self._timing.dead):
                self._screen.report(
                    Message(
                        "took over {count} job of a worker that died",
                        "took over {count} jobs of workers that died",
                        count=count,
                    )
                )
            await self._name_foreign(queue)
            await self._add_due(queue)
            await asyncio.sleep(self._timing.tick)

    async def _check_clock(self, queue: Queue) -> None:
        theirs, ours = await queue.now(), self._clock()
        if abs((ours - theirs).total_seconds()) > self._timing.clock_off:
            raise _ClockOffError(
                Message(
                    "this machine's clock says {ours} and the database's {theirs}: no jobs are taken until they agree",
                    ours=f"{ours.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
                    theirs=f"{theirs.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
                )
            )
        self._over("clock", Message("the clocks agree again"))

    async def _add_due(self, queue: Queue) -> None:
        await asyncio.to_thread(self._refresh)
        now = await queue.now()
        paused = await asyncio.to_thread(_paused, self._place, now)
        for scope, due in self._roster.due(now):
            if self._added.get(scope) != due and scope.workspace not in paused:
                await queue.defer(scope, due)
                self._added[scope] = due

    def _refresh(self) -> None:
        """Read the fleet again if a file changed; one that cannot be read leaves it as it was."""
        try:
            roster = read_roster(self._given, self._roster)
        except OkrsyncError as error:
            self._say("fleet", error.summary)
            return
        self._over("fleet")
        if roster is not self._roster:
            self._roster = roster
            self._name_unusable(roster)

    def _name_unusable(self, roster: Roster) -> None:
        for member in roster.unusable:
            result = Result(member, error=member.error)
            self._screen.finished(result)
            record_unsynced(result, self._clock())

    async def _name_foreign(self, queue: Queue) -> None:
        if count := await queue.foreign():
            text = Message(
                "{count} job waits for a newer okrsync", "{count} jobs wait for a newer okrsync", count=count
            )
            self._say("newer", text)
        else:
            self._over("newer")

    async def _job(self, scope: Scope) -> float:
        """Sync the workspace of a job; wait while another run has it, such as one that was killed.

        Returns the seconds after which it is to be done instead, where its account has no quota left.
        """
        until = monotonic() + self._timing.busy
        loop = asyncio.get_running_loop()
        while True:
            result = await loop.run_in_executor(self._pool, copy_context().run, self._one, scope)
            if isinstance(result, float):
                return result
            busy = result is not None and isinstance(result.error, BusyError)
            if not busy or monotonic() > until or self._stop.is_set():
                break
            await asyncio.sleep(self._timing.again)
        if result is not None:
            self._screen.finished(result)
        return 0.0

    def _one(self, scope: Scope) -> Result | float | None:
        """Sync a workspace; return the seconds to wait for quota instead, None if the fleet has none such any more."""
        member = self._member(scope)
        if member is None:
            self._screen.report(
                Message("{workspace} is not in the fleet any more; its job has ended", workspace=scope.workspace)
            )
            return None
        if member.opened and not (member.error or has_ended(member.opened)):
            admission = admit(member.opened)
            if 0 < admission.wait <= self._timing.longest_wait:
                self._say_quota(admission)
                return admission.wait
            self._over("quota")
            member = replace(member, opened=admission.opened)
        try:
            result = sync_one(member, self._sync)
        except Exception as error:  # noqa: BLE001 - a bug; the worker outlives it, and its text may hold a secret
            kind = type(error).__name__
            bug = OkrsyncError(
                Message("syncing {workspace}", workspace=scope.workspace),
                Message("a bug of okrsync ({kind})", kind=kind),
            )
            return Result(member, error=bug)
        record_unsynced(result, self._clock())
        return result

    def _say_quota(self, admission: Admission) -> None:
        until = self._clock() + timedelta(seconds=admission.wait)
        self._say(
            "quota",
            Message(
                "the quota of a {service} account is used up: workspaces that need it wait until {until}",
                service=admission.service,
                until=f"{until.astimezone(UTC):%H:%M:%S} UTC",
            ),
        )

    def _member(self, scope: Scope) -> Member | None:
        """Open a workspace as it is now; None if the fleet has none such any more."""
        known = self._roster.members.get(scope)
        if known is None:
            self._refresh()
            known = self._roster.members.get(scope)
        if known is None or not known.file.exists():
            return None
        if known.error and known.opened:
            return known
        [member] = open_members({known.file: self._roster.fleet.terms[known.file]})
        return member


def _paused(place: Place, now: datetime) -> set[str]:
    with suppress(OkrsyncError), open_place(place, readonly=True) as ledger:
        return set(ledger.last_runs.paused(now))
    return set()


def _without_faults(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Leave out what the loss of the database did to a job; `serve` reports it."""
    if not isinstance(context.get("exception"), FAULTS):
        loop.default_exception_handler(context)


def _lost(place: Place, error: BaseException) -> Message:
    kind = type(error.__cause__ or error).__name__
    return Message("the database {place} does not answer ({kind}); waiting for it", place=place.shown, kind=kind)
