"""Read local CSV, XLSX, JSON and JSON lines files as tables. Each file is opened once for all its reads."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from types import MappingProxyType

from config.errors import SourceError
from config.message import Message
from config.models import Connection
from config.placeholders import fill
from config.suggest import did_you_mean
from config.tables import Column, QueryKey, Table
from connectors import json_rows
from connectors.files.text_files import Text, decode, find_delimiter, parse_csv
from connectors.grids.cells import CellLike
from connectors.grids.tables import GridPlace, failed_columns, table_of
from connectors.protocol import Read, ReadError, Reading, Row, RowStore
from connectors.registry import Context

PAGE_ROWS = 5000
"""Number of rows passed to the store at a time."""

KINDS = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv",
    ".xlsx": "xlsx", ".xlsm": "xlsx",
    ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl",
}  # fmt: skip

_EFFECT = Message("Its key results were left as they were.")
_TABLES = MappingProxyType(
    {
        "rows": Table(
            "rows",
            "The rows of a local CSV, XLSX, JSON or JSON lines file; its headers are the columns.",
            (
                QueryKey("path", "The file, relative to the config."),
                QueryKey("tab", "XLSX: the tab; left out: the first visible one.", required=False),
                QueryKey("rows", "JSON: JMESPath to the list of rows, such as data.items.", required=False),
                QueryKey("encoding", "The encoding of a text, such as big5; left out: found out.", required=False),
                QueryKey("header_row", "The row of the headers, counted from 1; left out: found.", required=False),
            ),
            open=True,
        )
    }
)


def tables(_connection: Connection | None = None) -> Mapping[str, Table]:
    """Return the one table `rows`, whose columns come from the file."""
    return _TABLES


def open_source(name: str, _connection: Connection | None, context: Context) -> "FilesSource":
    """Open local files; relative paths start at the context's `base_dir`."""
    return FilesSource(name, context.base_dir)


