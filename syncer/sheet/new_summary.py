"""The summary tab of a new workbook: how many key results of each team have which status, counted by formulas."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from config.loading.loader import Config
from connectors.local_sheet.xlsx_sheet import clean_text
from syncer.okr.status import Status
from syncer.sheet.new_sheet import FONT, SHEET_COLUMNS, SIZE, NewRow
from syncer.sheet.summary_table import (
    BARS,
    FIRST_COUNT,
    STATUSES,
    Counted,
    last_synced,
    summary_head,
    summary_rows,
    summary_title,
    teams_of,
)
from syncer.words import say

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet


def add_summary(config: Config, book: "Workbook", okrs: str, rows: Sequence[NewRow], last: int) -> None:
    """Add the tab. `last` is the last row of the tab `okrs` that counts."""
    language, title = config.workspace.language, summary_title(config, okrs)
    if not title:
        return
    tab: Worksheet = book.create_sheet(title)
    tab.append(summary_head(language))
    teams = teams_of(rows)
    for number, (label, *formulas) in enumerate(summary_rows(language, Counted(okrs, SHEET_COLUMNS, last), teams), 2):
        head = tab.cell(number, 1, clean_text(label))
        head.data_type = "s"
        for index, formula in enumerate(formulas, 2):
            tab.cell(number, index, formula)
        tab.cell(number, 3).number_format = "0.0%"
    _dress(tab, len(teams) + 2)
    if told := last_synced(config):
        for column, text in enumerate(told, 1):
            tab.cell(len(teams) + 4, column, text)
        tab.cell(len(teams) + 4, 2).number_format = "yyyy-mm-dd hh:mm"
        tab.column_dimensions["B"].width = 17
    _add_chart(tab, STATUSES, len(teams), say(language, "Key results by status"), len(rows))


def _dress(tab: "Worksheet", last: int) -> None:
    for index, cell in enumerate(tab[1], 1):
        cell.font, cell.fill = Font(FONT, SIZE, bold=True), PatternFill("solid", fgColor="DDE6F3")
        cell.alignment = Alignment("left" if index == 1 else "right", "center", wrap_text=True)
        tab.column_dimensions[get_column_letter(index)].width = 24 if index == 1 else 12
    for cell in tab[last]:
        cell.font = Font(FONT, SIZE, bold=True)
    tab.row_dimensions[1].height = 32
    tab.page_setup.orientation, tab.page_setup.fitToHeight = "landscape", 0
    tab.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    tab.freeze_panes = "B2"


def _add_chart(tab: "Worksheet", statuses: Sequence[Status], teams: int, title: str, most: int) -> None:
    """One stacked bar per team; the numbers stand in the table above it."""
    chart = BarChart()
    chart.type, chart.grouping, chart.overlap, chart.title = "bar", "stacked", 100, title
    chart.add_data(
        Reference(tab, min_col=FIRST_COUNT + 1, max_col=FIRST_COUNT + len(statuses), min_row=1, max_row=teams + 1),
        titles_from_data=True,
    )
    chart.set_categories(Reference(tab, min_col=1, min_row=2, max_row=teams + 1))
    for series, status in zip(chart.series, statuses, strict=True):
        series.graphicalProperties.solidFill = BARS[status]
    chart.width, chart.height = 26, max(7, 2 + 1.2 * teams)
    chart.x_axis.scaling.orientation = "maxMin"
    chart.y_axis.number_format, chart.y_axis.majorUnit = "0", max(1, most // 10)
    chart.legend.position = "b"
    chart.x_axis.delete = chart.y_axis.delete = False
    tab.add_chart(chart, f"A{teams + 6}")
