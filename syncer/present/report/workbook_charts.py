"""The workbook's charts: progress by team, and progress over time of the key results with the worst status."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING

from openpyxl.cell import Cell, MergedCell
from openpyxl.chart import BarChart, Reference, ScatterChart, Series
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.legend import Legend
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, ParagraphProperties
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from config.plain_text import one_line
from connectors.local_sheet.xlsx_sheet import clean_text
from syncer.compute.assess import Assessment
from syncer.compute.states import KeyResultState
from syncer.i18n import translatable, translate
from syncer.make_sheet.formats import cut_paper, fit_paper
from syncer.make_sheet.new_sheet import FONT, SIZE
from syncer.method.pace import expected
from syncer.method.progress import weighted_mean
from syncer.method.status import SEVERITY
from syncer.present.report.chapters import Report
from syncer.present.report.course import days_of
from syncer.present.report.item import team_title
from syncer.present.report.table import Value

if TYPE_CHECKING:
    from openpyxl import Workbook


_HEAD = "DDE6F3"


def put(cell: Cell | MergedCell, value: Value, form: str = "General") -> None:
    """Write a value to a cell with a number format; a text is never stored as a formula."""
    if isinstance(value, str):
        cell.value = clean_text(value) or None
        if value:
            cell.data_type, cell.quotePrefix = "s", value[0] in "=+-@"
        return
    cell.value = value.replace(tzinfo=None) if isinstance(value, datetime) else value
    cell.number_format = form


def put_row(tab: Worksheet, number: int, values: Sequence[Value], forms: Sequence[str]) -> None:
    """Write values with their number formats to a row, from its first cell."""
    for index, (value, form) in enumerate(zip(values, forms, strict=True), 1):
        put(tab.cell(number, index), value, form)


def put_heads(tab: Worksheet, heads: Iterable[str]) -> None:
    """Write the header row, and freeze it unless the tab has frozen panes already."""
    for index, text in enumerate(heads, 1):
        cell = tab.cell(1, index)
        put(cell, text)
        cell.font, cell.fill = Font(FONT, SIZE, bold=True), PatternFill("solid", fgColor=_HEAD)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
    tab.freeze_panes = tab.freeze_panes or "A2"


MOST_CHARTS = 12
"""Maximum number of charts of single key results; hundreds would be slow to open."""
_VALUES = (
    translatable("Id"),
    translatable("Key result"),
    translatable("Day"),
    translatable("Value"),
    translatable("Progress"),
    translatable("Expected"),
    translatable("Target"),
)
_TEAMS = (translatable("Team"), translatable("Key results"), translatable("Progress"), translatable("Expected"))
_DAY, _PROGRESS, _LAST = 3, 5, 7
_COLOURS = ("2457C5", "7A8593", "1B7F4D")
_GRID = "DFE3EA"
_ACROSS, _BAND_ROWS = 10, 17
"""Columns from one chart to the next on its right, and rows from one chart to the next below."""
_ROW_POINTS, _ROW_CM = 15.0, 15 * 2.54 / 72
_PAPER_SCALE, _PAGE_BANDS = 65, 3
"""Print scale in percent, and rows of charts per page: three rows (270 mm) of two charts (340 mm) fit landscape A4."""
_ID_WIDTH, _TITLE_WIDTH = 12, 44


def add_charts(book: "Workbook", report: Report) -> None:
    """Add two tabs of figures (values over time, teams), and a tab with the charts drawn from them."""
    language = report.language
    values: Worksheet = book.create_sheet(translate(language, translatable("Values over time")))
    teams: Worksheet = book.create_sheet(translate(language, translatable("Teams")))
    charts: Worksheet = book.create_sheet(translate(language, translatable("Charts")))
    put_heads(values, [translate(language, text) for text in _VALUES])
    put_heads(teams, [translate(language, text) for text in _TEAMS])
    places: list[tuple[KeyResultState, range]] = []
    for assessment in (chapter.assessment for chapter in report.chapters):
        for state in assessment.key_results:
            first = places[-1][1].stop if places else 2
            places.append((state, _add_days(values, first, assessment, state)))
    for number, row in enumerate(_team_rows(report), 2):
        put_row(teams, number, row, ["General", "General", "0.0%", "0.0%"])
    bands = 0
    if teams.max_row > 1:
        chart = _team_chart(teams, language)
        charts.add_chart(chart, "A2")
        bands = ceil((chart.height / _ROW_CM + 1) / _BAND_ROWS)
    drawn = [(state, rows) for state, rows in places if rows and not state.dropped]
    drawn.sort(key=lambda each: SEVERITY[each[0].effective])
    for number, (state, rows) in enumerate(drawn[:MOST_CHARTS]):
        anchor = f"{get_column_letter(1 + _ACROSS * (number % 2))}{2 + _BAND_ROWS * (bands + number // 2)}"
        charts.add_chart(_course(values, state, rows), anchor)
    charts.sheet_format.defaultRowHeight, charts.sheet_format.customHeight = _ROW_POINTS, True
    last = bands + (min(len(drawn), MOST_CHARTS) + 1) // 2
    cut_paper(charts, _PAPER_SCALE, range(_BAND_ROWS * _PAGE_BANDS, _BAND_ROWS * last, _BAND_ROWS * _PAGE_BANDS))
    for tab in (values, teams):
        fit_paper(tab)
        tab.column_dimensions["A"].width = _ID_WIDTH if tab is values else _TITLE_WIDTH
    values.column_dimensions["B"].width, values.column_dimensions["C"].width = _TITLE_WIDTH, _ID_WIDTH


def _add_days(tab: "Worksheet", first: int, assessment: Assessment, state: KeyResultState) -> range:
    """Write a key result's days from row `first` on, with the ends of its expected line; return the rows written."""
    definition = state.definition
    days = {each.day: each for each in days_of(assessment, state) if definition.start <= each.day <= definition.due}
    if not days:
        return range(first, first)
    ends = () if definition.goal is None or definition.is_threshold else (definition.start, definition.due)
    shown_days = sorted({*days, *ends})
    for number, day in enumerate(shown_days, first):
        found = days.get(day)
        due = expected(definition.start, definition.due, day, definition.pace) if ends else None
        shown = Decimal(1) if ends and day == definition.due else due
        value, progress = (found.value, found.progress) if found else (None, None)
        texts = [definition.id, one_line(definition.title)]
        forms = ["General", "General", "yyyy-mm-dd", "0.0%" if definition.percent else "General", *["0.0%"] * 3]
        put_row(tab, number, [*texts, day, value, progress, shown, Decimal(1)], forms)
    return range(first, first + len(shown_days))


