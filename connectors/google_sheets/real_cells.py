"""Ask for the dates behind cells that show them in a form that may mean two, and for the spreadsheet's locale."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from config.cell_types import CellRules
from config.errors import SourceError
from config.message import Message
from connectors.google_sheets.locales import locale_of
from connectors.google_sheets.values import from_serial
from connectors.grids.a1 import cell_name, quoted
from connectors.grids.cells import CellLike
from connectors.grids.misfits import EFFECT
from connectors.grids.place import GridPlace

if TYPE_CHECKING:
    from connectors.google_sheets.client import SheetsClient

FIELDS = (
    "properties.locale,sheets(properties.sheetId,data(startRow,startColumn,"
    "rowData.values(formattedValue,effectiveValue.numberValue,effectiveFormat.numberFormat.type)))"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A grid with its place, and the columns, by their indices in it, whose cells are asked for."""

    grid: Sequence[Sequence[CellLike]]
    place: GridPlace
    columns: Collection[int]


@dataclass(frozen=True, slots=True)
class RealCells:
    """A grid with dates in place of the texts that show them, and the rules with the spreadsheet's locale."""

    grid: Sequence[Sequence[CellLike]]
    rules: CellRules


def ask_real_cells(client: "SheetsClient", spreadsheet: str, asked: Asked, rules: CellRules) -> RealCells:
    """Ask for cells in one request.

    A cell that holds a date is an exact day, however it is shown; the locale decides about those that hold a text.
    Raises SourceError: the request failed, or the sheet has changed since the grid was read.
    """
    place = asked.place
    first, last = place.top, place.top + len(asked.grid) - 1
    columns = [place.left + at for at in asked.columns]
    ranges = [f"{quoted(place.tab)}!{cell_name(first, at)}:{cell_name(last, at)}" for at in columns]
    answer = client.get_spreadsheet(spreadsheet, {"ranges": ranges, "fields": FIELDS})
    cells = {
        (int(data.get("startRow", 0)) + down, int(data.get("startColumn", 0)) + right): cell
        for sheet in answer["sheets"]
        for data in sheet.get("data", ())
        for down, row in enumerate(data.get("rowData", ()))
        for right, cell in enumerate(row.get("values", ()))
    }
    real = [list(row) for row in asked.grid]
    for row, values in enumerate(real):
        for at in asked.columns:
            if at < len(values):
                values[at] = _real(values[at], cells.get((place.top + row, place.left + at), {}), place)
    locale = str((answer.get("properties") or {}).get("locale", ""))
    return RealCells(real, replace(rules, locale=locale_of(locale)))


def _real(shown: CellLike, cell: Mapping[str, Any], place: GridPlace) -> CellLike:
    if not isinstance(shown, str) or not shown.strip():
        return shown
    if str(cell.get("formattedValue", "")).strip() != shown.strip():
        raise SourceError(
            place.doing,
            Message("the sheet was changed while it was read"),
            effect=EFFECT,
            advice=Message("Run it again."),
        )
    kind = ((cell.get("effectiveFormat") or {}).get("numberFormat") or {}).get("type", "")
    serial = (cell.get("effectiveValue") or {}).get("numberValue")
    if serial is None or kind not in ("DATE", "DATE_TIME"):
        return shown
    try:
        return from_serial(serial)
    except OverflowError:
        return shown
