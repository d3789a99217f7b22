"""Summary table of a new OKR sheet: number of key results per team and status, by formulas."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.marker import DataPoint
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties, RegularTextRun
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from config.dataclass import dataclass
from config.loading.loader import Config
from connectors.grids.a1 import letters, quoted
from connectors.local_sheet.xlsx_sheet import clean_text
from syncer.i18n import status_label, translatable, translate
from syncer.make_sheet.formats import LINE_COLOUR, OBJECTIVE, OWN_HEAD, PERCENT, fit_paper, progress_bar
from syncer.make_sheet.new_sheet import FONT, SHEET_COLUMNS, SIZE, NewRow
from syncer.method.status import Status
from syncer.plan.stamp import LAST_SYNCED
from syncer.sheet.own_tab import OWN_COLUMNS, STAMP_ID

MEAN_PROGRESS, MEAN_EXPECTED, FIRST_COUNT = 2, 3, 4
"""Columns, from 0, of mean progress, mean expected progress and the first number of key results by status."""
GROUPS: tuple[tuple[str, str, tuple[Status, ...]], ...] = (
    (translatable("Off track"), "C8372D", (Status.OFF_TRACK, Status.NOT_MET)),
    (translatable("At risk"), "F2B134", (Status.AT_RISK, Status.STALE)),
    (translatable("On track"), "2E8B57", (Status.ON_TRACK, Status.JUST_STARTED)),
    (translatable("Met or done"), "14532D", (Status.MET, Status.DONE)),
    (translatable("Unknown"), "9AA3AE", (Status.UNKNOWN,)),
    (translatable("Not active"), "D5DAE1", (Status.NOT_STARTED, Status.DROPPED)),
)
"""Columns of the numbers of key results: header, colour of the bar in the chart, statuses."""
CHART_COLUMN = FIRST_COUNT + len(GROUPS) + 1
"""Column, from 0, of the chart."""
COUNT_FORMAT = '0;-0;"–"'


@dataclass(frozen=True, slots=True)
class Counted:
    """Tab to count: its title, its columns from left to right, and the last row to count.

    `separator` separates the arguments of formulas: `;` in Google Sheets, valid in every locale, and `,` in a workbook.
    """

    title: str
    columns: Sequence[str]
    last: int
    separator: str = ","

    def call(self, function: str, *arguments: str) -> str:
        """Format a function call for a formula."""
        return f"{function}({self.separator.join(arguments)})"

    def column(self, name: str) -> str:
        """Return the range of a column for a formula."""
        letter = letters(self.columns.index(name))
        return f"{quoted(self.title)}!${letter}$2:${letter}${self.last}"


def summary_title(config: Config, okrs: str) -> str:
    """Return the summary tab's title; empty if another tab has that title."""
    title = translate(config.workspace.language, "Summary")
    return "" if title.casefold() in (okrs.casefold(), config.workspace.okr_sheet.own_tab.casefold()) else title


def teams_of(rows: Sequence[NewRow]) -> list[str]:
    """Return the teams of the key results in order; an empty name for key results without a team."""
    return list(dict.fromkeys(row.definition.team for row in rows if row.definition))


def summary_head(language: str) -> list[str]:
    """Return the headers of the summary."""
    heads = (translatable("Team"), translatable("Key results"), translatable("Progress"), translatable("Expected"))
    return [translate(language, text) for text in (*heads, *(name for name, _, _ in GROUPS))]


def summary_rows(language: str, tab: Counted, teams: Sequence[str]) -> Iterator[list[str]]:
    """Return one row per team and one for all; the first cell is a text, the others are formulas."""
    named = (tab.column("id"), '"?*"', tab.column("title"), '"?*"')  # objectives have no key result's title
    for number, team in enumerate([*teams, None], 2):
        mine = named if team is None else (*named, tab.column("team"), '""' if team == "" else f"$A{number}")
        label = translate(language, "All") if team is None else team or translate(language, "(no team)")
        means = (
            "=" + tab.call("IFERROR", tab.call("AVERAGEIFS", tab.column(name), *mine), '""')
            for name in ("progress", "expected")
        )
        counts = [_count(tab, mine, statuses, language) for _, _, statuses in GROUPS]
        yield [label, "=" + tab.call("COUNTIFS", *mine), *means, *counts]


