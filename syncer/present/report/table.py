"""The report as a table for CSV and XLSX: a row for each objective and each key result."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from config.dataclass import dataclass
from config.plain_text import one_line
from syncer.compute.states import KeyResultState, ObjectiveState
from syncer.i18n import translatable, translate
from syncer.present.notes_text import status_words
from syncer.present.report.chapters import Chapter, Report
from syncer.present.report.facts import last_check_in, read_at
from syncer.present.report.item import team_title
from syncer.sheet.number_text import reason_text

Value = str | Decimal | date | datetime | None
"""Value of a cell; None means unknown or not applicable."""

HEADS: Mapping[str, str] = {
    "workspace": translatable("Workspace"),
    "kind": translatable("Kind"),
    "id": translatable("Id"),
    "title": translatable("Title"),
    "objective": translatable("Objective"),
    "owner": translatable("Owner"),
    "team": translatable("Team"),
    "theme": translatable("Theme"),
    "cycle": translatable("Cycle"),
    "baseline": translatable("Baseline"),
    "target": translatable("Target"),
    "current": translatable("Current value"),
    "unit": translatable("Unit"),
    "progress": translatable("Progress"),
    "expected": translatable("Expected"),
    "status": translatable("Status"),
    "unknown": translatable("Unknown because"),
    "forecast": translatable("Forecast"),
    "met_on": translatable("Target met on"),
    "checked_in": translatable("Last check-in"),
    "confidence": translatable("Confidence"),
    "note": translatable("Note"),
    "blocker": translatable("Blocker"),
    "help": translatable("Help needed"),
    "helper": translatable("Helper"),
    "actions_done": translatable("Actions done"),
    "actions": translatable("Actions"),
    "source": translatable("Source"),
    "read_at": translatable("Read at"),
}
VALUES = ("baseline", "target", "current", "forecast")
"""Columns in the unit of the key result; those of `SHARES` are always percentages."""
SHARES = ("progress", "expected")
_SAID = ("confidence", "note", "blocker", "help", "helper")


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: `percent` says that its `VALUES` are fractions; `status_key` is its status, such as `on_track`."""

    cells: Mapping[str, Value]
    percent: bool
    status_key: str


def heads_of(report: Report) -> dict[str, str]:
    """Return the translated headers by column; the workspace column only for several workspaces."""
    return {
        name: translate(report.language, text) for name, text in HEADS.items() if report.several or name != "workspace"
    }


def rows_of(report: Report) -> Iterator[TableRow]:
    """Yield each objective followed by its key results; those without one come last in their workspace."""
    for chapter in report.chapters:
        assessment = chapter.assessment
        known = {objective.id for objective in assessment.objectives}
        below: dict[str, list[KeyResultState]] = {}
        for state in assessment.key_results:
            home = state.definition.objective
            below.setdefault(home if home in known else "", []).append(state)
        for objective in assessment.objectives:
            yield _objective(chapter, objective)
            yield from (_key_result(chapter, state) for state in below.get(objective.id, ()))
        yield from (_key_result(chapter, state) for state in below.get("", ()))


def _objective(chapter: Chapter, state: ObjectiveState) -> TableRow:
    assessment = chapter.assessment
    workspace, language = assessment.config.workspace, assessment.config.workspace.language
    stated = workspace.objectives[state.id]
    cells: dict[str, Value] = {
        "workspace": chapter.title,
        "kind": translate(language, "objective"),
        "id": state.id,
        "title": one_line(state.title),
        "owner": one_line(stated.owner or ""),
        "team": team_title(assessment, state.team),
        "theme": one_line(stated.theme or ""),
        "cycle": workspace.cycle_of(state.id).name,
        "progress": state.rollup.progress,
        "expected": state.expected,
        "status": status_words(state, language),
        **_check_in(chapter, state.id),
    }
    return TableRow(cells, percent=False, status_key=state.effective.value)


def _key_result(chapter: Chapter, state: KeyResultState) -> TableRow:
    assessment, definition, goal = chapter.assessment, state.definition, state.definition.goal
    language, found, read = (
        assessment.config.workspace.language,
        state.projection.forecast,
        read_at(assessment, definition.measures),
    )
    cells: dict[str, Value] = {
        "workspace": chapter.title,
        "kind": translate(language, "key result"),
        "id": definition.id,
        "title": one_line(definition.title),
        "objective": definition.objective,
        "owner": one_line(definition.owner),
        "team": team_title(assessment, definition.team),
        "theme": one_line(definition.theme),
        "cycle": definition.cycle.name,
        "baseline": goal.baseline if goal else None,
        "target": goal.target if goal else None,
        "current": one_line(state.current) if isinstance(state.current, str) else _value(state.current),
        "unit": "" if definition.percent else one_line(definition.unit),
        "progress": state.progress.progress,
        "expected": state.expected,
        "status": status_words(state, language),
        "unknown": reason_text(state.reason, language),
        "forecast": None if state.projection.is_progress else state.projection.end_value,
        "met_on": found.met_on if found else None,
        "actions_done": _count(state.work.done if state.work else None),
        "actions": _count(state.work.total if state.work else None),
        "source": one_line(state.source),
        "read_at": read.astimezone(assessment.now.tzinfo) if read else None,
        **_check_in(chapter, definition.id),
    }
    return TableRow(cells, percent=definition.percent, status_key=state.effective.value)


def _value(value: object) -> Value:
    return value if isinstance(value, Decimal | date) else None


def _count(number: int | None) -> Decimal | None:
    return None if number is None else Decimal(number)


def _check_in(chapter: Chapter, key: str) -> dict[str, Value]:
    check_in = last_check_in(chapter.assessment, key)
    if check_in is None:
        return {}
    return {"checked_in": check_in.day, **{name: one_line(check_in.texts.get(name, "")) for name in _SAID}}
