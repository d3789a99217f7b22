"""Text files as people save them: encodings found out, CSV taken apart record by record."""

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
"""Big5 as Windows and Excel in Taiwan write it."""

_LARGEST_FIELD = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Text:
    """A decoded file: its text, the codec and the byte order mark to write it back with."""

    text: str
    encoding: str
    bom: bytes = b""

    @property
    def guessed(self) -> str:
        """The encoding's name for people where it was found out by trying; empty where it was plain."""
        return "Big5" if self.encoding == _BIG5 else ""

    def encode(self, text: str) -> bytes:
        """Another text in the same encoding. Raises ValueError, naming the first character it does not have."""
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
    """One record of a CSV: its fields, and the text it was made of with its line end."""

    fields: list[str]
    raw: str


def decode(data: bytes, encoding: str = "") -> Text:
    """The text of a file: by `encoding` if stated, else by its byte order mark, else UTF-8, else Big5.

    Raises:
        ValueError: it is none of these, or the stated encoding is unknown or does not fit.
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
    """The delimiter that gives the first filled record the most fields: a comma, a tab or a semicolon."""
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
    """The records of a CSV. Quotes are taken strictly: one that is never closed would swallow rows.

    Raises:
        ValueError: with the line at which it stopped making sense.
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
    """One record as CSV; quotes stand where they are needed, or everywhere."""
    out = io.StringIO(newline="")
    if quote_all:
        csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerow(fields)
    else:
        csv.writer(out, delimiter=delimiter, lineterminator=end).writerow(fields)
    return out.getvalue()


def line_end(text: str) -> str:
    """The line end that the text uses first; a text of one line gets the line feed."""
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
