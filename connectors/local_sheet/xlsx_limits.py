"""Limits of workbooks before they are parsed, and the exceptions of zipfile and expat for bad files."""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from typing import NoReturn
from xml.etree.ElementTree import ParseError
from xml.parsers import expat

from config.message import Message
from connectors.grids.a1 import column_of

LARGEST_MEBIBYTES = 256
"""Maximum total size of the decompressed parts of a workbook, in MiB."""

LARGEST_SMALL_PART = 8 << 20
"""Maximum size of a part that is parsed as a whole: the list of tabs, and the styles."""

MOST_CELLS = 2_000_000
"""Maximum number of cells (rows x columns) of a tab of an OKR sheet."""

MOST_CLAIMS = 10_000
"""Maximum number of merged areas, and of areas with a link, of a worksheet."""

MOST_CLAIMED = 100_000
"""Maximum number of cells in these areas: each becomes a locked cell, be it empty."""

_CLAIM = re.compile(rb"""<(?:\w+:)?(?:mergeCell|hyperlink)\b[^>]*?\bref=["'](\w+)(?::(\w+))?["']""")
_PLACE = re.compile(rb"([A-Z]{1,3})(\d{1,7})")

FAULTS = (
    ValueError, KeyError, TypeError, AttributeError, IndexError, StopIteration, OverflowError, RuntimeError, OSError,
    EOFError, ParseError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


class TooLargeError(ValueError):
    """A workbook above the size limit."""


class DocumentTypeError(ValueError):
    """A part declares a document type, which may define entities that expand without end or name other files."""


class _RootElement(Exception):  # noqa: N818 - ends a search
    """The first element of a part, before which a document type stands."""


def reason(exc: BaseException) -> str:
    """Return a short reason for a message: the text of a refusal of this module, else the type of the exception."""
    return str(exc) if isinstance(exc, (TooLargeError, DocumentTypeError)) else type(exc).__name__


def require_safe(data: bytes) -> None:
    """Check the decompressed size of a workbook, and that no part declares a document type.

    The size is the one stated in the archive; zipfile reads no more than that.

    Raises:
        TooLargeError: above LARGEST_MEBIBYTES.
        DocumentTypeError: entities, in any part and encoding.
        zipfile.BadZipFile: no archive.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(info.file_size for info in archive.infolist()) > LARGEST_MEBIBYTES << 20:
            raise TooLargeError(
                Message("it unpacks to more than {largest_mebibytes} MiB", largest_mebibytes=LARGEST_MEBIBYTES)
            )
        for info in archive.infolist():
            _require_no_document_type(archive, info)


def _require_no_document_type(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = _stop
    try:
        with archive.open(part) as stream:
            parser.ParseFile(stream)
    except DocumentTypeError:
        raise
    except (_RootElement, expat.ExpatError, *FAULTS):
        return  # a damaged part, or one that is no XML, is refused by whoever needs it


def _refuse(*_: object) -> NoReturn:
    raise DocumentTypeError(Message("its XML has a document type, as no workbook has"))


def _stop(*_: object) -> NoReturn:
    raise _RootElement


def require_few_claims(parts: Mapping[str, bytes]) -> None:
    """Check the merged areas and links of a workbook's worksheets. Raises TooLargeError."""
    for name, data in parts.items():
        if "/worksheets/" in name and name.endswith(".xml"):
            _require_few(_CLAIM.findall(data))


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
