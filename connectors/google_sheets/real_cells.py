"""Ask for what values alone leave open: merged cells, dates shown in a form that may mean two, and the locale."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from config.cell_types import CellRules
from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from connectors.google_sheets.locales import locale_of
from connectors.google_sheets.values import from_serial, to_cell
from connectors.grids.a1 import Area, cell_name, quoted
from connectors.grids.cells import CellLike, is_empty
from connectors.grids.merges import fill_down
from connectors.grids.misfits import EFFECT
from connectors.grids.place import GridPlace

if TYPE_CHECKING:
    from connectors.google_sheets.client import SheetsClient

_MERGES = "properties.title,merges(startRowIndex,endRowIndex,startColumnIndex,endColumnIndex)"
_FIELDS = (
    f"properties.locale,sheets({_MERGES},data(startRow,startColumn,"
    "rowData.values(formattedValue,effectiveValue.numberValue,effectiveFormat.numberFormat.type)))"
)
_LABELS = (
    "sheets.data(startRow,startColumn,rowData.values("
    "effectiveValue(numberValue,stringValue,boolValue,errorValue.type),effectiveFormat.numberFormat.type))"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A grid with its place, and columns by their indexes in it.

    `unclear` are of an uncertain type; `gaps` have empty cells below filled ones.
    """

    grid: Sequence[Sequence[CellLike]]
    place: GridPlace
    unclear: frozenset[int]
    gaps: frozenset[int]


@dataclass(frozen=True, slots=True)
class RealCells:
    """A grid with dates in place of the texts that show them and merged labels in all their rows.

    `rules` have the spreadsheet's locale. `texts` tell of cells that are errors, by row and column of the tab.
    """

    grid: Sequence[Sequence[CellLike]]
    rules: CellRules
    texts: Mapping[tuple[int, int], str]


class Spreadsheet:
    """A spreadsheet from whose `tabs` ranges were read; its merged cells are asked for once, if a range needs them."""

    def __init__(self, client: "SheetsClient", id_: str, tabs: Sequence[str]) -> None:
        self._client = client
        self._id = id_
        self._tabs = tabs

    def real_cells(self, asked: Asked, rules: CellRules) -> RealCells:
        """Ask for cells and merges of uncertain columns in one request; otherwise for merges alone.

        A cell that holds a date is an exact day, however it is shown; the locale decides about those that hold a text.
        Raises SourceError: the request failed, or the sheet has changed since the grid was read.
        """
        place = asked.place
        answer = self._cells_of(asked) if asked.unclear else self._merged
        real = [list(row) for row in asked.grid]
        if asked.unclear:
            rules = replace(rules, locale=locale_of(str((answer.get("properties") or {}).get("locale", ""))))
            cells = _cells(answer)
            for row, values in enumerate(real):
                for at in asked.unclear:
                    if at < len(values):
                        values[at] = _real(values[at], cells.get((place.top + row, place.left + at), {}), place)
        merges = [area for area in _areas(answer, place.tab) if area.left - place.left in asked.gaps]
        for area in merges:
            _require_covered(asked.grid, area, place)
        above = self._labels([area for area in merges if area.top < place.top < (area.bottom or 0)])
        return RealCells(real, rules, fill_down(real, merges, place, above))

    @cached_property
    def _merged(self) -> Mapping[str, Any]:
        ranges = [quoted(tab) for tab in self._tabs]
        return self._client.get_spreadsheet(self._id, {"ranges": ranges, "fields": f"sheets({_MERGES})"})

    def _cells_of(self, asked: Asked) -> Mapping[str, Any]:
        place = asked.place
        first, last = place.top, place.top + len(asked.grid) - 1
        columns = [place.left + at for at in sorted(asked.unclear | asked.gaps)]
        ranges = [f"{quoted(place.tab)}!{cell_name(first, at)}:{cell_name(last, at)}" for at in columns]
        return self._client.get_spreadsheet(self._id, {"ranges": ranges, "fields": _FIELDS})

    def _labels(self, areas: Sequence[Area]) -> Mapping[tuple[int, int], CellLike]:
        """Ask for the values of merged cells that begin above the range, by row and column of the tab."""
        if not areas:
            return {}
        ranges = [f"{quoted(area.tab)}!{cell_name(area.top, area.left)}" for area in areas]
        cells = _cells(self._client.get_spreadsheet(self._id, {"ranges": ranges, "fields": _LABELS}))
        found = {at: to_cell(cell) for at, cell in cells.items()}
        return {at: cell.error or cell.value for at, cell in found.items()}


def _cells(answer: Mapping[str, Any]) -> dict[tuple[int, int], Mapping[str, Any]]:
    return {
        (int(data.get("startRow", 0)) + down, int(data.get("startColumn", 0)) + right): cell
        for sheet in answer["sheets"]
        for data in sheet.get("data", ())
        for down, row in enumerate(data.get("rowData", ()))
        for right, cell in enumerate(row.get("values", ()))
    }


def _areas(answer: Mapping[str, Any], tab: str) -> Iterator[Area]:
    for sheet in answer["sheets"]:
        for merge in sheet.get("merges", ()) if sheet["properties"]["title"] == tab else ():
            top, left = int(merge.get("startRowIndex", 0)), int(merge.get("startColumnIndex", 0))
            yield Area(tab, top, left, int(merge["endRowIndex"]), int(merge["endColumnIndex"]))


def _require_covered(grid: Sequence[Sequence[CellLike]], area: Area, place: GridPlace) -> None:
    """Check that a merged cell has its value at its top and none below, as it has unless the sheet was changed."""
    at = area.left - place.left
    for row in range(max(area.top + 1, place.top), min(area.bottom or 0, place.top + len(grid))):
        cells = grid[row - place.top]
        if at < len(cells) and not is_empty(cells[at]):
            raise SourceError(
                place.doing,
                Message(
                    "{cell} holds a value, but is inside the merged cell {merged}; perhaps the sheet was changed "
                    "meanwhile",
                    cell=place.name(row, area.left),
                    merged=place.name(area.top, area.left),
                ),
                effect=EFFECT,
                advice=Message("Run it again; if this repeats, unmerge the cell."),
            )


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