@dataclass(frozen=True, slots=True)
class _Made:
    """Rows of a file for one query. `notes` describe what was detected, such as the encoding."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    notes: tuple[str, ...] = ()
    failed: Mapping[str, SourceError] = field(default_factory=dict)


class FilesSource:
    """Source of local files."""

    def __init__(self, name: str, base_dir: Path) -> None:
        self.name = name
        self.base_dir = base_dir

    @property
    def tables(self) -> Mapping[str, Table]:
        """Tables by name."""
        return _TABLES

    def read(self, reads: Sequence[Read], into: RowStore) -> Iterator[Reading | ReadError]:
        """Yield one answer per read, file by file."""
        by_path: dict[str, list[Read]] = {}
        for read in reads:
            by_path.setdefault(_path(read), []).append(read)
        for path, group in by_path.items():
            yield from self._file(path, group, into)

    def close(self) -> None:
        """Do nothing: no file is kept open."""

    def _file(self, path: str, group: Sequence[Read], into: RowStore) -> Iterator[Reading | ReadError]:
        doing = Message("{name}: reading {path}", name=self.name, path=path)
        try:
            data = _bytes(self.base_dir, path, doing)
        except SourceError as exc:
            yield from (ReadError(read, exc) for read in group)
            return
        read_at = datetime.now(UTC)
        made: dict[tuple[tuple[str, str], ...], _Made | SourceError] = {}
        for read in group:
            key = tuple(sorted(read.query.items()))
            if key not in made:
                made[key] = _made_or_error(data, path, read, doing)
            yield _answer(read, made[key], into, read_at, path)


def _answer(read: Read, made: _Made | SourceError, into: RowStore, read_at: datetime, path: str) -> Reading | ReadError:
    if isinstance(made, SourceError):
        return ReadError(read, made)
    if not read.count_only:
        for start in range(0, max(len(made.rows), 1), PAGE_ROWS):
            into.add(read, made.columns, made.rows[start : start + PAGE_ROWS])
    parts = [path, *(f"{name} {read.query[name]}" for name in ("tab", "rows") if read.query.get(name))]
    return Reading(read, len(made.rows), read_at, " ".join(parts), notes=made.notes, failed=made.failed)


def _path(read: Read) -> str:
    """Return the path with its placeholders filled: `export-{today}.csv` becomes `export-2026-11-02.csv`."""
    return fill(read.query["path"], read.instants, lambda moment: moment.date().isoformat())


def _bytes(base_dir: Path, stated: str, doing: str) -> bytes:
    path = base_dir
    try:
        path = base_dir / Path(stated).expanduser()
        return path.read_bytes()
    except FileNotFoundError as exc:
        near = sorted(entry.name for entry in path.parent.iterdir()) if path.parent.is_dir() else []
        saw: str = Message("there is no such file{meant}", meant=did_you_mean(path.name, near))
        raise SourceError(
            doing, saw, effect=_EFFECT, advice=Message("Correct `path`; it was looked for at {path}.", path=path)
        ) from exc
    except (OSError, RuntimeError, ValueError) as exc:  # the last two: no such home, a NUL
        saw = f"{type(exc).__name__}: {exc.strerror if isinstance(exc, OSError) else exc}"
        raise SourceError(doing, saw, effect=_EFFECT, advice="`path` names a file that may be read.") from exc


def _made_or_error(data: bytes, path: str, read: Read, doing: str) -> _Made | SourceError:
    kind = KINDS.get(Path(path).suffix.lower(), "")
    zone = next((moment.tzinfo for moment in read.instants.values() if moment.tzinfo), UTC)
    try:
        if kind == "csv":
            return _csv(data, read, doing, zone)
        if kind == "xlsx":
            return _xlsx(data, read, doing, zone)
        if kind in ("json", "jsonl"):
            return _json(data, read, doing, zone, lines=kind == "jsonl")
    except SourceError as exc:
        return exc
    except ValueError as exc:
        advice = "State its `encoding`, or open it and save it again." if kind != "xlsx" else "Open it in Excel."
        return SourceError(doing, str(exc), effect=_EFFECT, advice=advice)
    return SourceError(
        doing, Message("it is none of {known}", known=list(KINDS)), effect=_EFFECT, advice="Save it as CSV or XLSX."
    )


def _csv(data: bytes, read: Read, doing: str, zone: tzinfo) -> _Made:
    text = decode(data, read.query.get("encoding", ""))
    records = parse_csv(text.text, find_delimiter(text.text))
    return _of_grid(
        [record.fields for record in records],
        GridPlace(doing),
        read,
        zone,
        _guessed(text, read),
    )


def _xlsx(data: bytes, read: Read, doing: str, zone: tzinfo) -> _Made:
    from connectors.files.workbooks import grid_of

    grid = grid_of(data, read.query.get("tab", ""))
    return _of_grid(grid.rows, GridPlace(doing, grid.tab), read, zone, uncalculated=grid.uncalculated)


def _of_grid(
    grid: Sequence[Sequence[CellLike]],
    place: GridPlace,
    read: Read,
    zone: tzinfo,
    notes: tuple[str, ...] = (),
    uncalculated: Collection[tuple[int, int]] = (),
) -> _Made:
    stated = read.query.get("header_row")
    table = table_of(grid, place, header_row=int(stated) if stated else None, zone=zone)
    bad = tuple(
        replace(cell, text=Message("a formula that was never calculated"))
        if (cell.row - 1, cell.index) in uncalculated
        else cell
        for cell in table.bad
    )
    return _Made(table.columns, table.rows, notes, failed_columns(replace(table, bad=bad), place))


def _json(data: bytes, read: Read, doing: str, zone: tzinfo, *, lines: bool) -> _Made:
    text = decode(data, read.query.get("encoding", ""))
    document = _lines(text.text) if lines else _document(text.text)
    rows = json_rows.select(document, read.query.get("rows", ""), doing)
    made = json_rows.typed(rows, zone, doing)
    return _Made(made.columns, made.rows, _guessed(text, read), made.failed)


def _guessed(text: Text, read: Read) -> tuple[str, ...]:
    """Return a note on the encoding, if it was guessed."""
    if read.query.get("encoding") or not text.guessed:
        return ()
    return (Message("read as {guessed}", guessed=text.guessed),)


def _document(text: str) -> object:
    if not text.strip():
        raise ValueError(Message("it is empty"))
    try:
        return json_rows.parse(text)
    except json.JSONDecodeError as exc:
        raise ValueError(Message("it is no JSON: {exc}", exc=exc)) from exc


def _lines(text: str) -> list[object]:
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                found.append(json_rows.parse(line))
            except json.JSONDecodeError as exc:
                raise ValueError(Message("line {number} is no JSON: {exc}", number=number, exc=exc)) from exc
    return found
