"""Edit the XML of one worksheet: change some rows and cells, and keep all other bytes (ECMA-376 part 1, 18.3.1).

Positions count from 0 here and from 1 in the file.
"""

import re
from collections.abc import Callable
from dataclasses import field
from xml.parsers import expat

from config.dataclass import dataclass
from config.message import Message
from connectors.grids.a1 import cell_name, column_of

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
"""Namespace of the elements of worksheets, styles and texts, as ElementTree writes it."""

_REFERENCE = re.compile(rb'( r=")[^"]*(")')
_SPANS = re.compile(rb' spans="[^"]*"')
_CELL = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)")
_AREAS = re.compile(rb'( (?:ref|sqref)="|<xm:sqref>)([^"<]*)')
_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\b[^>]*?(?:/>|>\s*</(?:\w+:)?dimension>)")


@dataclass(slots=True)
class XmlCell:
    """One cell: the bytes of its element, the number of its style, and whether it holds a formula."""

    column: int
    raw: bytes
    style: str = "0"
    formula: bool = False


@dataclass(slots=True)
class XmlRow:
    """One row: its start tag, and its cells by column."""

    number: int
    head: bytes
    cells: dict[int, XmlCell] = field(default_factory=dict)
    style: str = ""


@dataclass(slots=True)
class SheetXml:
    """A parsed worksheet: the bytes before the rows, the rows by number, and the bytes after them."""

    before: bytes
    after: bytes
    prefix: str
    rows: dict[int, XmlRow]
    column_styles: list[tuple[int, int, str]]

    def to_bytes(self) -> bytes:
        """Serialize the worksheet, without the optional `dimension` element."""
        name = f"{self.prefix}sheetData".encode()
        rows = b"".join(self._row(self.rows[number]) for number in sorted(self.rows))
        before = _DIMENSION.sub(b"", self.before)
        return b"".join((before, b"<", name, b">", rows, b"</", name, b">", self.after))

    def _row(self, row: XmlRow) -> bytes:
        head = _with_reference(_SPANS.sub(b"", row.head), str(row.number + 1))
        cells = (_with_reference(row.cells[column].raw, cell_name(row.number, column)) for column in sorted(row.cells))
        return b"".join((head, *cells, f"</{self.prefix}row>".encode()))

    def style_at(self, row: int, column: int) -> str:
        """Return the style number of a cell, or of a new cell there: its own, its row's or its column's."""
        place = self.rows.get(row)
        if place is not None and column in place.cells:
            return place.cells[column].style
        if place is not None and place.style:
            return place.style
        return next((style for first, last, style in self.column_styles if first <= column <= last), "0")

    def put(self, row: int, cell: XmlCell) -> None:
        """Set one cell, and create its row where there is none."""
        place = self.rows.setdefault(row, XmlRow(row, f"<{self.prefix}row>".encode()))
        place.cells[cell.column] = cell

    def insert(self, row: int, count: int) -> None:
        """Insert rows above `row`, formatted like the row above; the rows from `row` on move down."""
        moved = {}
        for number, place in self.rows.items():
            place.number = number + count if number >= row else number
            moved[place.number] = place
        self.rows = moved
        self.after = shift_areas(self.after, row, count)
        above = self.rows.get(row - 1)
        if above is None:
            return
        for number in range(row, row + count):
            cells = {column: self._blank(column, cell.style) for column, cell in above.cells.items()}
            self.rows[number] = XmlRow(number, above.head, cells, above.style)

    def _blank(self, column: int, style: str) -> XmlCell:
        return XmlCell(column, f'<{self.prefix}c s="{style}"/>'.encode(), style)


def parse_sheet(data: bytes) -> SheetXml:
    """Parse a worksheet. Raises ValueError: no XML, UTF-16, no sheetData, or a document type declaration."""
    return _Reader(data).parse()


