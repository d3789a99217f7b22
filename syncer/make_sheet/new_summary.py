"""Summary tab of a new workbook: number of key results per team and status, by formulas."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.data_source import StrData, StrRef, StrVal
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.marker import DataPoint
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from config.loading.loader import Config
from connectors.grids.a1 import quoted
from connectors.local_sheet.xlsx_sheet import clean_text
from syncer.i18n import translate
from syncer.make_sheet.formats import fit_paper
from syncer.make_sheet.sheet_rows import FONT, SHEET_COLUMNS, SIZE, NewRow
from syncer.make_sheet.summary_table import (
    BARS,
    FIRST_COUNT,
    MEAN_EXPECTED,
    MEAN_PROGRESS,
    MEANS,
    STATUSES,
    Counted,
    chart_places,
    summary_head,
    summary_rows,
    summary_title,
    teams_of,
)
from syncer.method.status import Status

_ROW, _TEAM_HEIGHT = 0.53, 3.6
"""Heights in centimetres: a row, a team's chart."""

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet


def add_summary(config: Config, book: "Workbook", okrs: str, rows: Sequence[NewRow], last: int) -> None:
    """Add the summary tab. `last` is the last row to count in the tab `okrs`."""
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
        for column in MEANS:
            tab.cell(number, column + 1).number_format = "0.0%"
    _dress(tab, len(teams) + 2)
    _add_chart(tab, STATUSES, len(teams), translate(language, "Key results by status"), len(rows))
    first = len(teams) + 7 + round(_height(len(teams)) / _ROW)
    for number, (row, column) in enumerate(chart_places(len(teams), first, round(_TEAM_HEIGHT / _ROW) + 1), 2):
        _add_team_chart(tab, number, f"{get_column_letter(column + 1)}{row}")


def _dress(tab: "Worksheet", last: int) -> None:
    for index, cell in enumerate(tab[1], 1):
        cell.font, cell.fill = Font(FONT, SIZE, bold=True), PatternFill("solid", fgColor="DDE6F3")
        cell.alignment = Alignment("left" if index == 1 else "right", "center", wrap_text=True)
        tab.column_dimensions[get_column_letter(index)].width = 24 if index == 1 else 12
    for cell in tab[last]:
        cell.font = Font(FONT, SIZE, bold=True)
    tab.row_dimensions[1].height = 32
    fit_paper(tab)
    tab.freeze_panes = "B2"


def _height(teams: int) -> float:
    return max(7, min(2 + 0.8 * teams, 24))


def _add_chart(tab: "Worksheet", statuses: Sequence[Status], teams: int, title: str, most: int) -> None:
    """Add a stacked bar chart with one bar per team, below the table."""
    chart = BarChart()
    chart.type, chart.grouping, chart.overlap, chart.title = "bar", "stacked", 100, title
    chart.add_data(
        Reference(tab, min_col=FIRST_COUNT + 1, max_col=FIRST_COUNT + len(statuses), min_row=1, max_row=teams + 1),
        titles_from_data=True,
    )
    chart.set_categories(Reference(tab, min_col=1, min_row=2, max_row=teams + 1))
    for series, status in zip(chart.series, statuses, strict=True):
        series.graphicalProperties.solidFill = BARS[status]
    chart.width, chart.height = 26, _height(teams)
    chart.x_axis.scaling.orientation = "maxMin"
    chart.y_axis.number_format, chart.y_axis.majorUnit = "0", max(1, most // 10)
    chart.legend.position = "b"
    chart.x_axis.delete = chart.y_axis.delete = False
    tab.add_chart(chart, f"A{teams + 6}")


def _add_team_chart(tab: "Worksheet", row: int, place: str) -> None:
    """Add a chart of a team's mean and expected progress, with the team's cell as title."""
    chart = BarChart()
    chart.type, chart.legend = "bar", None
    small = CharacterProperties(sz=1100, b=True)
    written = RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=small), endParaRPr=small)])
    known = StrData(ptCount=1, pt=[StrVal(0, str(tab.cell(row, 1).value))])
    named = StrRef(f"{quoted(tab.title)}!$A${row}", strCache=known)
    chart.title = Title(tx=Text(strRef=named), txPr=written, overlay=False)
    left, right = MEAN_PROGRESS + 1, MEAN_EXPECTED + 1
    chart.add_data(Reference(tab, min_col=left, max_col=right, min_row=row), from_rows=True)
    chart.set_categories(Reference(tab, min_col=left, max_col=right, min_row=1))
    for index, colour in enumerate(MEANS.values()):
        point = DataPoint(idx=index)
        point.graphicalProperties.solidFill = colour
        chart.series[0].dPt.append(point)
    chart.dataLabels = DataLabelList(showVal=True, showSerName=False, showCatName=False, showLegendKey=False)
    chart.dataLabels.numFmt = "0%;-0%;"
    chart.gapWidth = 40
    chart.x_axis.scaling.orientation = "maxMin"
    chart.y_axis.scaling.min, chart.y_axis.scaling.max = 0, 1
    chart.y_axis.majorGridlines = None
    chart.x_axis.delete, chart.y_axis.delete = False, True
    chart.width, chart.height = 9, _TEAM_HEIGHT
    tab.add_chart(chart, place)
