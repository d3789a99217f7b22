"""Runs `okrsync` and dies at a marked step, as `kill -9` would have it: `python kill_driver.py STEP sync`.

Steps: begin, intent, write, answer, repair, record, migrate; `at:SECONDS` kills at that time; `full:STEP` finds the
disk full there instead. The product knows nothing of it.
"""

import errno
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def before(owner: Any, name: str, act: Callable[[], None], call: int = 1) -> None:
    """Act before the given call of a function."""
    real = getattr(owner, name)
    count = 0

    def wrapped(*arguments: Any, **named: Any) -> Any:
        nonlocal count
        count += 1
        if count == call:
            act()
        return real(*arguments, **named)

    setattr(owner, name, wrapped)


def after(owner: Any, name: str, act: Callable[[], None]) -> None:
    """Act after a function's first call."""
    real = getattr(owner, name)

    def wrapped(*arguments: Any, **named: Any) -> Any:
        done = real(*arguments, **named)
        act()
        return done

    setattr(owner, name, wrapped)


def mark(step: str, act: Callable[[], None]) -> None:
    """Arrange for `act` at a step."""
    from connectors.google_sheets.client import SheetsClient
    from syncer.ledger import store as ledger_store
    from syncer.ledger.ledger import Ledger

    match step:
        case "begin":
            before(Ledger, "begin", act)
        case "intent":
            before(Ledger, "record_cells", act)
        case "write":
            before(SheetsClient, "batch_update", act)
        case "answer":
            after(SheetsClient, "batch_update", act)
        case "repair":
            before(SheetsClient, "batch_update", act, call=2)
        case "record":
            before(Ledger, "record_values", act)
        case "migrate":
            after(ledger_store, "_migrate", act)
        case _:
            raise ValueError(step)


def main() -> int:
    step, *arguments = sys.argv[1:]
    kind, _, rest = step.partition(":")
    if kind == "at":
        threading.Timer(float(rest), die).start()
    elif kind == "full":
        mark(rest, full)
    else:
        mark(step, die)
    from syncer.cli import run_guarded

    return run_guarded(arguments)


if __name__ == "__main__":
    os._exit(main())
