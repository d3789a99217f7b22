"""Convert the content of a file to a table: CSV, XLSX, JSON or JSON lines, by the ending of its name."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path

from config.cell_types import CellRules, rules_of
from config.dataclass import dataclass
from config.errors import SourceError
from config.measure_models import DELIMITERS
from config.message import Message, in_turn
from config.tables import Column
from connectors import json_rows
from connectors.files.csv_records import CsvError, find_delimiter, parse_csv, parse_fields
from connectors.files.encodings import EncodingError, Text, decode
from connectors.files.limits import TooManyCellsError, bounded, require_few_values
from connectors.grids.layout import shape_of
from connectors.grids.place import GridPlace
from connectors.grids.tables import GridTable, failed_columns, table_of
from connectors.json_types import typed
from connectors.protocol import Read, Row, zone_of

KINDS = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv",
    ".xlsx": "xlsx", ".xlsm": "xlsx",
    ".json": "json", ".jsonl": "json lines", ".ndjson": "json lines",
}  # fmt: skip

EFFECT = Message("Its key results were left as they were.")

_GRID_KEYS = ("header_row", "header", "columns", "until")
_FOREIGN = {
    "csv": ("tab", "rows"),
    "xlsx": ("encoding", "delimiter", "rows"),
    "json": ("tab", "delimiter", *_GRID_KEYS),
    "json lines": ("tab", "delimiter", *_GRID_KEYS),
}
"""Query keys that do not apply to a kind of file."""

_ADVICE = {
    EncodingError: Message("Set its `encoding`, or save it as UTF-8."),
    CsvError: Message("Quote the whole field and write each quote inside it twice, or set `delimiter`."),
    TooManyCellsError: Message("Export only the rows and columns that the key results need."),
}
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class FileTable:
    """Rows of a file for one query.

    `notes` describe what was detected, such as the encoding. `failed` has the error of each column that cannot be used.
    """

    columns: Sequence[Column]
    rows: Sequence[Row]
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    failed: Mapping[str, SourceError] = field(default_factory=dict)


def table_or_error(data: bytes, path: str, read: Read, doing: str) -> FileTable | SourceError:
    """Return the table of a file as the read asks for it, or why there is none."""
    kind = KINDS.get(Path(path).suffix.lower(), "")
    if not kind:
        saw = Message("it is not one of {known}", known=list(KINDS))
        return SourceError(doing, saw, effect=EFFECT, advice="Save it as CSV or XLSX.")
    foreign = [key for key in _FOREIGN[kind] if read.query.get(key)]
    if foreign:
        saw = Message("`{key}` does not apply to a file of this kind", key=foreign[0])
        return SourceError(doing, saw, effect=EFFECT, advice=Message("Leave `{key}` out.", key=foreign[0]))
    try:
        rules = rules_of(read.query, zone_of(read))
        if kind == "csv":
            return _csv(data, read, doing, rules)
        return _xlsx(data, read, doing, rules) if kind == "xlsx" else _json(data, read, doing, rules, kind)
    except SourceError as exc:
        return exc
    except ValueError as exc:
        again = (
            Message("Open it in Excel and save it again.") if kind == "xlsx" else Message("Open it and save it again.")
        )
        return SourceError(doing, str(exc), effect=EFFECT, advice=_ADVICE.get(type(exc), again))


def _csv(data: bytes, read: Read, doing: str, rules: CellRules) -> FileTable:
    text = decode(data, read.query.get("encoding", ""))
    stated = read.query.get("delimiter", "")
    delimiter = DELIMITERS.get(stated, stated) or find_delimiter(text.text)
    # The garbage collector visits lists again and again, but not tuples of texts.
    grid = list(bounded(map(tuple, parse_fields(text.text, delimiter))))
    notes = () if stated or delimiter == "," else (_separated(delimiter),)
    place = GridPlace(doing)
    table = table_of(grid, place, replace(shape_of(read.query), joined=True), rules=rules)
    misfit = (
        _too_wide(table, [record.line for record in parse_csv(text.text, delimiter)], doing) if table.wide else None
    )
    failed = {column.name: misfit for column in table.columns} if misfit else failed_columns(table, place)
    return FileTable(table.columns, table.rows, (*_guessed(text, read), *notes, *table.notes), table.warnings, failed)


def _xlsx(data: bytes, read: Read, doing: str, rules: CellRules) -> FileTable:
    from connectors.files.workbooks import grid_of

    grid = grid_of(data, read.query.get("tab", ""))
    place = GridPlace(doing, grid.tab)
    table = table_of(grid.rows, place, shape_of(read.query), rules=rules).showing(grid.shown)
    failed = failed_columns(table, place)
    return FileTable(table.columns, table.rows, (*grid.notes, *table.notes), table.warnings, failed)


def _too_wide(table: GridTable, lines: Sequence[int], doing: str) -> SourceError:
    """Create the error of records with more fields than there are columns; `lines` are those of all records."""
    shown = in_turn(
        Message("line {line} has {fields} fields, and there are {width} headers", **_sizes(lines[index], fields, table))
        if table.header_row
        else Message(
            "line {line} has {fields} fields, and `columns` names {width}", **_sizes(lines[index], fields, table)
        )
        for index, fields in table.wide[:_SHOWN]
    )
    more = Message("; and {bad} more", bad=len(table.wide) - _SHOWN) if len(table.wide) > _SHOWN else ""
    advice = Message("Put a field that holds the delimiter in quotes, or set `delimiter` or `header_row`.")
    return SourceError(doing, shown + more, effect=EFFECT, advice=advice)


def _sizes(line: int, fields: int, table: GridTable) -> dict[str, int]:
    return {"line": line, "fields": fields, "width": table.width}


def _json(data: bytes, read: Read, doing: str, rules: CellRules, kind: str) -> FileTable:
    text = decode(data, read.query.get("encoding", ""))
    require_few_values(text.text)
    document = _lines(text.text) if kind == "json lines" else _document(text.text)
    rows = json_rows.select(document, read.query.get("rows", ""), doing)
    made = typed(rows, rules, doing)
    return FileTable(made.columns, made.rows, _guessed(text, read), failed=made.failed)


def _guessed(text: Text, read: Read) -> tuple[str, ...]:
    """Return a note on the encoding, if it was guessed."""
    if read.query.get("encoding") or not text.guessed:
        return ()
    return (Message("read as {guessed}", guessed=text.guessed),)


def _separated(delimiter: str) -> str:
    name = next((name for name, character in DELIMITERS.items() if character == delimiter), delimiter)
    return Message("fields separated by {delimiter}", delimiter=name)


def _document(text: str) -> object:
    if not text.strip():
        raise ValueError(Message("it is empty"))
    try:
        return json_rows.parse(text)
    except json.JSONDecodeError as exc:
        raise ValueError(Message("it is not JSON: {exc}", exc=exc)) from exc


def _lines(text: str) -> list[object]:
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                found.append(json_rows.parse(line))
            except json.JSONDecodeError as exc:
                raise ValueError(Message("line {number} is not JSON: {exc}", number=number, exc=exc)) from exc
    return found
