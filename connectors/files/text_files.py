"""Decode text files with unknown encodings, and parse and write CSV record by record."""

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from config.message import Message

DELIMITERS = (",", "\t", ";")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BIG5 = "cp950"
"""Codec for Big5 as written by Windows and Excel in Taiwan."""

_LARGEST_FIELD = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Text:
    """A decoded file: its text, and the codec and byte order mark for writing it back."""

    text: str
    encoding: str
    bom: bytes = b""

    @property
    def guessed(self) -> str:
        """Display name of a legacy encoding: `Big5` for cp950; empty for any other encoding."""
        return "Big5" if self.encoding == _BIG5 else ""

    def encode(self, text: str) -> bytes:
        """Encode another text in the same encoding. Raises ValueError with the first character it cannot represent."""
        try:
            return self.bom + text.encode(self.encoding)
        except UnicodeEncodeError as exc:
            raise ValueError(
                Message(
                    "{text!r} cannot be written in {guessed}",
                    text=text[exc.start],
                    guessed=self.guessed or self.encoding,
                )
            ) from exc


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a CSV: its fields, and its original text with the line end."""

    fields: list[str]
    raw: str


def decode(data: bytes, encoding: str = "") -> Text:
    """Decode a file by `encoding` if stated, else by its byte order mark, else as UTF-8, else as Big5.

    Raises ValueError: no encoding fits, or the stated encoding is unknown or does not fit.
    """
    if encoding:
        return _stated(data, encoding)
    for bom, name in _BOMS:
        if data.startswith(bom):
            return Text(_decoded(data[len(bom) :], name), name, bom)
    if b"\x00" in data:
        raise ValueError(Message("it holds NUL bytes, as UTF-16 without a byte order mark does"))
    try:
        return Text(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as exc:
        first = Message("byte {start} is no UTF-8", start=exc.start + 1)
    try:
        return Text(data.decode(_BIG5), _BIG5)
    except UnicodeDecodeError as exc:
        raise ValueError(Message("{first}, and byte {start} no Big5", first=first, start=exc.start + 1)) from exc


def find_delimiter(text: str) -> str:
    """Detect the delimiter of a CSV: the comma, tab or semicolon that gives the first non-empty record most fields."""
    widths = {}
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            first = next((record for record in reader if any(field.strip() for field in record)), [])
        except csv.Error:
            first = []
        widths[delimiter] = len(first)
    return max(DELIMITERS, key=lambda delimiter: widths[delimiter])


def parse_csv(text: str, delimiter: str) -> list[Record]:
    """Parse a CSV into records, with strict quoting, so that a quote that is never closed does not swallow rows.

    Raises ValueError with the line at which the invalid record begins.
    """
    csv.field_size_limit(_LARGEST_FIELD)
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    records: list[Record] = []
    done = 0
    try:
        for fields in reader:
            records.append(Record(fields, "".join(lines[done : reader.line_num])))
            done = reader.line_num
    except csv.Error as exc:
        raise ValueError(
            Message("the record that begins in line {done} is no CSV ({exc})", done=done + 1, exc=exc)
        ) from exc
    return records


def write_record(fields: Sequence[str], delimiter: str, end: str, *, quote_all: bool) -> str:
    """Format one record as CSV with the line end `end`; fields are quoted where needed, or all with `quote_all`."""
    out = io.StringIO(newline="")
    if quote_all:
        csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerow(fields)
    else:
        csv.writer(out, delimiter=delimiter, lineterminator=end).writerow(fields)
    return out.getvalue()


def line_end(text: str) -> str:
    """Return the first line end in the text: CRLF, LF or CR; LF for a text of one line."""
    found = [(text.find(end), -len(end), end) for end in ("\r\n", "\n", "\r") if end in text]
    return min(found)[2] if found else "\n"


def _stated(data: bytes, encoding: str) -> Text:
    try:
        codec = codecs.lookup(encoding)
    except LookupError as exc:
        raise ValueError(
            Message("there is no encoding {encoding!r}; write utf-8, utf-16, big5 or cp950", encoding=encoding)
        ) from exc
    if not codec._is_text_encoding:  # noqa: SLF001 - the only way to tell rot13 and base64 from encodings
        raise ValueError(Message("{encoding!r} is no encoding of texts", encoding=encoding))
    name = {"big5": _BIG5}.get(codec.name, codec.name)
    bom, plain = next(((bom, plain) for bom, plain in _BOMS if data.startswith(bom)), (b"", ""))
    if plain and name.replace("-sig", "").split("-le")[0].split("-be")[0] in (plain, plain[:6]):
        return Text(_decoded(data[len(bom) :], plain), plain, bom)
    return Text(_decoded(data, name), "utf-8" if name == "utf-8-sig" else name)


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, ValueError) as exc:
        raise ValueError(
            Message("it is not {encoding} ({reason})", encoding=encoding, reason=getattr(exc, "reason", exc))
        ) from exc
