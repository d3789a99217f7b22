"""The report as markdown, text, CSV and versioned JSON; several workspaces start with an overview."""

import csv
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

from config.plain_text import one_line
from connectors.local_sheet.csv_sheet import as_field, harmless
from syncer.compute.assess import Assessment
from syncer.compute.states import KeyResultState
from syncer.i18n import join_clauses, status_label, translatable, translate
from syncer.present.error_text import error_data
from syncer.present.history import check_in_data
from syncer.present.json_values import delta_data, json_document, json_instant, json_number
from syncer.present.plan_json import cell
from syncer.present.report.chapters import Chapter, Report, overview
from syncer.present.report.course import days_of
from syncer.present.report.facts import last_check_in, read_at
from syncer.present.report.table import SHARES, VALUES, TableRow, Value, heads_of, rows_of
from syncer.present.status_json import status_fields
from syncer.present.status_text import SIGNS, status_markdown, status_text
from syncer.present.text_width import fit, widest
from syncer.sheet.number_text import NOTHING, show_percent

BYTE_ORDER_MARK = "\ufeff"
"""UTF-8 byte order mark of CSV files: without it, Excel reads a CSV in the machine's code page and garbles 繁體中文.

Output to a pipe has none, since it would become part of the first header.
"""


def report_csv(report: Report, *, to_file: bool) -> str:
    """Format a report as CSV: plain numbers, percentages (`62.5%`), ISO dates, `YYYY-MM-DD HH:MM` times.

    A text that a spreadsheet would run as a formula gets a leading apostrophe. `to_file` adds a byte order mark.
    """
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


_HEADS = (
    translatable("Workspace"),
    translatable("Cycle"),
    translatable("Objectives"),
    translatable("Key results"),
    translatable("Mean progress"),
    translatable("Status"),
    translatable("Last sync"),
)


def report_markdown(report: Report) -> str:
    """Format a report as markdown."""
    chapters = [status_markdown(chapter.assessment) for chapter in report.chapters]
    if not report.several:
        return chapters[0]
    rows = [[translate(report.language, head) for head in _HEADS], ["---"] * len(_HEADS)]
    rows[2:] = [[cell(text) for text in _row(chapter, report.language)] for chapter in report.chapters]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    missing = [f"- {cell(text)}" for text in _missing(report)]
    return "\n".join([*lines, *(["", *missing] if missing else []), "", "\n".join(chapters)])


def report_text(report: Report) -> str:
    """Format a report as plain text."""
    chapters = [status_text(chapter.assessment) for chapter in report.chapters]
    if not report.several:
        return chapters[0]
    rows = [
        [translate(report.language, head) for head in _HEADS],
        *(_row(one, report.language) for one in report.chapters),
    ]
    widths = [widest([row[column] for row in rows], 60) for column in range(len(_HEADS))]
    lines = ["  ".join(fit(text, width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, *_missing(report), "", "\n".join(chapters)])


def _row(chapter: Chapter, language: str) -> list[str]:
    summary = overview(chapter)
    counts = (f"{SIGNS[status]} {count} {status_label(status.value, language)}" for status, count in summary.counts)
    return [
        summary.title,
        summary.cycle,
        str(summary.objectives),
        str(summary.key_results),
        show_percent(summary.progress),
        join_clauses(language, counts),
        f"{summary.synced:%Y-%m-%d %H:%M}" if summary.synced else NOTHING,
    ]


def _missing(report: Report) -> list[str]:
    return [
        one_line(translate(report.language, "{name} could not be read: {reason}", name=one.name, reason=one.reason))
        for one in report.missing
    ]


VERSION = 1
"""Version of the JSON; incremented when a field is removed or changes meaning, not when one is added."""


def report_json(report: Report) -> str:
    """Format a report as JSON: the fields of one workspace, or `workspaces` and `missing` (unreadable) of several."""
    if not report.several:
        data = _chapter(report.chapters[0])
    else:
        data = {
            "version": VERSION,
            "workspaces": [{"config": chapter.name, **_chapter(chapter)} for chapter in report.chapters],
            "missing": [{"config": one.name, "error": error_data(one.error)} for one in report.missing],
        }
    return json_document(data)


def _chapter(chapter: Chapter) -> dict[str, Any]:
    """Return the fields of `status --format json`, and the additional ones of a report."""
    assessment, summary = chapter.assessment, overview(chapter)
    data = status_fields(assessment)
    states = {state.definition.id: state for state in assessment.key_results}
    for fields in data["objectives"]:
        fields["check_in"] = _check_in(assessment, fields["id"])
    for fields in data["key_results"]:
        fields.update(_more(assessment, states[fields["id"]]))
    data["overview"] = {
        "progress": json_number(summary.progress),
        "counts": {status.value: count for status, count in summary.counts},
        "last_sync": json_instant(summary.synced),
    }
    return data


def _more(assessment: Assessment, state: KeyResultState) -> dict[str, Any]:
    definition, goal = state.definition, state.definition.goal
    read = read_at(assessment, definition.measures)
    return {
        "team": definition.team or None,
        "baseline": json_number(goal.baseline if goal else None),
        "target": json_number(goal.target if goal else None),
        "unit": definition.unit or None,
        "read_at": json_instant(read, assessment.now.tzinfo),
        "changed": delta_data(state.delta, percent=definition.percent),
        "check_in": _check_in(assessment, definition.id),
        "days": [
            {"day": each.day.isoformat(), "value": json_number(each.value), "progress": json_number(each.progress)}
            for each in days_of(assessment, state)
        ],
    }


def _check_in(assessment: Assessment, key: str) -> dict[str, Any] | None:
    check_in = last_check_in(assessment, key)
    return check_in_data(check_in, assessment.config.workspace.confidence.scale) if check_in else None
