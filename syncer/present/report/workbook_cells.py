"""Values and headers in the cells of the report's workbook."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from openpyxl.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from connectors.local_sheet.xlsx_sheet import clean_text
from syncer.make_sheet.sheet_rows import FONT, SIZE
from syncer.present.report.table import Value

_HEAD = "DDE6F3"


def put(cell: Cell | MergedCell, value: Value, form: str = "General") -> None:
    """A value in its cell; a text is never taken for a formula."""
    if isinstance(value, str):
        cell.value = clean_text(value) or None
        if value:
            cell.data_type, cell.quotePrefix = "s", value[0] in "=+-@"
        return
    cell.value = value.replace(tzinfo=None) if isinstance(value, datetime) else value
    cell.number_format = form


def put_row(tab: Worksheet, number: int, values: Sequence[Value], forms: Sequence[str]) -> None:
    """Values in a row, from its first cell on."""
    for index, (value, form) in enumerate(zip(values, forms, strict=True), 1):
        put(tab.cell(number, index), value, form)


def put_heads(tab: Worksheet, heads: Iterable[str]) -> None:
    """The first row, which stays in sight."""
    for index, text in enumerate(heads, 1):
        cell = tab.cell(1, index)
        put(cell, text)
        cell.font, cell.fill = Font(FONT, SIZE, bold=True), PatternFill("solid", fgColor=_HEAD)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
    tab.freeze_panes = tab.freeze_panes or "A2"
