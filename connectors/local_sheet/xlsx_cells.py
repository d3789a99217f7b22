"""Read the cells of one worksheet in one pass: values, formulas and what locks a cell (ECMA-376 part 1, 18.3.1).

Rows and columns count from 0 here and from 1 in the file.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import chain, product
from typing import TYPE_CHECKING, TypeVar
from xml.etree.ElementTree import Element, fromstring, iterparse

from config.dataclass import dataclass
from connectors.grids.a1 import cell_name, column_of
from connectors.local_sheet.sheet_xml import MAIN
from connectors.local_sheet.xlsx_package import Package
from connectors.local_sheet.xlsx_styles import DAY_0_OF_1900, DAY_0_OF_1904, Style, styles_of
from connectors.okr_sheet import EMPTY, Cell, CellValue, Merge

if TYPE_CHECKING:
    from openpyxl.formula.translate import Translator

NOT_CALCULATED = "not calculated"
"""Error of a formula that was never calculated."""

_ROW, _VALUE, _FORMULA, _MERGE = f"{MAIN}row", f"{MAIN}v", f"{MAIN}f", f"{MAIN}mergeCell"
_INLINE, _TEXT, _RUN = f"{MAIN}is", f"{MAIN}t", f"{MAIN}r"
_SHARED_TEXT = f"{MAIN}si"
_NO_DAY = 60
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9]\d*)")
_PROTECTED = re.compile(rb"""<(?:\w+:)?sheetProtection\b[^>]*?\ssheet=["'](?:1|true)["']""")


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shared:
    """What the cells of all tabs refer to: styles and texts by number, and day 0 of the dates."""

    styles: tuple[Style, ...]
    texts: tuple[str, ...]
    epoch: datetime


def shared_of(package: Package) -> Shared:
    """Return what the cells of a workbook refer to. Raises ParseError, ValueError, KeyError: it is damaged."""
    texts = [package.parts[part] for part in package.related(package.workbook, "/sharedStrings").values()]
    since_1904 = fromstring(package.small(package.workbook)).find(f"{MAIN}workbookPr[@date1904]")
    is_old = since_1904 is not None and since_1904.get("date1904") in ("1", "true")
    return Shared(styles_of(package), tuple(chain(*map(_texts, texts))), DAY_0_OF_1904 if is_old else DAY_0_OF_1900)


def _texts(data: bytes) -> Iterator[str]:
    for _, element in iterparse(io.BytesIO(data)):
        if element.tag == _SHARED_TEXT:
            yield _text(element).replace("x005F_", "")  # _x005F_ stands for an underscore
            element.clear()


@dataclass(slots=True)
class SheetCells:
    """Cells by row and column, without empty ones, and merged areas.

    `absent` stands for the cells that the file does not hold, up to `row_count` and `column_count`: the extent with
    empty cells; 1 and 1 without any cell.
    """

    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merges: set[Merge] = field(default_factory=set)
    absent: Cell = EMPTY
    row_count: int = 1
    column_count: int = 1

    def reach(self, rows: int, columns: int) -> None:
        """Extend to at least this many rows and columns."""
        self.row_count = max(self.row_count, rows)
        self.column_count = max(self.column_count, columns)

    def filled_rows(self) -> tuple[tuple[Cell, ...], ...]:
        """Return the rows without empty cells and rows at their end."""
        rows = [_filled(self._row(number)) for number in range(self.row_count)]
        return tuple(map(tuple, _filled(rows)))

    def _row(self, number: int) -> list[Cell]:
        cells = self.rows.get(number, {})
        last = self.column_count if self.absent is not EMPTY else max(cells, default=-1) + 1
        return [cells.get(column, self.absent) for column in range(last)]


def _filled(items: list[T]) -> list[T]:
    while items and items[-1] in (EMPTY, []):
        items.pop()
    return items


_column = cache(column_of)


def read_cells(data: bytes, shared: Shared, *, own: bool) -> SheetCells:
    """Read a worksheet from its XML; in one that is okrsync's `own`, protection locks nothing.

    Raises ParseError, ValueError, LookupError, OverflowError: the worksheet is damaged.
    """
    reader = _Reader(shared, protected=not own and _PROTECTED.search(data) is not None)
    found = reader.read(data)
    reader.lock_areas()
    return found


def read_values(data: bytes, shared: Shared) -> SheetCells:
    """Read the values, errors and merged areas of a worksheet; its formulas have no text, and nothing is locked.

    Raises ParseError, ValueError, LookupError, OverflowError: the worksheet is damaged.
    """
    return _Reader(shared, protected=False, formulas=False).read(data)


class _Reader:
    def __init__(self, shared: Shared, *, protected: bool, formulas: bool = True) -> None:
        self.shared = shared
        self.protected = protected
        self.has_formulas = formulas
        self.found = SheetCells(absent=_PROTECTED_CELL if protected else EMPTY)
        self.spills: list[tuple[Merge, int, int]] = []
        self.formulas: dict[str | None, Translator] = {}

    def read(self, data: bytes) -> SheetCells:
        row = -1
        for _, element in iterparse(io.BytesIO(data)):
            if element.tag == _ROW:
                row = int(float(element.get("r", row + 2))) - 1
                self._read_row(row, element)
                element.clear()
            elif element.tag == _MERGE:
                self.found.merges.add(_area(element.get("ref", "")))
        return self.found

    def _read_row(self, row: int, element: Element) -> None:
        column = furthest = -1
        for child in element:
            reference = _REFERENCE.fullmatch(child.get("r", ""))
            row, column = (int(reference[2]) - 1, _column(reference[1])) if reference else (row, column + 1)
            cell = self._cell(child, row, column)
            if cell is not self.found.absent:
                self.found.rows.setdefault(row, {})[column] = cell
            furthest = max(furthest, column)
        self.found.reach(row + 1, furthest + 1)

    def _cell(self, element: Element, row: int, column: int) -> Cell:
        style = self.shared.styles[int(element.get("s", 0))]
        kind, text = element.get("t", "n"), element.findtext(_VALUE)
        value, error = self._value(element, kind, text, style)
        stated = element.find(_FORMULA)
        formula = self._formula(stated, row, column) if stated is not None else None
        if formula is not None and value is None and error is None and kind != "str":
            error = NOT_CALCULATED
        locked = "protected" if self.protected and style.locked else None
        if value is None and formula is None and error is None and locked is None:
            return _EMPTY_PERCENT if style.percent else EMPTY
        return Cell(value, formula, error, locked, style.percent)

    def _value(self, element: Element, kind: str, text: str | None, style: Style) -> tuple[CellValue, str | None]:
        """Return the value of a cell and its sheet error; None for what it does not have."""
        if kind == "inlineStr":
            return _text(element.find(_INLINE)) or None, None
        if not text:
            return None, None
        match kind:
            case "n":
                number = float(text) if "." in text or "e" in text.lower() else int(text)
                return self._instant(number, style) if style.is_date else (_number(number), None)
            case "s":
                return self.shared.texts[int(text)] or None, None
            case "b":
                return bool(int(text)), None
            case "e":
                return None, text
            case "d":
                return _of_calendar(datetime.fromisoformat(text)), None
        return text, None

    def _instant(self, number: float, style: Style) -> tuple[CellValue, str | None]:
        """Convert days since day 0; a year 1900 that counts from there has a 29 February, which is day 60."""
        days, fraction = divmod(number, 1)
        passed = timedelta(milliseconds=round(fraction * 86_400_000))
        try:
            if style.is_duration:
                return str(timedelta(days=days) + passed), None
            if days == 0 and passed.days == 0:
                return str((DAY_0_OF_1900 + passed).time()), None
            shifted = 0 < number < _NO_DAY and self.shared.epoch == DAY_0_OF_1900
            return _of_calendar(self.shared.epoch + timedelta(days=days + shifted) + passed), None
        except OverflowError:
            return None, "#VALUE!"  # outside the calendar

    def _formula(self, element: Element, row: int, column: int) -> str:
        """Return the text of a formula. That of a shared one is written at its first cell only."""
        text, kind = f"={element.text or ''}", element.get("t")
        if not self.has_formulas:
            return "="
        if kind in ("array", "dataTable") and element.get("ref"):
            self.spills.append((_area(element.get("ref", "")), row, column))
        if kind == "shared":
            from openpyxl.formula.translate import Translator

            first = self.formulas.setdefault(element.get("si"), Translator(text, cell_name(row, column)))
            return str(first.translate_formula(cell_name(row, column)))
        return text

    def lock_areas(self) -> None:
        """Lock what array formulas fill except their own cells, then what merged areas cover except the first cell."""
        found = self.found
        for area, row, column in self.spills:
            for place in _places(area, found.row_count, found.column_count):
                cell = found.rows.get(place[0], {}).get(place[1], found.absent)
                if place != (row, column) and cell.locked is None:
                    found.rows.setdefault(place[0], {})[place[1]] = replace(cell, locked="inside an array formula")
        for area in found.merges:
            found.reach(area.bottom, area.right)
            for place in _places(area, area.bottom, area.right):
                if place != (area.top, area.left):
                    found.rows.setdefault(place[0], {})[place[1]] = _MERGED


_EMPTY_PERCENT, _MERGED, _PROTECTED_CELL = Cell(percent=True), Cell(locked="inside a merge"), Cell(locked="protected")


def _places(area: Merge, rows: int, columns: int) -> Iterator[tuple[int, int]]:
    yield from product(range(area.top, min(area.bottom, rows)), range(area.left, min(area.right, columns)))


def _area(reference: str) -> Merge:
    ends = [_REFERENCE.fullmatch(end) for end in reference.split(":")]
    (top, left), (bottom, right) = ((int(end[2]), column_of(end[1])) for end in (ends[0], ends[-1]) if end)
    return Merge(top - 1, left, bottom, right + 1)


def _text(element: Element | None) -> str:
    """Return a text without the formats of its runs, and without its readings."""
    if element is None:
        return ""
    plain = element.findtext(_TEXT) or ""
    return (
        plain
        if len(element) == 1 and plain
        else plain + "".join(run.findtext(_TEXT) or "" for run in element.iterfind(_RUN))
    )


def _number(number: float) -> Decimal:
    return Decimal(int(number)) if isinstance(number, int) or number.is_integer() else Decimal(repr(number))


def _of_calendar(moment: datetime) -> date:
    return moment.date() if moment.time() == time() else moment
