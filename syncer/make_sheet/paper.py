"""Page setup of a workbook's tabs: A4 landscape, with repeated headers."""

from collections.abc import Iterable

from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet


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
