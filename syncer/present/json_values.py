"""Convert values and changes for JSON: JSON numbers, ISO 8601 dates, null for unknown, texts in English."""

import json
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from config.masking import mask
from config.plain_text import plain
from connectors.okr_sheet import CellValue
from connectors.protocol import Row, Value
from syncer.i18n import localize
from syncer.model.cells import rounded
from syncer.model.history import Cause, Delta, MeasureDelta, Step
from syncer.present.delta_text import delta_text
from syncer.sources.figures import exact


def json_document(data: Mapping[str, Any]) -> str:
    """Format data as the JSON text of a command's output, with secrets masked in every text."""
    return json.dumps(mask(data), ensure_ascii=False, indent=2) + "\n"


def json_number(value: Decimal | None) -> int | float | None:
    """Convert a number, rounded to 12 significant digits as in a sheet: int when whole, else float; None if unknown."""
    if value is None:
        return None
    number = rounded(value)
    assert isinstance(number, Decimal)  # noqa: S101 - a number stays one; this tells the type checker
    return int(number) if number == number.to_integral_value() else float(number)


def json_value(value: CellValue) -> str | bool | int | float | None:
    """Convert a cell's value; texts and booleans stay as they are."""
    match value:
        case Decimal():
            return json_number(value)
        case date():
            return value.isoformat()
        case _:
            return value


def json_instant(value: datetime | None, zone: tzinfo | None = None) -> str | None:
    """Convert an instant to ISO 8601 with its offset, to the second, in `zone` if one is given."""
    if value is None:
        return None
    return (value.astimezone(zone) if zone else value).isoformat(timespec="seconds")


def json_row(row: Row) -> dict[str, str | bool | int | float | list[str] | None]:
    """Convert a row of a source, such as a row behind a figure; instants keep their time zone."""
    return {name: _row_value(value) for name, value in row.items()}


def _row_value(value: Value) -> str | bool | int | float | list[str] | None:
    match value:
        case None | bool() | int():
            return value
        case float():
            return json_number(exact(value))
        case datetime():
            return json_instant(value)
        case str():
            return plain(value)
        case _:
            return [plain(text) for text in value]


def json_text(text: str) -> dict[str, str] | None:
    """Return `{"text": ...}` with the text in English; None for an empty one."""
    return {"text": plain(localize("en", text))} if text else None


def json_reason(reason: str, cause: Cause | None) -> dict[str, str | None] | None:
    """Return code and English text of why a value is unknown; None when `reason` is empty. The code may be None."""
    return {"code": cause.value if cause else None, "text": plain(localize("en", reason))} if reason else None


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
