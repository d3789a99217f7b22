"""A lock per workspace on this machine, released by the operating system if its process dies; and its folder."""

import hashlib
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import BusyError, OkrsyncError
from config.message import Message

if TYPE_CHECKING:
    from filelock import BaseFileLock


@contextmanager
def workspace_lock(folder: Path, key: str, *, optional: bool = False) -> Iterator[None]:
    """Lock the workspace `key`; fail at once if another run has the lock.

    `folder` is created with mode 0700 if missing; where it is not writable, an `optional` lock is left out. A file next
    to the lock names its holder; it is only displayed. Raises BusyError if another run has the lock, OkrsyncError if it
    is not writable.
    """
    name = hashlib.sha256(key.encode()).hexdigest()[:16]
    holder = folder / f"{name}.holder.json"
    lock = _acquired(folder, name, holder, optional=optional)
    try:
        if lock:
            with suppress(OSError):
                _say_who(holder)
        yield
    finally:
        if lock:
            with suppress(OSError):
                holder.unlink(missing_ok=True)
            lock.release()


def _acquired(folder: Path, name: str, holder: Path, *, optional: bool) -> "BaseFileLock | None":
    from filelock import FileLock, Timeout

    try:
        make_state_folder(folder)
        lock = FileLock(folder / f"{name}.lock", blocking=False, mode=0o600)
        lock.acquire()
    except Timeout:
        raise BusyError(
            "starting a run",
            Message("another run is using this workspace ({holder})", holder=_holder(holder)),
            effect="Nothing was read or written.",
            advice="Wait until it has ended; a run that crashed releases its lock automatically.",
        ) from None
    except OSError as exc:
        if optional:
            return None
        raise OkrsyncError(
            "locking the workspace",
            f"{folder}: {type(exc).__name__}: {exc.strerror or exc}",
            effect="Nothing was read or written.",
            advice="Give this user write access to that folder.",
        ) from exc
    return lock


def _say_who(path: Path) -> None:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    text = json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since})
    path.write_text(text, "utf-8")


def _holder(path: Path) -> str:
    """Describe the process that holds the lock; its file may be missing or incomplete."""
    try:
        who = json.loads(path.read_text("utf-8"))
        return f"process {int(who['pid'])} on {who['host']} since {who['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "it does not say which"


def make_state_folder(folder: Path) -> None:
    """Create the folder with mode 0700 and a `.gitignore`; an existing folder is left as it is.

    Raises OSError.
    """
    if folder.exists():
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n", "utf-8")
