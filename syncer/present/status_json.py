"""The current status of all OKRs as versioned JSON."""

from decimal import Decimal
from typing import Any

from syncer.compute.assess import Assessment
from syncer.compute.change import Change, change_of
from syncer.compute.projection import Projection
from syncer.compute.states import KeyResultState, ObjectiveState
from syncer.method.kinds import Milestone
from syncer.present.json_values import json_document, json_number, json_reason

VERSION = 1
"""Version of the JSON; incremented when a field is removed or changes meaning, not when one is added."""


def status_data(assessment: Assessment) -> str:
    """Format the status of all OKRs as JSON text."""
    return json_document(status_fields(assessment))


def status_fields(assessment: Assessment) -> dict[str, Any]:
    """Return the status of all OKRs as JSON data; numbers are JSON numbers, unknown is None."""
    return {
        "version": VERSION,
        "title": assessment.title,
        "cycle": assessment.config.workspace.cycle.name,
        "day": assessment.now.date().isoformat(),
        "objectives": [objective_fields(state) for state in assessment.objectives],
        "key_results": [key_result_fields(assessment, state) for state in assessment.key_results],
        "kpis": [
            {
                "name": kpi.name,
                "title": kpi.title,
                "value": json_number(kpi.value),
                "status": kpi.status.value if kpi.status else None,
                "reason": json_reason(kpi.reason, kpi.cause),
            }
            for kpi in assessment.kpis
        ],
    }


def objective_fields(state: ObjectiveState) -> dict[str, Any]:
    """Return the fields of one objective."""
    return {
        "id": state.id,
        "title": state.title,
        "team": state.team or None,
        "progress": json_number(state.rollup.progress),
        "expected": json_number(state.expected),
        "status": state.rollup.status.value,
        "override": _override(state),
        "known": state.rollup.known,
        "total": state.rollup.total,
        "off_track": state.rollup.off_track,
        "at_risk": state.rollup.at_risk,
    }


def key_result_fields(assessment: Assessment, state: KeyResultState) -> dict[str, Any]:
    """Return the fields of one key result."""
    return {
        "id": state.definition.id,
        "objective": state.definition.objective or None,
        "title": state.definition.title,
        "owner": state.definition.owner or None,
        "current": json_number(state.current) if isinstance(state.current, Decimal) else None,
        "values": _values(state),
        "steps": _steps(state),
        "progress": json_number(state.progress.progress),
        "raw": json_number(state.progress.raw),
        "expected": json_number(state.expected),
        "change": _change(change_of(assessment, state)),
        "forecast": forecast_data(state.projection),
        "status": state.status.value,
        "override": _override(state),
        "cycle": state.definition.cycle.name,
        "type": state.definition.type,
        "theme": state.definition.theme or None,
        "work": {"done": state.work.done, "all": state.work.total} if state.work else None,
        "check_in_due_since": state.due_since.isoformat() if state.due_since else None,
        "reason": json_reason(state.reason, state.cause),
        "source": state.source or None,
    }


def _values(state: KeyResultState) -> list[int | float | None]:
    goal = state.definition.goal
    return [json_number(value) for value in state.values] if goal is None or goal.is_measured else []


def _steps(state: KeyResultState) -> dict[str, int] | None:
    goal = state.definition.goal
    return (
        {"done": sum(step.done for step in goal.steps), "all": len(goal.steps)} if isinstance(goal, Milestone) else None
    )


def _change(change: Change | None) -> dict[str, str | int | float | None] | None:
    if change is None:
        return None
    value, progress = json_number(change.value), json_number(change.progress)
    return {"since": change.day.isoformat(), "value": value, "progress": progress}


def _override(state: KeyResultState | ObjectiveState) -> dict[str, str | None] | None:
    override = state.override
    if override is None:
        return None
    return {
        "status": override.status.value,
        "owner": override.owner or None,
        "reason": override.reason or None,
        "until": override.until.isoformat() if override.until else None,
    }


def forecast_data(projection: Projection) -> dict[str, str | int | float | None] | None:
    """Return a forecast as JSON data; None where there is none."""
    found = projection.forecast
    if found is None or projection.end_value is None:
        return None
    return {
        "of": "progress" if projection.is_progress else "value",
        "end_value": json_number(projection.end_value),
        "met_on": found.met_on.isoformat() if found.met_on else None,
        "days": found.points,
    }
