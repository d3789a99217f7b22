"""Google Sheets as a source: rows of a range with a header row, and single cells.

All ranges and cells of a spreadsheet are read with one `values:batchGet` per run.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from config.cell_types import rules_of
from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from config.models import Connection, GoogleSheetsConnection
from config.tables import Column, QueryKey, Table
from connectors.google_sheets.links import range_link, spreadsheet_id
from connectors.google_sheets.real_cells import Asked, Spreadsheet
from connectors.grids.a1 import Area, parse_area, quoted
from connectors.grids.cells import CellLike, as_text, is_empty
from connectors.grids.columns import CELL_KEYS, NUMBERS_KEY, notes_of, typed_column
from connectors.grids.layout import LAYOUT_KEYS, shape_of
from connectors.grids.merges import may_hold_merges
from connectors.grids.misfits import bad_cells, doubtful
from connectors.grids.place import GridPlace
from connectors.grids.tables import GridTable, failed_columns, table_of
from connectors.protocol import Read, ReadError, Reading, Row, RowStore, zone_of
from connectors.registry import Context

if TYPE_CHECKING:
    from connectors.google_sheets.client import SheetsClient

_SPREADSHEET = QueryKey("spreadsheet", "The spreadsheet's id: the part after /d/ in its address.")
_TABLES = {
    "rows": Table(
        "rows",
        "Rows of a range whose first row (or `header_row`) names the columns.",
        (
            _SPREADSHEET,
            QueryKey("range", "A range such as Deals!A:F, or a tab's name."),
            *LAYOUT_KEYS,
            *CELL_KEYS,
        ),
        open=True,
    ),
    "cell": Table(
        "cell",
        "One cell; empty is unknown, not zero.",
        (_SPREADSHEET, QueryKey("cell", "A cell such as Summary!B2."), NUMBERS_KEY),
        (
            Column("value", "number", "The cell's number; 91% is 0.91."),
            Column("text", "text", "The cell's value as text."),
        ),
    ),
}
_PAGE = 5000
_PLAIN_NAME = re.compile(r"\w+")


def tables(_connection: Connection | None) -> Mapping[str, Table]:
    """Return the tables `rows` and `cell`."""
    return _TABLES


def open_source(name: str, connection: Connection | None, context: Context) -> "GoogleSheetsSource":
    """Open a source with the read-only scope, without sending a request. Raises AuthError, SourceError."""
    from connectors.google_sheets.auth import READ_ONLY
    from connectors.google_sheets.client import SheetsClient

    if not isinstance(connection, GoogleSheetsConnection):
        raise TypeError(Message("{name} is not a google_sheets connection", name=name))
    return GoogleSheetsSource(name, connection, SheetsClient(name, connection, context, scope=READ_ONLY))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A read, its range in A1 notation as it is sent, and the link of the range; empty where Google does not answer."""

    read: Read
    spreadsheet: str
    range: str
    link: str


@dataclass(frozen=True, slots=True)
class _Came:
    """Where the answers of one spreadsheet came from, and when."""

    spreadsheet: Spreadsheet
    at: datetime


