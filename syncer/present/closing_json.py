"""Scores and decisions of a closed cycle as versioned JSON, for `close --format json`."""

import json
from typing import Any

from syncer.cycle_end.closed_cycle import DAYS_MEANT, ClosedKeyResult, Closing
from syncer.method.score import band_of
from syncer.present.json_values import json_number, json_reason, json_text

VERSION = 1
"""Version of the JSON; incremented when a field is removed or changes meaning, not when one is added."""


def closing_json(closing: Closing, to_do: tuple[str, ...] = ()) -> str:
    """Format scores and decisions as JSON; `to_do` is what the next cycle's config leaves open."""
    data = {
        "version": VERSION,
        "title": closing.title,
        "cycle": closing.cycle,
        "last_day": closing.last.isoformat(),
        "as_of": closing.today.isoformat(),
        "ended": closing.ended,
        "days_of_closing": closing.days,
        "days_meant": DAYS_MEANT,
        "objectives": [
            {
                "id": one.id,
                "title": one.title,
                "progress": json_number(one.progress),
                "score": json_number(one.score),
                "known": one.known,
                "total": one.total,
            }
            for one in closing.objectives
        ],
        "key_results": [_key_result(one) for one in closing.key_results],
        "to_do": [json_text(text) for text in to_do],
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _key_result(one: ClosedKeyResult) -> dict[str, Any]:
    decision = one.decision
    return {
        "id": one.id,
        "title": one.state.definition.title,
        "objective": one.state.definition.objective or None,
        "type": one.ambition,
        "progress": json_number(one.state.progress.progress),
        "value": json_number(one.value),
        "read_on": one.as_of.isoformat() if one.as_of else None,
        "score": json_number(one.score),
        "expected": json_number(one.expected),
        "band": None if one.score is None else band_of(one.score).value,
        "reason": json_reason(one.state.reason, one.state.cause),
        "self_score": json_number(one.self_score),
        "why_apart": one.why_apart or None,
        "decision": None
        if decision is None
        else {"verdict": decision.verdict, "by": decision.by or None, "reason": decision.reason or None},
        "dropped": one.dropped,
        "unreadable": [json_text(text) for text in one.unreadable],
    }
