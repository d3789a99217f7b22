"""Run a job on a cron schedule in the foreground until a signal stops it."""

import _thread
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from threading import Event
from types import FrameType
from zoneinfo import ZoneInfo

from config.errors import OkrsyncError
from syncer.schedule.cron import Cron, parse_cron, times

LONGEST_WAIT_SECONDS = 60.0
"""Maximum length of one wait, so that sleep and clock changes of the machine are noticed."""

LARGEST_STEP_BACK = timedelta(days=1)
"""A clock set back by less waits for its next slot, so that none is run twice; by more, slots are recomputed."""

_MOST_COUNTED = 1000


def run_schedule(
    cron: str,
    zone: ZoneInfo,
    job: Callable[[], int],
    *,
    clock: Callable[[], datetime],
    wait: Callable[[float], bool],
    report: Callable[[str], None],
) -> int:
    """Run `job` at the times of `cron` in local time of `zone`, until `wait` returns True. Returns 0.

    A job that fails, by exit code or exception, is reported, and the schedule continues. Slots that pass during a job
    or while the machine sleeps are skipped and reported; after a sleep, the job runs once.

    Args:
        cron: five fields; see `parse_cron`.
        zone: time zone of the workspace.
        job: runs once and returns its exit code.
        clock: returns the current time, timezone-aware.
        wait: waits up to so many seconds; True as soon as a stop is requested, such as `Event.wait`.
        report: prints one line.

    Raises:
        OkrsyncError: the expression cannot be parsed.
    """
    expression = parse_cron(cron)
    seen = clock().astimezone(UTC)
    while True:
        due = next(times(expression, seen, zone))
        report(f"next run: {_written(due, zone)}")
        woke = _wait_until(due, seen, clock, wait)
        if woke is None:
            report("stopped")
            return 0
        if woke < due:
            report(f"the clock was set back to {_written(woke, zone)}; counting from there")
            seen = woke
            continue
        report(f"run of {_written(due, zone)}: {_outcome(job)}")
        seen = max(due, clock().astimezone(UTC))
        _report_missed(expression, due, seen, zone, report)


def stop_on_signals() -> Event:
    """Return an event set by SIGTERM or SIGINT, for `run_schedule(wait=event.wait)`.

    A second signal has its previous effect. Call this in the main thread only.
    """
    stop = Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def _stop(_number: int, _frame: FrameType | None) -> None:
        for number, handler in before.items():
            signal.signal(number, handler)
        # Event.set takes a lock that the interrupted wait may hold, so another thread takes it.
        _thread.start_new_thread(stop.set, ())

    for number in before:
        signal.signal(number, _stop)
    return stop


def _wait_until(
    due: datetime, seen: datetime, clock: Callable[[], datetime], wait: Callable[[float], bool]
) -> datetime | None:
    """Wait until `due`. Return the current time, which is far before `seen` if the clock was set back; None: stop."""
    while True:
        now = clock().astimezone(UTC)
        if now < seen - LARGEST_STEP_BACK:
            return now
        seen = max(seen, now)
        remaining = max((due - now).total_seconds(), 0.0)
        if wait(min(remaining, LONGEST_WAIT_SECONDS)):
            return None
        if not remaining:
            return now


def _outcome(job: Callable[[], int]) -> str:
    try:
        code: object = job()
    except OkrsyncError as exc:
        return f"failed: {exc}"
    except SystemExit as exc:
        code = exc.code
    except Exception as exc:  # noqa: BLE001 - the schedule outlives every failed run; what it says may hold a secret
        return f"failed: {type(exc).__name__}, {_place(exc)}"
    return "done" if not code else f"ended with exit code {code}"


def _place(exc: Exception) -> str:
    trace = exc.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "nowhere"


def _report_missed(cron: Cron, due: datetime, now: datetime, zone: ZoneInfo, report: Callable[[str], None]) -> None:
    """Report the slots that passed after `due`. They are not run: the next run reads everything anyway."""
    passed = takewhile(lambda slot: slot <= now, times(cron, due, zone))
    missed = list(islice(passed, _MOST_COUNTED))
    if missed:
        count = f"{len(missed)}{'+' if len(missed) == _MOST_COUNTED else ''}"
        slots = "slot" if len(missed) == 1 else "slots"
        report(
            f"{count} {slots} passed meanwhile and {'is' if len(missed) == 1 else 'are'} left out, "
            f"the first {_written(missed[0], zone)}"
        )


def _written(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"
