"""The report as an XLSX workbook: the table of OKRs, their values over time, and native charts."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from math import ceil

from openpyxl import Workbook
from openpyxl.formatting.rule import DataBar, FormatObject, Rule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from rich.cells import cell_len

from syncer.i18n import status_label, translatable, translate
from syncer.make_sheet.formats import COLOURS, fit_paper
from syncer.make_sheet.new_sheet import FONT, SIZE
from syncer.method.status import Status
from syncer.present.report.chapters import Report, overview
from syncer.present.report.table import SHARES, VALUES, TableRow, Value, heads_of, rows_of
from syncer.present.report.workbook_charts import add_charts, put, put_heads, put_row

_WIDE = {"title": 44, "unknown": 30, "note": 34, "blocker": 28, "help": 28, "source": 34, "workspace": 24, "status": 20}
_NARROW = {
    **dict.fromkeys(("kind", "cycle", "baseline", "target", "current", "forecast", "confidence"), 11),
    **dict.fromkeys(("id", "objective", "unit", "progress", "expected", "actions", "actions_done"), 9.5),
    "read_at": 17,
}
_USUAL = 14
_TOP, _WRAPPED = Alignment(vertical="top"), Alignment(vertical="top", wrap_text=True)
_BAR = "FF9DB7E8"
_LINE_POINTS = 14.5
_OBJECTIVE = "F3F6FA"
_OVERVIEW = ("Workspace", "Cycle", "Objectives", "Key results", "Mean progress", "Last sync")
_GROUPED_FROM = 1000


def report_workbook(report: Report) -> bytes:
    """Return a report as an XLSX file. Texts stay texts, even when they begin with `=`."""
    book = Workbook()
    okrs: Worksheet = book.worksheets[0]
    okrs.title = "OKRs"
    heads, rows = heads_of(report), list(rows_of(report))
    put_heads(okrs, heads.values())
    for number, row in enumerate(rows, 2):
        _add_row(okrs, number, heads, row)
    for index, name in enumerate(heads, 1):
        okrs.column_dimensions[get_column_letter(index)].width = _WIDE.get(name, _NARROW.get(name, _USUAL))
    okrs.freeze_panes = f"{get_column_letter(list(heads).index('title') + 2)}2"
    okrs.auto_filter.ref = okrs.dimensions
    column = get_column_letter(list(heads).index("progress") + 1)
    ends = [FormatObject("num", 0), FormatObject("num", 1)]
    bar = Rule("dataBar", dataBar=DataBar(cfvo=ends, color=_BAR, showValue=True))
    okrs.conditional_formatting.add(f"{column}2:{column}{max(2, okrs.max_row)}", bar)
    fit_paper(okrs, across=2, columns=f"A:{get_column_letter(list(heads).index('title') + 1)}")
    add_charts(book, report)
    if report.several:
        _add_overview(book, report)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _add_row(tab: Worksheet, number: int, heads: Mapping[str, str], row: TableRow) -> None:
    is_objective = "objective" not in row.cells
    for index, name in enumerate(heads, 1):
        value = row.cells.get(name)
        cell = tab.cell(number, index)
        put(cell, value, _format(name, value, row))
        if is_objective:
            cell.font, cell.fill = Font(FONT, SIZE, bold=True), PatternFill("solid", fgColor=_OBJECTIVE)
        if name == "status":
            fill, text = COLOURS[Status(row.status_key)]
            cell.fill, cell.font = PatternFill("solid", fgColor=fill), Font(FONT, SIZE, color=text)
        cell.alignment = _WRAPPED if name in _WIDE else _TOP
    lines = max(ceil(cell_len(str(row.cells.get(name) or "")) / (wide - 2)) for name, wide in _WIDE.items())
    if lines > 1:
        tab.row_dimensions[number].height = _LINE_POINTS * lines


def _format(name: str, value: Value, row: TableRow) -> str:
    if isinstance(value, datetime):
        return "yyyy-mm-dd hh:mm"
    if not isinstance(value, Decimal):
        return "General" if value is None or isinstance(value, str) else "yyyy-mm-dd"
    if name in SHARES or (row.percent and name in VALUES):
        return "0.0%"
    return "#,##0.####" if name in VALUES and abs(value) >= _GROUPED_FROM else "General"


def _add_overview(book: Workbook, report: Report) -> None:
    """Add the overview of several workspaces as first tab: a row for each, and why others could not be read."""
    tab: Worksheet = book.create_sheet(translate(report.language, translatable("Overview")), 0)
    overviews = [overview(chapter) for chapter in report.chapters]
    statuses = list(dict.fromkeys(status for each in overviews for status, _ in each.counts))
    heads = [translate(report.language, text) for text in _OVERVIEW]
    put_heads(tab, [*heads, *(status_label(status.value, report.language) for status in statuses)])
    for number, each in enumerate(overviews, 2):
        counts = [Decimal(each.count(status)) for status in statuses]
        size = [Decimal(each.objectives), Decimal(each.key_results)]
        cells: tuple[Value, ...] = (each.title, each.cycle, *size, each.progress, each.synced, *counts)
        forms = ["General"] * 4 + ["0.0%", "yyyy-mm-dd hh:mm"] + ["General"] * len(counts)
        put_row(tab, number, cells, forms)
    for number, one in enumerate(report.missing, len(overviews) + 3):
        text = translate(report.language, "{name} could not be read: {reason}", name=one.name, reason=one.reason)
        put(tab.cell(number, 1), " ".join(text.split()))
    for index in range(1, len(heads) + len(statuses) + 1):
        tab.column_dimensions[get_column_letter(index)].width = 28 if index == 1 else _USUAL
    tab.freeze_panes = "B2"
    fit_paper(tab)
    book.active = 0
