"""The report as CSV: a row for each objective and key result."""

import csv
from datetime import date, datetime
from decimal import Decimal
from io import StringIO

from connectors.local_sheet.csv_sheet import as_field, harmless
from syncer.present.report.chapters import Report
from syncer.present.report.table import SHARES, VALUES, TableRow, Value, heads_of, rows_of

BYTE_ORDER_MARK = "\ufeff"
"""Excel takes a CSV without it for one in the machine's old code page, and 繁體中文 is lost; every other reader of CSV
that people use here drops it. Only a file gets it: in a pipe it would stick to the first header."""


def report_csv(report: Report, *, to_file: bool) -> str:
    """Numbers plain, shares as percents, days as ISO; a text that a spreadsheet would run begins with an apostrophe."""
    heads = heads_of(report)
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heads.values())
    writer.writerows([_field(name, row.cells.get(name), row) for name in heads] for row in rows_of(report))
    return (BYTE_ORDER_MARK if to_file else "") + out.getvalue()


def _field(name: str, value: Value, row: TableRow) -> str:
    match value:
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case Decimal() | date():
            return as_field(value, percent=name in SHARES or (row.percent and name in VALUES))
        case _:
            return harmless(value or "")
