"""Parse CSV record by record, detect its delimiter, and write records."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from operator import itemgetter

from config.dataclass import dataclass
from config.message import Message

LONGEST_LINE = 1 << 22
"""Maximum number of characters of a line and of a field; a longer one is not a table, or a quote is never closed."""

_DELIMITERS = (",", "\t", ";", "|")
"""Delimiters that are detected; of two that fit equally well the first wins."""

_SAMPLE_LINES = 1000
_UNCLOSED = "unexpected end of data"
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


class CsvError(ValueError):
    """A text that is not a CSV."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a CSV: its fields, its original text with the line end, and the number of its first line."""

    fields: list[str]
    raw: str
    line: int = 0


class _Lines:
    """Iterator over the lines of a text that keeps those of the current record."""

    def __init__(self, text: str) -> None:
        self.number = 0
        self.taken: list[str] = []
        self._found = _LINE.finditer(text)

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        found = next(self._found)
        self.number += 1
        if found.end() - found.start() > LONGEST_LINE:
            raise CsvError(
                Message("line {line} has more than {most:,} characters", line=self.number, most=LONGEST_LINE)
            )
        self.taken.append(found[0])
        return found[0]


def find_delimiter(text: str) -> str:
    """Detect the delimiter of a CSV: the one by which most records have the same number of fields, two or more."""
    lines = list(islice(_Lines(text), _SAMPLE_LINES))
    scores = {delimiter: _alike(lines, delimiter) for delimiter in _DELIMITERS}
    return max(_DELIMITERS, key=lambda delimiter: scores[delimiter])


def _alike(lines: Sequence[str], delimiter: str) -> int:
    """Return how many records have the most frequent number of fields among those with at least two fields."""
    csv.field_size_limit(LONGEST_LINE)
    widths: Counter[int] = Counter()
    try:
        widths.update(len(fields) for fields in csv.reader(lines, delimiter=delimiter) if any(map(str.strip, fields)))
    except csv.Error:
        return 0
    del widths[1]
    return max(widths.values(), default=0)


def parse_csv(text: str, delimiter: str) -> Iterator[Record]:
    """Yield the records of a CSV, with strict quoting, so that a quote that is never closed does not swallow rows.

    A line with a field such as `"Add" button` keeps its quotes as characters if it has as many fields as those above.

    Raises CsvError with the line at which the invalid record begins.
    """
    csv.field_size_limit(LONGEST_LINE)
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    width = 0
    while True:
        first = lines.number + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as exc:
            fields = _with_quotes(lines.taken, delimiter)
            if str(exc) == _UNCLOSED or not fields or width not in (0, len(fields)):
                raise _quote_error(first, str(exc)) from exc
        width = max(width, len(fields))
        yield Record(fields, "".join(lines.taken), first)
        lines.taken.clear()


def parse_fields(text: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the fields of the records of a CSV. Raises CsvError, as parse_csv does.

    Plain records, which are nearly all, are left to Python's csv module, which is several times faster.
    """
    csv.field_size_limit(LONGEST_LINE)
    count = 0
    if not _has_long_line(text):
        lines = map(itemgetter(0), _LINE.finditer(text))
        try:
            for fields in csv.reader(lines, delimiter=delimiter, strict=True):
                count += 1
                yield fields
        except csv.Error:
            pass  # it is raised again below with its line, or the record keeps its quotes
        else:
            return
    for record in islice(parse_csv(text, delimiter), count, None):
        yield record.fields


def _has_long_line(text: str) -> bool:
    """Return whether a line is too long, looking for one line end in as many characters as a line may have."""
    start = 0
    while len(text) - start > LONGEST_LINE:
        end = start + LONGEST_LINE
        start = max(text.rfind("\n", start, end), text.rfind("\r", start, end)) + 1
        if not start:
            return True
    return False


def _with_quotes(lines: Sequence[str], delimiter: str) -> list[str]:
    """Split a record of one line in which quotes are characters; empty for several lines."""
    if len(lines) != 1:
        return []
    fields = lines[0].rstrip("\r\n").split(delimiter)
    return [field[1:-1] if _is_quoted(field) else field for field in fields]


def _is_quoted(field: str) -> bool:
    return len(field) > 1 and field[0] == field[-1] == '"' and '"' not in field[1:-1]


def _quote_error(line: int, why: str) -> CsvError:
    if why == _UNCLOSED:
        return CsvError(Message("a quote that opens in line {line} is never closed", line=line))
    if "field limit" in why:
        return CsvError(
            Message(
                "a field that begins in line {line} has more than {most:,} characters: is a quote never closed?",
                line=line,
                most=LONGEST_LINE,
            )
        )
    return CsvError(Message("in line {line}, text follows a quote that closes a field", line=line))


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
