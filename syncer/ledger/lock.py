"""One run at a time per workspace on this machine. The system frees the lock of a process that died."""

import hashlib
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from config.errors import OkrsyncError
from config.message import Message
from syncer.ledger.state_folder import make_state_folder


@contextmanager
def workspace_lock(folder: Path, key: str) -> Iterator[None]:
    """Hold the workspace named by `key`, or say at once who holds it. `folder` is made if need be, for its owner alone.

    Raises OkrsyncError when another run holds it, or the folder cannot be written. Who holds it stands in a file
    beside the lock, which is only ever shown: the lock itself is the system's.
    """
    from filelock import FileLock, Timeout

    name = hashlib.sha256(key.encode()).hexdigest()[:16]
    holder = folder / f"{name}.holder.json"
    try:
        make_state_folder(folder)
        lock = FileLock(folder / f"{name}.lock", blocking=False, mode=0o600)
        lock.acquire()
    except Timeout:
        raise OkrsyncError(
            "starting a run",
            Message("another run has this workspace ({holder})", holder=_holder(holder)),
            effect="Nothing was read or written.",
            advice="Wait until it has ended; a run that died frees its lock by itself.",
        ) from None
    except OSError as exc:
        raise OkrsyncError(
            "locking the workspace",
            f"{folder}: {type(exc).__name__}: {exc.strerror or exc}",
            effect="Nothing was read or written.",
            advice="Let this user write in that folder.",
        ) from exc
    try:
        with suppress(OSError):
            _say_who(holder)
        yield
    finally:
        with suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _say_who(path: Path) -> None:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    text = json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since})
    path.write_text(text, "utf-8")


def _holder(path: Path) -> str:
    """Who holds it, for people. The file may be missing or half written: its holder has just begun or is ending."""
    try:
        who = json.loads(path.read_text("utf-8"))
        return f"process {int(who['pid'])} on {who['host']} since {who['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "it does not say which"
