"""Runs `okrsync` and dies at a marked step, as `kill -9` would have it: `python kill_driver.py STEP sync`.

Steps: begin, intent, write, answer, upload, uploaded, record, migrate; never.
`full:STEP` finds the disk full there instead; `limit:BYTES` lets no file grow beyond. The product knows nothing of it.
`serve` does many runs, each in a fork of one process (`kill_kit.Warm`).
"""

import errno
import importlib
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
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
    from connectors.microsoft import okr_sheet as online
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
        case "upload":
            before(online, "upload", act)
        case "uploaded":
            after(online, "upload", act)
        case "record":
            before(Ledger, "record_check_ins", act)
        case "migrate":
            after(ledger_store, "_migrate", act)
        case "never":
            pass
        case _:
            raise ValueError(step)


def arm(step: str) -> None:
    """Arrange for what a step's name says."""
    kind, _, rest = step.partition(":")
    if kind == "full":
        mark(rest, full)
    elif kind == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(rest), int(rest)))
    else:
        mark(step, die)


def serve() -> int:
    """Import what the first line names; then for each line fork, run, and tell the process id and how it ended.

    A line that names a folder is run there, and what it said is told with its end. Forking a process that has one
    thread costs milliseconds where a new one takes a second.
    """
    for name in json.loads(sys.stdin.readline()):
        with suppress(ImportError):
            importlib.import_module(name)
    from syncer.cli import run_guarded

    for line in sys.stdin:
        asked = json.loads(line)
        heard = "folder" in asked
        ends = [os.pipe() if heard else (-1, os.open(os.devnull, os.O_WRONLY)) for _ in range(2)]
        pid = os.fork()
        if pid == 0:
            os.environ["OKRSYNC_NOW"] = asked["now"]
            os.chdir(asked.get("folder", "."))
            for handle, target in enumerate((os.open(os.devnull, os.O_RDONLY), *(into for _, into in ends))):
                os.dup2(target, handle)
            if asked["step"]:
                arm(asked["step"])
            code = run_guarded(asked["arguments"])
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        os.write(1, f"{pid}\n".encode())
        for _, into in ends:
            os.close(into)
        output = [os.fdopen(out, encoding="utf-8").read() for out, _ in ends] if heard else []
        _, status = os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        os.write(1, f"{json.dumps([code, *output]) if heard else code}\n".encode())
    return 0


def main() -> int:
    step, *arguments = sys.argv[1:]
    if step == "serve":
        return serve()
    arm(step)
    from syncer.cli import run_guarded

    return run_guarded(arguments)


if __name__ == "__main__":
    os._exit(main())
