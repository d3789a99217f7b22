"""Merged cells, totals rows of tables and uncalculated formulas of a worksheet, from its XML."""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from config.message import Message
from connectors.files.limits import TooManyCellsError
from connectors.grids.a1 import Area, column_of, parse_area

MOST_CELLS = 240_000
"""Maximum number of cells of a worksheet and of different texts of its workbook together: openpyxl takes longer for
each than all else takes for a cell of a CSV.
"""

MOST_MERGES = 100_000

_CELL_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_CHUNK = 1 << 20
_LARGEST_PART = 8 << 20
_COUNTED = {
    "cells": re.compile(rb"<(?:\w+:)?c[\s>/]"),
    "formulas": re.compile(rb"<(?:\w+:)?f[\s>/]"),
    "merges": re.compile(rb"<(?:\w+:)?mergeCell[\s>/]"),
    "texts": re.compile(rb"<(?:\w+:)?si[\s>/]"),
}
_STRICT = (
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
)


@dataclass(slots=True)
class SheetFacts:
    """Merged areas, areas of totals rows by the names of their tables, and cells (row, column) never calculated."""

    merges: list[Area] = field(default_factory=list)
    totals: dict[str, Area] = field(default_factory=dict)
    uncalculated: set[tuple[int, int]] = field(default_factory=set)


def as_transitional(data: bytes) -> bytes:
    """Return a Strict Open XML workbook with the namespaces of ordinary ones; any other workbook as it is."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        book = archive.read("xl/workbook.xml") if "xl/workbook.xml" in archive.namelist() else b""
        if _STRICT[0][0] not in book:
            return data
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as copy:
            for info in archive.infolist():
                part = archive.read(info)
                for strict, ordinary in _STRICT:
                    part = part.replace(strict, ordinary)
                copy.writestr(info.filename, part)
        return made.getvalue()


def require_few(archive: zipfile.ZipFile) -> int:
    """Check the parts that every tab shares; return the number of different texts. Raises TooManyCellsError."""
    texts = 0
    for info in archive.infolist():
        name = info.filename.lower()
        if name.endswith("sharedstrings.xml"):
            texts += _counts(archive, info.filename)["texts"]
            _require(texts, MOST_CELLS, Message("texts"))
        elif name.endswith((".xml", ".rels")) and "/worksheets/" not in name and info.file_size > _LARGEST_PART:
            raise TooManyCellsError(
                Message("its part {name} has more than {most} MiB", name=info.filename, most=_LARGEST_PART >> 20)
            )
    return texts


def facts_of(archive: zipfile.ZipFile, part: str, texts: int = 0) -> SheetFacts:
    """Read the facts of a worksheet in a workbook of so many texts. Raises TooManyCellsError, expat.ExpatError."""
    counts = _counts(archive, part)
    _require(counts["cells"] + texts, MOST_CELLS, Message("cells and different texts"))
    _require(counts["merges"], MOST_MERGES, Message("merged cells"))
    facts = SheetFacts(totals=dict(_totals(archive, part)))
    if counts["formulas"] or counts["merges"]:
        _Scan(facts).read(archive, part)
    return facts


def _require(count: int, most: int, what: Message) -> None:
    if count > most:
        raise TooManyCellsError(
            Message("it has {count:,} {what}, more than {most:,}", count=count, what=what, most=most)
        )


def _counts(archive: zipfile.ZipFile, part: str) -> dict[str, int]:
    """Count elements of a part without parsing it."""
    counts = dict.fromkeys(_COUNTED, 0)
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            text, tail = _whole_tags(tail + chunk)
            for name, pattern in _COUNTED.items():
                counts[name] += sum(1 for _ in pattern.finditer(text))
    return counts


def _whole_tags(text: bytes) -> tuple[bytes, bytes]:
    """Split a chunk before its last tag, which may be cut; a chunk without any tag is kept whole."""
    cut = text.rfind(b"<")
    return (text[:cut], text[cut:]) if cut > 0 and len(text) - cut < _CHUNK else (text, b"")


def _totals(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[str, Area]]:
    """Yield the totals rows of the tables of a worksheet, by the name of the table."""
    folder, name = posixpath.split(part)
    relations = posixpath.join(folder, "_rels", f"{name}.rels")
    if relations not in archive.namelist():
        return
    for element in re.findall(rb"<(?:\w+:)?Relationship\b[^>]*>", archive.read(relations)):
        target = re.search(rb'Target="([^"]*)"', element)
        if b'/relationships/table"' not in element or target is None:
            continue
        table = posixpath.normpath(posixpath.join(folder, target[1].decode())).lstrip("/")
        head = archive.read(table)[:_CHUNK] if table in archive.namelist() else b""
        tag = re.search(rb"<(?:\w+:)?table\b[^>]*>", head)
        stated = {key: value.decode() for key, value in re.findall(rb'\b(\w+)="([^"]*)"', tag[0] if tag else b"")}
        rows = int(stated.get(b"totalsRowCount", "0"))
        area = parse_area(stated[b"ref"]) if rows and b"ref" in stated else None
        if area is not None and area.bottom is not None:
            yield stated.get(b"displayName", ""), Area("", area.bottom - rows, area.left, area.bottom, area.right)


class _Scan:
    """One pass over the XML of a worksheet."""

    def __init__(self, facts: SheetFacts) -> None:
        self._facts = facts
        self._row = self._column = -1
        self._formula = self._in_value = self._valued = self._is_text = False

    def read(self, archive: zipfile.ZipFile, part: str) -> None:
        """Parse the part. Raises expat.ExpatError."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        with archive.open(part) as stream:
            parser.ParseFile(stream)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(" ")[2]:
            case "row":
                self._row = int(attributes.get("r", self._row + 2)) - 1
                self._column = -1
            case "c":
                found = _CELL_REFERENCE.fullmatch(attributes.get("r", ""))
                self._column = column_of(found[1]) if found else self._column + 1
                self._formula = self._valued = False
                self._is_text = attributes.get("t") == "str"
            case "f":
                self._formula = True
            case "v":
                self._in_value = True
            case "mergeCell":
                self._facts.merges.append(parse_area(attributes.get("ref", "")))

    def _end(self, name: str) -> None:
        match name.rpartition(" ")[2]:
            case "v":
                self._in_value = False
            case "c":
                if self._formula and not self._valued and not self._is_text:
                    self._facts.uncalculated.add((self._row, self._column))

    def _text(self, _text: str) -> None:
        self._valued = self._valued or self._in_value