class _Reader:
    """Parser that finds the byte positions of elements by their path: worksheet, sheetData, row, c, f."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.rows: dict[int, XmlRow] = {}
        self.column_styles: list[tuple[int, int, str]] = []
        self.path: list[str] = []
        self.prefix = ""
        self.data_span = (-1, -1)
        self.row: XmlRow | None = None
        self.cell: XmlCell | None = None
        self.cell_start = 0
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = _refuse

    def parse(self) -> SheetXml:
        try:
            self.parser.Parse(self.data, True)
        except expat.ExpatError as exc:
            raise ValueError(Message("a worksheet is not XML ({exc})", exc=exc)) from exc
        start, end = self.data_span
        if start < 0 or self.data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise ValueError(Message("a worksheet has no rows"))
        return SheetXml(self.data[:start], self.data[end:], self.prefix, self.rows, self.column_styles)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        prefix, _, local = name.rpartition(":")
        self.path.append(local)
        at = self.parser.CurrentByteIndex
        if self.path[1:] == ["sheetData"]:
            self.prefix = f"{prefix}:" if prefix else ""
            self.data_span = (at, -1)
        elif self.path[1:] == ["sheetData", "row"]:
            number = int(attributes["r"]) - 1 if "r" in attributes else max(self.rows, default=-1) + 1
            head = self.data[at : self.data.index(b">", at) + 1]
            style = attributes.get("s", "") if attributes.get("customFormat") in ("1", "true") else ""
            self.row = self.rows[number] = XmlRow(number, head.replace(b"/>", b">"), style=style)
        elif self.path[1:] == ["sheetData", "row", "c"] and self.row is not None:
            letters = re.match(r"[A-Z]+", attributes.get("r", ""))
            column = column_of(letters[0]) if letters else max(self.row.cells, default=-1) + 1
            self.cell = XmlCell(column, b"", attributes.get("s", "0"))
            self.cell_start = at
        elif local == "f" and self.cell is not None:
            self.cell.formula = True
        elif self.path[1:] == ["cols", "col"] and attributes.get("style"):
            first, last = int(attributes["min"]) - 1, int(attributes["max"]) - 1
            self.column_styles.append((first, last, attributes["style"]))

    def _end(self, _name: str) -> None:
        path = self.path[1:]
        self.path.pop()
        if path == ["sheetData", "row", "c"] and self.cell is not None and self.row is not None:
            self.cell.raw = self.data[self.cell_start : self._after(self.cell_start)]
            self.row.cells[self.cell.column] = self.cell
            self.cell = None
        elif path == ["sheetData"]:
            self.data_span = (self.data_span[0], self._after(self.data_span[0]))

    def _after(self, start: int) -> int:
        """Return the end of the element that began at `start`: that of its empty tag, or of the current end tag."""
        tag_end = self.data.index(b">", start)
        if self.data[tag_end - 1 : tag_end] == b"/":
            return tag_end + 1
        return self.data.index(b">", self.parser.CurrentByteIndex) + 1


def _refuse(*_: object) -> None:
    """Refuse a document type declaration, which worksheets do not have and which may define expanding entities."""
    raise ValueError(Message("a worksheet declares a document type"))


def shift_areas(xml: bytes, row: int, count: int) -> bytes:
    """Move the parts of every `ref` and `sqref` at or below `row` (from 0) down by `count` rows."""

    def moved(match: re.Match[bytes]) -> bytes:
        return match[1] + shifted(match[2].decode(), row, count).encode()

    return _AREAS.sub(moved, xml)


def shifted(areas: str, row: int, count: int) -> str:
    """Move the rows of areas such as `A1:B5 C9` at or below `row` (from 0) down by `count` rows."""
    move: Callable[[re.Match[str]], str] = lambda match: (  # noqa: E731 - the type of a lambda needs a name
        f"{match[1]}{int(match[2]) + (count if int(match[2]) > row else 0)}"
    )
    return _CELL.sub(move, areas)


def _with_reference(raw: bytes, reference: str) -> bytes:
    """Set the `r` attribute of an element."""
    end = raw.index(b">")
    head, rest = raw[:end], raw[end:]
    replaced, count = _REFERENCE.subn(lambda match: match[1] + reference.encode() + match[2], head, count=1)
    if count:
        return replaced + rest
    name = re.match(rb"<[\w:.-]+", head)
    place = name.end() if name else len(head)
    return b"".join((head[:place], b' r="', reference.encode(), b'"', head[place:], rest))
