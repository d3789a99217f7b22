"""Output of `explain` as versioned JSON: every step from the reads and their rows to progress, pace and status."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from syncer.compute.assess import Assessment
from syncer.compute.coverage import Gap, gap_of
from syncer.compute.objectives import Term, terms_of
from syncer.compute.states import KeyResultState, ObjectiveState
from syncer.compute.with_history import measures_of_state
from syncer.i18n import localize
from syncer.method.goal import Goal
from syncer.method.kinds import Between, Milestone, Parts
from syncer.method.pace import elapsed
from syncer.method.status import limits
from syncer.present.json_values import delta_data, json_document, json_number, json_row
from syncer.present.measure_json import measure_data
from syncer.present.status_json import key_result_fields, objective_fields
from syncer.run.past import PastObjective
from syncer.sheet.number_text import exact_value
from syncer.sources.read_sources import ROWS_SHOWN

VERSION = 1
"""Version of the JSON; incremented when a field is removed or changes meaning, not when one is added."""


def key_result_json(seen: Assessment, state: KeyResultState) -> str:
    """Format the derivation of a key result as JSON."""
    definition, goal = state.definition, state.definition.goal
    data = {
        "version": VERSION,
        "kind": "key_result",
        "day": seen.now.date().isoformat(),
        **key_result_fields(seen, state),
        "team": definition.team or None,
        "unit": definition.unit or None,
        "percent": definition.percent,
        "measures": [_measure(seen, name) for name in measures_of_state(state) if name in seen.results],
        "goal": _goal(goal, state.current if isinstance(state.current, Decimal) else None, state.earlier[:1]),
        "numbers": _numbers(state),
        "baseline_asked_later": definition.id in seen.recall.past.asked_later,
        "pace": _pace(seen, state),
        "changed": delta_data(state.delta, percent=definition.percent),
        "dropped": {"day": definition.dropped.date.isoformat(), "reason": definition.dropped.reason}
        if definition.dropped
        else None,
    }
    return json_document(data)


def objective_json(seen: Assessment, state: ObjectiveState) -> str:
    """Format the weighted mean of an objective, and why its key results do not cover it, as JSON."""
    terms = terms_of(seen.config, seen.key_results, seen.objectives, state)
    day = seen.now.date().isoformat()
    return _objective(state, terms, {"day": day, "at": None}, gap_of(seen, state))


def past_objective_json(past: PastObjective) -> str:
    """Format the weighted mean of an objective on a past day as JSON."""
    return _objective(past.objective, past.terms, {"day": past.day.isoformat(), "at": past.asked.isoformat()}, None)


def _objective(state: ObjectiveState, terms: Sequence[Term], days: dict[str, str | None], gap: Gap | None) -> str:
    data = {
        "version": VERSION,
        "kind": "objective",
        **days,
        **objective_fields(state),
        "terms": [
            {
                "kind": "objective" if term.is_objective else "key_result",
                "id": term.id,
                "title": term.title,
                "progress": json_number(term.progress),
                "weight": json_number(term.weight),
                "counts": term.counts,
            }
            for term in terms
        ],
        "gap": {
            "below": list(gap.below),
            "confidence": json_number(gap.confidence),
            "judgement": gap.judgement or None,
        }
        if gap
        else None,
    }
    return json_document(data)


def _measure(seen: Assessment, name: str) -> dict[str, Any]:
    return {
        **measure_data(seen, name),
        "expression": seen.config.measures[name].value,
        "sample": [
            {"counted": row.counted, "values": json_row(row.values)} for row in seen.traced.get(name, ())[:ROWS_SHOWN]
        ],
    }


def _numbers(state: KeyResultState) -> list[dict[str, Any]]:
    """Return each number behind a key result; with parts, each with its own goal, progress and weight."""
    goal, measures = state.definition.goal, state.definition.measures
    if goal is not None and not goal.is_measured:
        return []
    parts: Sequence[tuple[Goal | None, Decimal | None]] = (goal.parts if goal else ()) or [(None, None)] * len(measures)
    shares = state.shares or (None,) * len(parts)
    earlier = state.earlier or ((),) * len(parts)
    return [
        {
            "measure": measure.text if measure else None,
            "value": json_number(value),
            "earlier": [json_number(each) for each in before],
            "goal": _goal(part, value, (before,)),
            "progress": json_number(share),
            "weight": json_number(weight),
        }
        for measure, value, before, (part, weight), share in zip(
            measures, state.values, earlier, parts, shares, strict=True
        )
    ]


def _goal(goal: Goal | None, value: Decimal | None, earlier: Sequence[Sequence[Decimal]]) -> dict[str, Any] | None:
    """Return a goal with its formula; `value` and `earlier` are the numbers in the formula."""
    if goal is None:
        return None
    formula = goal.formula(value, partial(exact_value, percent=goal.percent), earlier[0] if earlier else ())
    low, high = (goal.low, goal.high) if isinstance(goal, Between) else (None, None)
    return {
        "kind": goal.kind,
        "baseline": json_number(goal.baseline),
        "target": json_number(goal.target),
        "low": json_number(low),
        "high": json_number(high),
        "percent": goal.percent,
        "over": {"each": goal.over.each, "take": goal.over.take} if goal.over else None,
        "combine": goal.combine if isinstance(goal, Parts) else None,
        "steps": [
            {"title": step.title, "done": step.done, "weight": json_number(step.weight)}
            for step in (goal.steps if isinstance(goal, Milestone) else ())
        ],
        "text": localize("en", formula),
    }


def _pace(seen: Assessment, state: KeyResultState) -> dict[str, Any]:
    definition = state.definition
    passed, total = elapsed(definition.start, definition.due, definition.expected_by(seen.now.date()), definition.pace)
    on_track, at_risk = limits(state.expected, seen.config.workspace.status)
    paced = not definition.is_threshold
    return {
        "kind": definition.pace.kind,
        "start": definition.start.isoformat(),
        "due": definition.due.isoformat(),
        "passed": passed,
        "total": total,
        "on_track_from": json_number(on_track) if paced else None,
        "at_risk_from": json_number(at_risk) if paced else None,
    }
