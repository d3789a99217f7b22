"""Output of `explain --at` as versioned JSON: a key result as a past run computed it."""

import json
from datetime import tzinfo
from typing import Any

from syncer.compute.with_history import natural
from syncer.ledger.records import MeasureRecord
from syncer.present.error_text import error_data
from syncer.present.history_json import check_in_data, value_data
from syncer.present.json_values import delta_data, json_instant, json_number, json_row
from syncer.run.past import PastDay
from syncer.run.run_records import ROWS_SHOWN

VERSION = 1
"""Version of the JSON; incremented when a field is removed or changes meaning, not when one is added."""


def past_json(day: PastDay, zone: tzinfo) -> str:
    """Format a past day of a key result as JSON, with times in `zone`."""
    percent = day.definition.percent if day.definition else False
    data = {
        "version": VERSION,
        "kind": "key_result",
        "id": day.record.key_result,
        "at": day.asked.isoformat(),
        "value": {**value_data(day.record, zone), "changed": delta_data(day.delta, percent=percent)},
        "measures": [_measure(name, measure, day, zone) for name, measure in sorted(day.measures.items())],
        "check_in": check_in_data(day.check_in, day.scale) if day.check_in else None,
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _measure(name: str, measure: MeasureRecord, day: PastDay, zone: tzinfo) -> dict[str, Any]:
    reading = next((reading for reading in day.readings if name in reading.measures), None)
    again, problem = day.rows_again.get(name), day.problems.get(name)
    sample = measure.shown or (again.rows if again else ())
    sample_of = "then" if measure.shown or (again and again.of_then) else "now"
    return {
        "name": name,
        "from": f"{reading.connection}.{reading.table}" if reading else None,
        "asked": reading.asked if reading else None,
        "read_at": json_instant(reading.read_at, zone) if reading else None,
        "rows": measure.rows,
        "counted": measure.counted,
        "value": json_number(measure.figure),
        "error": {"text": reading.error} if reading and reading.error else None,
        "keys": None if measure.keys is None else natural(set(measure.keys)),
        "counted_keys": None if measure.counted_keys is None else natural(set(measure.counted_keys)),
        "sample": [{"counted": row.counted, "values": json_row(row.values)} for row in sample[:ROWS_SHOWN]],
        "sample_of": sample_of if sample else None,
        "sample_error": error_data(problem) if problem else None,
    }
