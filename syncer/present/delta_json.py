"""Changes since the last run as JSON data: the keys of changed rows, and the English sentence."""

from typing import Any

from syncer.model.delta import Delta, MeasureDelta, Step
from syncer.present.delta_text import delta_text
from syncer.present.json_values import json_number


def delta_data(delta: Delta, *, percent: bool) -> dict[str, Any] | None:
    """Return what changed as JSON data; None when nothing did. `percent` says that baseline and target are shares."""
    if delta.says_nothing:
        return None
    return {
        "text": delta_text(delta, "en", percent=percent),
        "baseline": _step(delta.baseline),
        "target": _step(delta.target),
        "measures": [_measure(one) for one in delta.measures],
    }


def _step(step: Step | None) -> dict[str, Any] | None:
    return None if step is None else {"before": json_number(step[0]), "after": json_number(step[1])}


def _measure(found: MeasureDelta) -> dict[str, Any]:
    return {
        "measure": found.measure,
        "redefined": found.redefined,
        "began": list(found.began),
        "stopped": list(found.stopped),
        "added": list(found.added),
        "left": list(found.left),
        "rows": found.rows,
        "counted": found.counted,
    }
