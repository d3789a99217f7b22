"""What a workbook may be, and all that zipfile, openpyxl and expat raise on one that is damaged or made to harm.

Entities and external references are refused by defusedxml, which openpyxl uses where it is installed.
"""

import io
import zipfile
import zlib
from xml.etree.ElementTree import ParseError

from config.message import Message

LARGEST_MEBIBYTES = 256
"""How large the parts of a workbook may be together, unpacked."""

MOST_CELLS = 2_000_000
"""How many cells a tab of an OKR sheet may have between its first cell and its last one."""

FAULTS = (
    ValueError, KeyError, TypeError, AttributeError, IndexError, StopIteration, OverflowError, RuntimeError, OSError,
    EOFError, ParseError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


class TooLargeError(ValueError):
    """A workbook that would not fit."""


def reason(exc: BaseException) -> str:
    """What a message says of a fault: its type, or that the workbook is too large."""
    return str(exc) if isinstance(exc, TooLargeError) else type(exc).__name__


def require_small(data: bytes) -> None:
    """Raise TooLargeError for one that unpacks to more than 256 MiB. zipfile reads no more than is announced."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(info.file_size for info in archive.infolist()) > LARGEST_MEBIBYTES << 20:
            raise TooLargeError(
                Message("it unpacks to more than {largest_mebibytes} MiB", largest_mebibytes=LARGEST_MEBIBYTES)
            )
