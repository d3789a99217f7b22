"""Size limits of workbooks, and the exceptions of zipfile, openpyxl and expat for damaged or malicious files.

Entities and external references are refused by defusedxml, which openpyxl uses where it is installed.
"""

import io
import zipfile
import zlib
from xml.etree.ElementTree import ParseError

from config.message import Message

LARGEST_MEBIBYTES = 256
"""Maximum total size of the decompressed parts of a workbook, in MiB."""

MOST_CELLS = 2_000_000
"""Maximum number of cells (rows x columns) of a tab of an OKR sheet."""

FAULTS = (
    ValueError, KeyError, TypeError, AttributeError, IndexError, StopIteration, OverflowError, RuntimeError, OSError,
    EOFError, ParseError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


class TooLargeError(ValueError):
    """A workbook above the size limit."""


def reason(exc: BaseException) -> str:
    """Return a short reason for a message: the type of the exception, or the text of a TooLargeError."""
    return str(exc) if isinstance(exc, TooLargeError) else type(exc).__name__


def require_small(data: bytes) -> None:
    """Check the decompressed size of a workbook. Raises TooLargeError above LARGEST_MEBIBYTES, zipfile.BadZipFile.

    The check uses the sizes stated in the archive; zipfile reads no more than these.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(info.file_size for info in archive.infolist()) > LARGEST_MEBIBYTES << 20:
            raise TooLargeError(
                Message("it unpacks to more than {largest_mebibytes} MiB", largest_mebibytes=LARGEST_MEBIBYTES)
            )
