"""Summary table of a new OKR sheet: number of key results per team and status, by formulas."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
from connectors.grids.a1 import letters, quoted
from connectors.local_sheet.xlsx_sheet import clean_text
from syncer.i18n import status_label, translatable, translate
from syncer.make_sheet.formats import fit_paper
from syncer.make_sheet.new_sheet import FONT, SHEET_COLUMNS, SIZE, NewRow
from syncer.method.status import SEVERITY, Status
from syncer.plan.stamp import LAST_SYNCED
from syncer.sheet.own_tab import OWN_COLUMNS, STAMP_ID

STATUSES = tuple(sorted(SEVERITY, key=lambda status: SEVERITY[status]))
MEAN_PROGRESS, MEAN_EXPECTED, FIRST_COUNT = 2, 3, 4
"""Columns, from 0, of mean progress, mean expected progress and the first status."""
MOST_TEAM_CHARTS = 24
"""Maximum number of team charts; further teams are in the table and in the chart of all teams."""
CHART_COLUMNS = (0, 3, 7, 11)
"""Columns, from 0, of the charts in a row."""
MEANS = {MEAN_PROGRESS: "5B8BD0", MEAN_EXPECTED: "C9CFD6"}
"""Colours of the bars in a team's chart, by column."""
BARS = {
    Status.OFF_TRACK: "C0392B", Status.NOT_MET: "E07A6E", Status.AT_RISK: "E5A11B", Status.STALE: "F2CF87",
    Status.UNKNOWN: "9AA3AE", Status.JUST_STARTED: "8FB4E8", Status.ON_TRACK: "2E8B57", Status.MET: "6DBE8B",
    Status.NOT_STARTED: "C9CFD6", Status.DONE: "14532D", Status.DROPPED: "E7E9EC",
}  # fmt: skip


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
    heads = (
        translatable("Team"),
        translatable("Key results"),
        translatable("Mean progress"),
        translatable("Mean expected"),
    )
    return [
        *(translate(language, text) for text in heads),
        *(status_label(status.value, language) for status in STATUSES),
    ]


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
        counts = [_count(tab, mine, status, index) for index, status in enumerate(STATUSES, FIRST_COUNT)]
        yield [label, "=" + tab.call("COUNTIFS", *mine), *means, *counts]


def chart_places(teams: int, first: int, down: int) -> list[tuple[int, int]]:
    """Return (row, column), from 0, of each team's chart, from row `first` on, each row of charts `down` rows high."""
    return [
        (first + down * (number // len(CHART_COLUMNS)), CHART_COLUMNS[number % len(CHART_COLUMNS)])
        for number in range(min(teams, MOST_TEAM_CHARTS))
    ]


def _count(tab: Counted, mine: Sequence[str], status: Status, index: int) -> str:
    counted = tab.call("COUNTIFS", *mine, tab.column("status"), f"{letters(index)}$1")
    blank = tab.call("COUNTIFS", *mine, tab.column("status"), '""')
    return f"={counted}+{blank}" if status is Status.UNKNOWN else f"={counted}"


def last_synced(config: Config) -> tuple[str, str] | None:
    """Return the label and formula for the time of the last write; None without an own tab."""
    sheet = config.workspace.okr_sheet
    if not sheet.has_own_tab:
        return None
    place, updated = quoted(sheet.own_tab), letters(OWN_COLUMNS.index("updated"))
    found = f'INDEX({place}!${updated}:${updated};MATCH("{STAMP_ID}";{place}!$A:$A;0))'
    return translate(config.workspace.language, LAST_SYNCED), f'=IFERROR({found};"")'


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
