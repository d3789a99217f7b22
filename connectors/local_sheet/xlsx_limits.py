"""Size limits of workbooks, and the exceptions of zipfile, openpyxl and expat for damaged or malicious files.

Entities and external references are refused by defusedxml, which openpyxl uses where it is installed.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from xml.etree.ElementTree import ParseError

from config.message import Message
from connectors.grids.a1 import column_of

LARGEST_MEBIBYTES = 256
"""Maximum total size of the decompressed parts of a workbook, in MiB."""

MOST_CELLS = 2_000_000
"""Maximum number of cells (rows x columns) of a tab of an OKR sheet."""

MOST_CLAIMS = 10_000
"""Maximum number of merged areas, and of areas with a link, of a worksheet: openpyxl compares each with the others."""

MOST_CLAIMED = 100_000
"""Maximum number of cells in these areas: openpyxl creates each, be it empty."""

_CLAIM = re.compile(rb"""<(?:\w+:)?(?:mergeCell|hyperlink)\b[^>]*?\bref=["'](\w+)(?::(\w+))?["']""")
_PLACE = re.compile(rb"([A-Z]{1,3})(\d{1,7})")

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


def require_few_claims(data: bytes) -> None:
    """Check the merged areas and links of a workbook before openpyxl reads it whole. Raises TooLargeError."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if "/worksheets/" in name and name.endswith(".xml"):
                _require_few(_CLAIM.findall(archive.read(name)))


def _require_few(claims: Sequence[tuple[bytes, bytes]]) -> None:
    areas = sum(bool(last) for _, last in claims)
    if areas > MOST_CLAIMS:
        raise TooLargeError(
            Message("it has {count:,} merged areas and links, more than {most:,}", count=areas, most=MOST_CLAIMS)
        )
    if sum(_size(first, last or first) for first, last in claims) > MOST_CLAIMED:
        raise TooLargeError(Message("its merged areas and links cover more than {most:,} cells", most=MOST_CLAIMED))


def _size(first: bytes, last: bytes) -> int:
    """Return the number of cells of an area, such as A3:B1048576; 0 for one that is no area."""
    ends = _PLACE.fullmatch(first), _PLACE.fullmatch(last)
    if ends[0] is None or ends[1] is None:
        return 0
    (left, top), (right, bottom) = ((column_of(end[1].decode()), int(end[2])) for end in ends if end)
    return (abs(right - left) + 1) * (abs(bottom - top) + 1)
