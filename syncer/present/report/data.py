"""The report as versioned JSON: numbers are JSON numbers, times ISO 8601, null is unknown."""

import json
from typing import Any

from syncer.compute.assess import Assessment
from syncer.compute.states import KeyResultState
from syncer.present.error_text import error_data
from syncer.present.history_json import check_in_data
from syncer.present.json_values import delta_data, json_instant, json_number
from syncer.present.report.chapters import Chapter, Report, overview
from syncer.present.report.course import days_of
from syncer.present.report.facts import last_check_in, read_at
from syncer.present.status_json import status_fields

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
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _chapter(chapter: Chapter) -> dict[str, Any]:
    """Return the fields of `status --format json`, and the additional ones of a report."""
    assessment, told = chapter.assessment, overview(chapter)
    data = status_fields(assessment)
    states = {state.definition.id: state for state in assessment.key_results}
    for fields in data["objectives"]:
        fields["check_in"] = _check_in(assessment, fields["id"])
    for fields in data["key_results"]:
        fields.update(_more(assessment, states[fields["id"]]))
    data["overview"] = {
        "progress": json_number(told.progress),
        "counts": {status.value: count for status, count in told.counts},
        "last_sync": json_instant(told.synced),
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
