"""Convert cells of the Google Sheets API (v4 CellData and ExtendedValue) to Cell and back. Pure functions."""

import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from config.message import Message
from connectors.okr_sheet import Cell, CellValue

ERROR_TEXTS = {
    "ERROR": "#ERROR!",
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
    "LOADING": "Loading...",
}
"""Text that a cell shows for each ErrorType."""

_FIRST_DAY = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's serial numbers have no time zone
_SECONDS_A_DAY = 86400
_SPILL = "spill of an array formula"


def exact(number: float) -> Decimal:
    """Convert a JSON number to the shortest decimal that represents it."""
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)


def from_serial(serial: float) -> date:
    """Convert a serial number (days since 1899-12-30) to a date, or to a naive datetime unless it is midnight.

    Source: https://developers.google.com/workspace/sheets/api/guides/formats. Raises OverflowError for a number out of
    the range of dates.
    """
    moment = _FIRST_DAY + timedelta(seconds=round(serial * _SECONDS_A_DAY))
    return moment if moment.time() != datetime.min.time() else moment.date()


def to_serial(day: date) -> int | float:
    """Convert a date or a naive datetime to a serial number: days since 1899-12-30."""
    moment = day if isinstance(day, datetime) else datetime.combine(day, datetime.min.time())
    apart = moment.replace(tzinfo=None) - _FIRST_DAY
    return apart.days + apart.seconds / _SECONDS_A_DAY if apart.seconds else apart.days


def to_cell(data: Mapping[str, Any], locked: str | None = None) -> Cell:
    """Convert a CellData to a cell. A value that was not entered is locked as the spill of an array formula."""
    entered, effective = data.get("userEnteredValue") or {}, data.get("effectiveValue") or {}
    kind = ((data.get("effectiveFormat") or {}).get("numberFormat") or {}).get("type", "")
    error = effective.get("errorValue")
    if effective and not entered:
        locked = locked or _SPILL
    return Cell(
        value=None if error else _value(effective or entered, kind),
        formula=entered.get("formulaValue"),
        error=ERROR_TEXTS.get(error.get("type", ""), "#ERROR!") if error else None,
        locked=locked,
        percent=kind == "PERCENT",
    )


def _value(extended: Mapping[str, Any], kind: str) -> CellValue:
    if "numberValue" in extended:
        number = extended["numberValue"]
        if kind in ("DATE", "DATE_TIME"):
            try:
                return from_serial(number)
            except OverflowError:
                return exact(number)
        return exact(number)
    if "boolValue" in extended:
        return bool(extended["boolValue"])
    return extended.get("stringValue") or None


def to_extended(value: CellValue) -> dict[str, Any]:
    """Convert a value to an ExtendedValue; {} clears. Text stays text; numbers are rounded to 12 significant digits.

    Raises ValueError for NaN, infinity and numbers too large for a double.
    """
    if value is None or value == "":
        return {}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, Decimal):
        return {"numberValue": _rounded(value)}
    if isinstance(value, date):
        return {"numberValue": to_serial(value)}
    return {"stringValue": value}


def as_entered(cell: Cell) -> dict[str, Any]:
    """Convert the entered content of a cell, its formula or its exact value, to an ExtendedValue, to restore it."""
    if cell.formula is not None:
        return {"formulaValue": cell.formula}
    if isinstance(cell.value, Decimal):
        number = float(cell.value)
        return {"numberValue": int(number) if cell.value == int(number) else number}
    return to_extended(cell.value)


def _rounded(value: Decimal) -> int | float:
    if not value.is_finite():
        raise ValueError(Message("{value} is not a number that a sheet can hold", value=value))
    number = float(f"{value:.12g}")
    if not math.isfinite(number):
        raise ValueError(Message("{value:.3e} is too large for a sheet", value=value))
    return int(number) if number.is_integer() and abs(number) < 1e15 else number  # noqa: PLR2004 - doubles are exact
