"""Values and headers in the cells of the report's workbook."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from openpyxl.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from connectors.local_sheet.xlsx_sheet import clean_text
from syncer.make_sheet.new_sheet import FONT, SIZE
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


def fit_paper(tab: Worksheet, *, across: int = 1, columns: str = "") -> None:
    """For print: A4 landscape, as wide as `across` pages, with the headers and these columns (such as A:C) on each."""
    _on_paper(tab)
    tab.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    tab.page_setup.fitToWidth, tab.page_setup.fitToHeight = across, 0
    tab.print_title_rows, tab.print_title_cols = "1:1", columns or None


def cut_paper(tab: Worksheet, scale: int, after: Iterable[int]) -> None:
    """For print: A4 landscape at a scale in percent, with a new page after each of these rows."""
    _on_paper(tab)
    tab.page_setup.scale = scale
    for row in after:
        tab.row_breaks.append(Break(id=row))


def _on_paper(tab: Worksheet) -> None:
    tab.page_setup.orientation, tab.page_setup.paperSize = "landscape", Worksheet.PAPERSIZE_A4
    tab.page_margins = PageMargins(left=0.4, right=0.4, top=0.45, bottom=0.55, header=0.2, footer=0.25)
    if tab.oddFooter is not None:
        tab.oddFooter.left.text, tab.oddFooter.right.text = "&A", "&P / &N"
