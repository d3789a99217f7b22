"""The summary tab of a new workbook: how many key results of each team have which status, counted by formulas."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.properties import PageSetupProperties

from config.loading.loader import Config
from connectors.local_sheet.xlsx_sheet import clean_text
from syncer.okr.status import SEVERITY, Status
from syncer.sheet.new_sheet import FONT, SHEET_COLUMNS, SIZE, NewRow
from syncer.words import mark, say, word

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_BAR = {
    Status.OFF_TRACK: "C0392B", Status.NOT_MET: "E07A6E", Status.AT_RISK: "E5A11B", Status.STALE: "F2CF87",
    Status.UNKNOWN: "9AA3AE", Status.JUST_STARTED: "8FB4E8", Status.ON_TRACK: "2E8B57", Status.MET: "6DBE8B",
    Status.NOT_STARTED: "C9CFD6", Status.DONE: "14532D", Status.DROPPED: "E7E9EC",
}  # fmt: skip
_FIRST_COUNT = 4


def add_summary(config: Config, book: "Workbook", okrs: str, rows: Sequence[NewRow], last: int) -> None:
    """Add the tab. `last` is the last row of the tab `okrs` that counts."""
    language, sheet = config.workspace.language, config.workspace.okr_sheet
    title = say(language, "Summary")
    if title.casefold() in (okrs.casefold(), sheet.data_tab.casefold()):
        return
    tab: Worksheet = book.create_sheet(title)
    place = quote_sheetname(okrs)

    def column(name: str) -> str:
        letter = get_column_letter(SHEET_COLUMNS.index(name) + 1)
        return f"{place}!${letter}$2:${letter}${last}"

    statuses = sorted(SEVERITY, key=lambda status: SEVERITY[status])
    heads = [say(language, text) for text in (mark("Team"), mark("Key results"), mark("Mean progress"))]
    tab.append([*heads, *(word(status.value, language) for status in statuses)])
    teams = list(dict.fromkeys(row.definition.team for row in rows if row.definition))
    named = f'{column("id")},"?*",{column("title")},"?*"'  # objectives have no key result's title
    for number, team in enumerate([*teams, None], 2):
        mine = named if team is None else f"{named},{column('team')},$A{number}"
        if team == "":
            mine = f'{named},{column("team")},""'
        label = say(language, "All") if team is None else team or say(language, "(no team)")
        head = tab.cell(number, 1, clean_text(label))
        head.data_type = "s"
        tab.cell(number, 2, f"=COUNTIFS({mine})")
        mean = tab.cell(number, 3, f'=IFERROR(AVERAGEIFS({column("progress")},{mine}),"")')
        mean.number_format = "0.0%"
        for index, status in enumerate(statuses, _FIRST_COUNT):
            letter = get_column_letter(index)
            counted = f"COUNTIFS({mine},{column('status')},{letter}$1)"
            blank = f'+COUNTIFS({mine},{column("status")},"")' if status is Status.UNKNOWN else ""
            tab.cell(number, index, f"={counted}{blank}")
    _dress(tab, len(teams) + 2)
    _add_chart(tab, statuses, len(teams), say(language, "Key results by status"), len(rows))


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
        Reference(tab, min_col=_FIRST_COUNT, max_col=_FIRST_COUNT + len(statuses) - 1, min_row=1, max_row=teams + 1),
        titles_from_data=True,
    )
    chart.set_categories(Reference(tab, min_col=1, min_row=2, max_row=teams + 1))
    for series, status in zip(chart.series, statuses, strict=True):
        series.graphicalProperties.solidFill = _BAR[status]
    chart.width, chart.height = 26, max(7, 2 + 1.2 * teams)
    chart.x_axis.scaling.orientation = "maxMin"
    chart.y_axis.number_format, chart.y_axis.majorUnit = "0", max(1, most // 10)
    chart.legend.position = "b"
    chart.x_axis.delete = chart.y_axis.delete = False
    tab.add_chart(chart, f"A{teams + 5}")