def _count(tab: Counted, mine: Sequence[str], statuses: Sequence[Status], language: str) -> str:
    words = [f'"{status_label(status.value, language)}"' for status in statuses]
    words += ['""'] if Status.UNKNOWN in statuses else []
    return "=" + "+".join(tab.call("COUNTIFS", *mine, tab.column("status"), word) for word in words)


def last_synced(config: Config) -> tuple[str, str] | None:
    """Return the label and formula for the time of the last write; None without an own tab."""
    sheet = config.workspace.okr_sheet
    if not sheet.has_own_tab:
        return None
    place, updated = quoted(sheet.own_tab), letters(OWN_COLUMNS.index("updated"))
    found = f'INDEX({place}!${updated}:${updated};MATCH("{STAMP_ID}";{place}!$A:$A;0))'
    return translate(config.workspace.language, LAST_SYNCED), f'=IFERROR({found};"")'


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
            tab.cell(number, index, formula).number_format = PERCENT if index - 1 in _MEANS else COUNT_FORMAT
    _dress(tab, len(teams) + 2)
    _add_chart(tab, len(teams) + 2, translate(language, "Key results by status"))


_MEANS = (MEAN_PROGRESS, MEAN_EXPECTED)


def _dress(tab: "Worksheet", last: int) -> None:
    for number, row in enumerate(tab.iter_rows(max_row=last), 1):
        head, total = number == 1, number == last
        for index, cell in enumerate(row):
            cell.font = Font(FONT, SIZE, bold=head or total)
            cell.alignment = Alignment("right" if index else "left", "center", wrap_text=head, indent=int(index == 1))
            cell.border = Border(bottom=Side("thin", color=LINE_COLOUR))
            if head or total:
                cell.fill = PatternFill("solid", fgColor=OWN_HEAD if head else OBJECTIVE)
        tab.row_dimensions[number].height = 32 if head else 24
    for index in range(CHART_COLUMN):
        tab.column_dimensions[get_column_letter(index + 1)].width = {0: 24, MEAN_PROGRESS: 16}.get(index, 12)
    tab.column_dimensions[get_column_letter(CHART_COLUMN)].width = 3
    letter = get_column_letter(MEAN_PROGRESS + 1)
    tab.conditional_formatting.add(f"{letter}2:{letter}{last}", progress_bar())
    fit_paper(tab)
    tab.freeze_panes, tab.sheet_view.showGridLines = "B2", False


def _add_chart(tab: "Worksheet", row: int, title: str) -> None:
    """Add a chart of the numbers of key results by status in this row, right of the table."""
    chart = BarChart()
    chart.type, chart.legend = "bar", None
    large = ParagraphProperties(defRPr=CharacterProperties(sz=1200, b=True))
    words = RichText(p=[Paragraph(pPr=large, r=[RegularTextRun(t=title)])])
    chart.title = Title(tx=Text(rich=words), overlay=False)
    left, right = FIRST_COUNT + 1, FIRST_COUNT + len(GROUPS)
    chart.add_data(Reference(tab, min_col=left, max_col=right, min_row=row), from_rows=True)
    chart.set_categories(Reference(tab, min_col=left, max_col=right, min_row=1))
    for index, (_, colour, _) in enumerate(GROUPS):
        point = DataPoint(idx=index)
        point.graphicalProperties.solidFill = colour
        chart.series[0].dPt.append(point)
    chart.dataLabels = DataLabelList(showVal=True, showSerName=False, showCatName=False, showLegendKey=False)
    chart.dataLabels.numFmt = "0;-0;"
    chart.gapWidth = 40
    chart.x_axis.scaling.orientation = "maxMin"
    chart.y_axis.majorGridlines = None
    chart.x_axis.delete, chart.y_axis.delete = False, True
    chart.width, chart.height = 11, 7
    tab.add_chart(chart, f"{get_column_letter(CHART_COLUMN + 1)}1")
