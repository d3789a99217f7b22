"""Convert values for JSON: numbers to JSON numbers, days to ISO 8601 dates, unknown to null, texts to English."""

from datetime import date, datetime, tzinfo
from decimal import Decimal

from config.plain_text import plain
from connectors.okr_sheet import CellValue
from connectors.protocol import Row, Value
from syncer.i18n import localize
from syncer.model.cause import Cause
from syncer.model.cells import rounded
from syncer.sources.figures import exact


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
