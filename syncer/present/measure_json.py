"""What the read of a measure gave, as JSON data of `explain` and of `check --online`."""

from typing import TYPE_CHECKING, Any

from connectors.protocol import ReadError, Reading
from syncer.compute.assess import Assessment
from syncer.model.history import Cause
from syncer.present.error_text import error_data
from syncer.present.json_values import json_instant, json_number, json_reason, json_text
from syncer.sources.reads import notes_of

if TYPE_CHECKING:
    from syncer.make_sheet.try_out import Tried


def measure_data(seen: "Assessment | Tried", name: str) -> dict[str, Any]:
    """Return what the read of a measure gave, as JSON data."""
    result, place = seen.results[name], seen.config.place_of(name)
    reading = result.answer if isinstance(result.answer, Reading) else None
    error = result.answer.error if isinstance(result.answer, ReadError) else None
    return {
        "name": name,
        "file": place.file,
        "line": place.line or None,
        "from": result.source,
        "asked": reading.asked if reading else None,
        "link": (reading.link or None) if reading else None,
        "read_at": json_instant(reading.read_at, seen.now.tzinfo) if reading else None,
        "rows": reading.count if reading else None,
        "counted": result.counted,
        "value": json_number(seen.figures[name].value),
        "notes": [json_text(text) for text in notes_of(reading, seen.config.expressions[name])] if reading else [],
        "warnings": [json_text(text) for text in result.all_warnings],
        "reason": json_reason(result.figure.reason, Cause.READ_FAILED if error else Cause.NO_VALUE),
        "error": error_data(error) if error else None,
    }
