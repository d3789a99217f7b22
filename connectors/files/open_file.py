"""Read local files with bounds: regular files only, up to a maximum size."""

import os
import stat
from pathlib import Path

from config.message import Message

LARGEST_MEBIBYTES = 100
"""Maximum size of a file in MiB."""


class UnusableFileError(ValueError):
    """A folder, FIFO, socket or device, or a file that is too large."""


def read_file(path: Path, *, mebibytes: int = LARGEST_MEBIBYTES) -> bytes:
    """Return the content of a regular file. Raises UnusableFileError, OSError."""
    with open(path, "rb", opener=_open_at_once) as stream:
        found = os.fstat(stream.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise UnusableFileError(Message("it is a pipe or a device, not a file"))
        most = mebibytes << 20
        data = b"" if found.st_size > most else stream.read(most + 1)  # the size may be out of date
        size = max(found.st_size, len(data))
        if size > most:
            raise UnusableFileError(
                Message("it has {size:,} MiB, more than {most}", size=-(-size >> 20), most=mebibytes)
            )
        return data


def _open_at_once(path: str, flags: int) -> int:
    """Open a file without waiting for the other end of a FIFO."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
