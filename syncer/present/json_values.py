"""Values in JSON: numbers as JSON numbers, days as ISO dates, null for what is unknown; sentences are English."""

from datetime import date
from decimal import Decimal

from config.plain_text import plain
from connectors.okr_sheet import CellValue
from syncer.i18n import localize
from syncer.model.cause import Cause
from syncer.model.cells import rounded


def json_number(value: Decimal | None) -> int | float | None:
    """A number to 12 significant digits, as sheets hold it: whole ones without a point."""
    if value is None:
        return None
    number = rounded(value)
    assert isinstance(number, Decimal)  # noqa: S101 - a number stays one; this tells the type checker
    return int(number) if number == number.to_integral_value() else float(number)


def json_value(value: CellValue) -> str | bool | int | float | None:
    """A cell's value; text as it is."""
    match value:
        case Decimal():
            return json_number(value)
        case date():
            return value.isoformat()
        case _:
            return value


def json_text(text: str) -> dict[str, str] | None:
    """A sentence, in English; None where there is none."""
    return {"text": plain(localize("en", text))} if text else None


def json_reason(reason: str, cause: Cause | None) -> dict[str, str | None] | None:
    """Why something is unknown: the code, and the sentence in English; None where it is known."""
    return {"code": cause.value if cause else None, "text": plain(localize("en", reason))} if reason else None