class GoogleSheetsSource:
    """Source of ranges and cells of spreadsheets."""

    def __init__(self, name: str, connection: GoogleSheetsConnection, client: "SheetsClient") -> None:
        self._name = name
        self._connection = connection
        self._client = client

    @property
    def tables(self) -> Mapping[str, Table]:
        """Tables by name."""
        return _TABLES

    def read(self, reads: Sequence[Read], into: RowStore) -> Iterator[Reading | ReadError]:
        """Yield one answer per read. Spreadsheets are read in parallel, up to the connection's `lanes`."""
        from connectors.google_sheets.ranges import fetch

        by_spreadsheet: dict[str, list[_Wanted]] = {}
        for read in reads:
            try:
                wanted = self._wanted(read)
            except SourceError as exc:
                yield ReadError(read, exc)
            else:
                by_spreadsheet.setdefault(wanted.spreadsheet, []).append(wanted)
        with ThreadPoolExecutor(max_workers=self._connection.lanes) as lanes:
            fetched = {
                spreadsheet: lanes.submit(fetch, self._client, spreadsheet, [one.range for one in group])
                for spreadsheet, group in by_spreadsheet.items()
            }
            for spreadsheet, group in by_spreadsheet.items():
                answers = fetched[spreadsheet].result()
                read_at = datetime.now(UTC)
                ranges = (str(one["range"]) for one in answers.values() if not isinstance(one, SourceError))
                tabs = list(dict.fromkeys(parse_area(text).tab for text in ranges))
                came = _Came(Spreadsheet(self._client, spreadsheet, tabs), read_at)
                for wanted in group:
                    yield self._answer(wanted, answers[wanted.range], into, came)

    def close(self) -> None:
        """Close connections."""
        self._client.close()

    def _wanted(self, read: Read) -> _Wanted:
        key = "cell" if read.table == "cell" else "range"
        text = read.query.get(key, "").strip()
        try:
            area = parse_area(text)
        except ValueError as exc:
            raise self._wrong(read, str(exc)) from exc
        if key == "cell" and (area.bottom, area.right) != (area.top + 1, area.left + 1):
            raise self._wrong(read, Message("{text!r} is not one cell; write Summary!B2", text=text))
        stated = read.query.get("spreadsheet", "")
        spreadsheet, sent = spreadsheet_id(stated), _as_sent(text, area, key)
        at_google = self._connection.url.endswith(".googleapis.com")
        return _Wanted(read, spreadsheet, sent, range_link(spreadsheet, stated, sent) if at_google else "")

    def _wrong(self, read: Read, saw: str) -> SourceError:
        return GridPlace(self._doing(read)).refusal(
            saw, Message("Correct the measure's `{table}` query.", table=read.table)
        )

    def _doing(self, read: Read) -> str:
        asked = read.query.get("cell") or read.query.get("range") or ""
        return Message(
            "google_sheets '{name}': {table} {asked} of {value}",
            name=self._name,
            table=read.table,
            asked=asked,
            value=read.query.get("spreadsheet", ""),
        )

    def _answer(
        self, wanted: _Wanted, found: Mapping[str, Any] | SourceError, into: RowStore, came: _Came
    ) -> Reading | ReadError:
        if isinstance(found, SourceError):
            return ReadError(wanted.read, found)
        keep = self._keep_cell if wanted.read.table == "cell" else self._keep_rows
        try:
            return keep(wanted, found, into, came)
        except SourceError as exc:
            return ReadError(wanted.read, exc)

    def _keep_cell(self, wanted: _Wanted, found: Mapping[str, Any], into: RowStore, came: _Came) -> Reading:
        read = wanted.read
        values: Sequence[Sequence[CellLike]] = found.get("values") or [[None]]
        cell = values[0][0] if values[0] else None
        typed = typed_column("value", [cell], rules_of(read.query, UTC), lambda _: read.query["cell"])
        is_number = typed.type == "number" and not typed.bad
        doing, shown = self._doing(read), [(read.query["cell"], as_text(cell))]
        failed: dict[str, SourceError] = {}
        if typed.doubt:
            failed["value"] = doubtful(doing, typed.doubt)
        elif not (is_number or is_empty(cell)):
            failed["value"] = bad_cells(doing, shown, "number")
        if typed.bad:
            failed["text"] = bad_cells(doing, shown, "text")
        row: Row = {
            "value": typed.values[0] if is_number else None,
            "text": None if typed.bad or is_empty(cell) else as_text(cell),
        }
        if not read.count_only:
            into.add(read, _TABLES["cell"].columns, [row])
        return Reading(read, 1, came.at, wanted.range, link=wanted.link, failed=failed)

    def _keep_rows(self, wanted: _Wanted, found: Mapping[str, Any], into: RowStore, came: _Came) -> Reading:
        read = wanted.read
        area = parse_area(str(found["range"]))
        place = GridPlace(self._doing(read), area.tab, area.top, area.left)
        table = _table(wanted, found.get("values") or [], place, came.spreadsheet)
        if not read.count_only:
            for start in range(0, len(table.rows) or 1, _PAGE):
                into.add(read, table.columns, table.rows[start : start + _PAGE])
        return Reading(
            read,
            len(table.rows),
            came.at,
            wanted.range,
            link=wanted.link,
            notes=table.notes,
            warnings=table.warnings,
            types=notes_of(table.columns),
            failed=failed_columns(table, place),
        )


def _table(
    wanted: _Wanted, grid: Sequence[Sequence[CellLike]], place: GridPlace, spreadsheet: Spreadsheet
) -> GridTable:
    """Convert a grid to a table; ask for real cells and merges where a used column is not certain or has gaps."""
    read = wanted.read
    shape, rules = shape_of(read.query), rules_of(read.query, zone_of(read))
    table = table_of(grid, place, shape, rules=rules)
    names = {name.lower() for name in read.columns}
    used = [at for at, name in table.names.items() if name.lower() in names]
    unclear = frozenset(each.index - place.left for each in table.doubts if each.name.lower() in names)
    gaps = frozenset(at for at in used if may_hold_merges(grid, at, below_others=place.top > 0))
    if read.count_only or not (unclear or gaps):
        return table
    real = spreadsheet.real_cells(Asked(grid, place, unclear, gaps), rules)
    return table_of(real.grid, place, shape, rules=real.rules).showing(real.texts)


def _as_sent(text: str, area: Area, key: str) -> str:
    """Quote the tab of a range. A plain name is kept as it is, since it may be a tab or a named range."""
    if area.tab and "!" not in text and not text.startswith("'"):
        return text if _PLAIN_NAME.fullmatch(text) else quoted(text)
    if not area.tab and key == "range" and ":" not in text:
        return quoted(text)
    if not area.tab or "!" not in text or text.startswith("'"):
        return text
    tab, _, rest = text.rpartition("!")
    return f"{quoted(tab.strip())}!{rest.strip()}"