def _team_rows(report: Report) -> Iterator[list[Value]]:
    """Yield for each team the number of key results with known progress, and their mean progress and expected one."""
    for chapter in report.chapters:
        found: dict[str, list[KeyResultState]] = {}
        for state in chapter.assessment.key_results:
            if state.known and not state.dropped:
                found.setdefault(state.definition.team, []).append(state)
        for team, states in found.items():
            name = team_title(chapter.assessment, team) or translate(report.language, "(no team)")
            one = Decimal(1)
            progress = weighted_mean(
                (each.progress.progress, one) for each in states if each.progress.progress is not None
            )
            due = weighted_mean((each.expected, one) for each in states)
            yield [name, Decimal(len(states)), progress, due]


def _team_chart(tab: "Worksheet", language: str) -> BarChart:
    chart = BarChart()
    chart.type, chart.title = "bar", translate(language, "Progress by team")
    _name(chart, "", translate(language, "Progress"))
    chart.add_data(Reference(tab, min_col=3, max_col=4, min_row=1, max_row=tab.max_row), titles_from_data=True)
    chart.set_categories(Reference(tab, min_col=1, min_row=2, max_row=tab.max_row))
    for series, colour in zip(chart.series, _COLOURS, strict=False):
        series.graphicalProperties.solidFill = colour
    chart.width, chart.height = 30, max(7.5, 2 + 1.2 * tab.max_row)
    chart.x_axis.scaling.orientation = "maxMin"
    chart.y_axis.number_format, chart.y_axis.crosses = "0%", "max"
    chart.y_axis.scaling.min, chart.y_axis.scaling.max = 0, 1
    chart.legend = Legend()
    chart.legend.position = "b"
    chart.x_axis.delete = chart.y_axis.delete = False
    return chart


def _course(tab: "Worksheet", state: KeyResultState, rows: range) -> ScatterChart:
    """Draw a key result's progress, expected progress and target by day."""
    first, last = rows.start, rows.stop - 1
    chart = ScatterChart()
    chart.title, chart.style = clean_text(f"{state.definition.id} {state.definition.title}")[:60], 13
    days = Reference(tab, min_col=_DAY, min_row=first, max_row=last)
    for column, colour in zip(range(_PROGRESS, _LAST + 1), _COLOURS, strict=True):
        values = Reference(tab, min_col=column, min_row=first, max_row=last)
        series = Series(values, days, title=str(tab.cell(1, column).value))
        series.graphicalProperties.line.solidFill = colour
        series.graphicalProperties.line.width = 25_000 if column == _PROGRESS else 12_000
        series.graphicalProperties.line.dashStyle = None if column == _PROGRESS else "dash"
        series.marker.symbol = "circle" if column == _PROGRESS else "none"
        series.marker.size = 4
        series.smooth = False
        chart.series.append(series)
    _name(chart, str(tab.cell(1, _DAY).value), str(tab.cell(1, _PROGRESS).value))
    chart.width, chart.height = 17, 8
    chart.x_axis.number_format, chart.y_axis.number_format = "mm-dd", "0%"
    chart.x_axis.scaling.min, chart.x_axis.scaling.max = _serial(state.definition.start), _serial(state.definition.due)
    chart.y_axis.scaling.min, chart.y_axis.scaling.max = 0, 1
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.legend = Legend()
    chart.legend.position = "b"
    return chart


def _name(chart: BarChart | ScatterChart, across: str, up: str) -> None:
    """Set the axis titles, in a small font outside the plot, and a pale grid."""
    chart.x_axis.title, chart.y_axis.title = across or None, up
    for title, size in ((chart.title, 1200), (chart.x_axis.title, 900), (chart.y_axis.title, 900)):
        if title is not None and title.tx is not None and title.tx.rich is not None:
            title.overlay = False
            for paragraph in title.tx.rich.p:
                paragraph.pPr = ParagraphProperties(defRPr=CharacterProperties(sz=size))
    chart.x_axis.majorGridlines = None
    chart.y_axis.majorGridlines = ChartLines(spPr=GraphicalProperties(ln=LineProperties(solidFill=_GRID)))


def _serial(day: date) -> int:
    """Return a day's serial number in the 1900 date system (ECMA-376, 18.17.4.1), which counts a 1900-02-29."""
    return (day - date(1899, 12, 30)).days
