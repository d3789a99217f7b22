"""CSV as an OKR sheet of one tab. Unchanged records keep their bytes; the memory tab is in a separate CSV file.

A changed record loses its original quoting: its fields are quoted where needed, or all if all headers are quoted.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from config.dataclass import dataclass
from config.errors import SheetError
from config.message import Message
from config.scalars import parse_amount
from config.suggest import did_you_mean
from connectors.files.csv_records import Record, find_delimiter, line_end, parse_csv, write_record
from connectors.files.encodings import Text, decode
from connectors.local_sheet.xlsx_sheet import clean_text, rounded
from connectors.okr_sheet import EMPTY, MEMORY_TAB, Cell, CellValue, CellWrite, SheetBatch, Tab

_NOTHING = Message("Nothing was written.")
_FORMULA_LIKE = re.compile(r"'*[=+\-@\t\r]")
"""Texts that look like formulas, with any leading apostrophes, so that escaping can be undone exactly."""


@dataclass(slots=True)
class _Csv:
    """A parsed CSV. `end` is its line end."""

    text: Text
    delimiter: str
    end: str
    records: list[Record]

    def to_bytes(self) -> bytes:
        """Serialize the file. Raises ValueError for a character that its encoding cannot represent."""
        parts = [record.raw for record in self.records]
        closed = [part if part.endswith(("\n", "\r")) else part + self.end for part in parts[:-1]]
        return self.text.encode("".join([*closed, *parts[-1:]]))


def base_path(path: Path) -> Path:
    """Return the path of the memory file of a CSV: `okrs.okrsync.csv` for `okrs.csv`."""
    return path.with_name(f"{path.stem}.okrsync.csv")


def tabs_of(data: bytes, base: bytes | None, title: str, wanted: Sequence[str], doing: str) -> Mapping[str, Tab]:
    """Parse the CSV as the tab `title`, and its memory file `base` where there is one as MEMORY_TAB.

    Raises SheetError: a file cannot be parsed, or only other tabs are requested.
    """
    if wanted and title not in wanted:
        saw = Message(
            "a CSV has one tab, '{title}', and no '{wanted}'{meant}",
            title=title,
            wanted=wanted[0],
            meant=did_you_mean(wanted[0], [title]),
        )
        raise SheetError(doing, saw, effect=_NOTHING, advice="Leave out `okr_sheet.tabs`.")
    tabs = {title: _tab(_parse(data, doing), title)}
    if base is not None:
        tabs[MEMORY_TAB] = _tab(_parse(base, doing), MEMORY_TAB)
    return tabs


def apply(
    data: bytes, base: bytes | None, batch: SheetBatch, before: Mapping[str, Tab], doing: str
) -> tuple[bytes, bytes | None]:
    """Apply a batch to the CSV and its memory file; return the bytes of both.

    Raises SheetError: a new tab other than MEMORY_TAB, an unknown tab, or a character that the encoding cannot
    represent.
    """
    files = {title: _parse(base if title == MEMORY_TAB else data, doing) for title in before}
    for tab in batch.new_tabs:
        if tab.title != MEMORY_TAB:
            saw = Message("a CSV cannot hold a second tab, '{title}'", title=tab.title)
            advice = "Use an Excel workbook (.xlsx)."
            raise SheetError(doing, saw, effect=_NOTHING, advice=advice)
        files[MEMORY_TAB] = _Csv(Text("", "utf-8"), ",", "\n", [])
    for title in sorted({insert.tab for insert in batch.inserts} | {cell.tab for cell in batch.cells}):
        if title not in files:
            raise SheetError(
                doing, Message("there is no tab '{title}' any more", title=title), effect=_NOTHING, advice="Plan again."
            )
        _change(files[title], batch, title)
    try:
        made = {title: file.to_bytes() for title, file in files.items()}
    except ValueError as exc:
        advice = "Save the CSV as UTF-8 (Excel: CSV UTF-8), and run the command again."
        raise SheetError(doing, str(exc), effect=_NOTHING, advice=advice) from exc
    return next(made[title] for title in made if title != MEMORY_TAB), made.get(MEMORY_TAB)


def as_field(value: CellValue, *, percent: bool) -> str:
    """Format a value for a CSV: plain numbers, `62.5%`, ISO dates; texts that look like formulas are escaped."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        shown = rounded(value * 100) if percent else rounded(value)
        return f"{shown.normalize() + 0:f}{'%' if percent else ''}"
    return value.isoformat() if isinstance(value, date) else harmless(clean_text(value))


def harmless(text: str) -> str:
    """Escape a text that looks like a formula: `=1+1` is written as `'=1+1`, and read back without the apostrophe.

    Source: OWASP, "CSV Injection": spreadsheet programs run cells that begin with one of these characters.
    """
    return f"'{text}" if _FORMULA_LIKE.match(text) else text


def _parse(data: bytes | None, doing: str) -> _Csv:
    try:
        text = decode(data or b"")
        delimiter = find_delimiter(text.text)
        return _Csv(text, delimiter, line_end(text.text), list(parse_csv(text.text, delimiter)))
    except ValueError as exc:
        raise SheetError(doing, str(exc), effect=_NOTHING, advice="Save it as CSV UTF-8 and try again.") from exc


def _tab(file: _Csv, title: str) -> Tab:
    rows: list[tuple[Cell, ...]] = []
    for record in file.records:
        cells = [_cell(field) for field in record.fields]
        while cells and cells[-1] == EMPTY:
            cells.pop()
        rows.append(tuple(cells))
    while rows and not rows[-1]:
        rows.pop()
    width = max((len(record.fields) for record in file.records), default=0)
    return Tab(title, tuple(rows), (), title == MEMORY_TAB, len(file.records), width)


def _cell(field: str) -> Cell:
    """Parse a field as a number only if it would be written back unchanged; `007` and `1,234` stay texts."""
    if not field:
        return EMPTY
    try:
        amount = parse_amount(field)
    except ValueError:
        return Cell(field[1:] if field[0] == "'" and _FORMULA_LIKE.match(field, 1) else field)
    if as_field(amount.value, percent=amount.percent) != field:
        return Cell(field)
    return Cell(amount.value, percent=amount.percent)


def _change(file: _Csv, batch: SheetBatch, title: str) -> None:
    """Apply the inserts, then the cells, of one tab to its file."""
    width = max((len(record.fields) for record in file.records), default=1)
    blank = Record([""] * width, file.delimiter * (width - 1) + file.end)
    head = file.records[0] if file.records else blank
    quote_all = write_record(head.fields, file.delimiter, file.end, quote_all=True).strip() == head.raw.strip()
    for insert in (insert for insert in batch.inserts if insert.tab == title):
        _extend(file, insert.row)
        file.records[insert.row : insert.row] = [blank] * insert.count
    by_row: dict[int, list[CellWrite]] = {}
    for cell in (cell for cell in batch.cells if cell.tab == title):
        by_row.setdefault(cell.row, []).append(cell)
    for row, cells in sorted(by_row.items()):
        _extend(file, row + 1)
        fields = list(file.records[row].fields)
        for cell in cells:
            fields += [""] * (cell.column + 1 - len(fields))
            percent = cell.percent or _cell(fields[cell.column]).percent
            fields[cell.column] = as_field(cell.value, percent=percent)
        if fields != file.records[row].fields:
            file.records[row] = Record(fields, write_record(fields, file.delimiter, file.end, quote_all=quote_all))


def _extend(file: _Csv, rows: int) -> None:
    file.records += [Record([], file.end)] * (rows - len(file.records))
