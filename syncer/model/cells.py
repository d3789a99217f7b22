"""Convert cell values to text, round, compare and encode them."""

import json
import re
from datetime import date, datetime
from decimal import Context, Decimal, InvalidOperation

from config.message import Message
from config.quantities import converted, parse_quantity
from connectors.okr_sheet import CellValue

DIGITS = 12
"""Significant digits of a number in a sheet; a double carries 15, so 12 survive every round trip."""


_TWELVE = Context(prec=DIGITS)


def rounded(value: CellValue) -> CellValue:
    """Round a number to the 12 significant digits that a sheet keeps; other values stay as they are."""
    return _TWELVE.plus(value).normalize() if isinstance(value, Decimal) else value


def as_text(value: CellValue) -> str:
    """Format a value as plain text, for ids and comparisons."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(_TWELVE.plus(value).normalize(), "f")
        case date():
            return value.isoformat()
        case _:
            return value.strip()


def pieces_of(text: str) -> list[str]:
    """Split a text of several numbers, such as `10 customers; NT$500,000`, in either language."""
    return re.split("[;；]", text)


def plain_figures(text: str) -> str:
    """Return several numbers without their units: `10; 500000` for `10 customers; NT$500,000`; else the text."""
    try:
        return "; ".join(as_text(parse_quantity(piece).amount.value) for piece in pieces_of(text))
    except ValueError:
        return text


def same(left: CellValue, right: CellValue) -> bool:
    """Whether two cell values look the same: the texts `90%` and `80 pts` equal 0.9 and 80; outer space is cut.

    So do two texts of several numbers, such as `10; 500000` and `10 customers; NT$500,000`.
    """
    if (type(left) is type(right) and left == right) or as_text(left) == as_text(right):
        return True
    if isinstance(left, str) and isinstance(right, str):
        pieces = pieces_of(left), pieces_of(right)
        return len(pieces[0]) == len(pieces[1]) > 1 and all(map(_same_figure, *pieces))
    if isinstance(left, str) and isinstance(right, Decimal):
        left, right = right, left
    if isinstance(left, Decimal) and isinstance(right, str):
        try:
            return as_text(parse_quantity(right).amount.value) == as_text(left)
        except ValueError:
            return False
    return False


def _same_figure(left: str, right: str) -> bool:
    """Whether two texts are the same number in the same unit; a missing unit means the same one."""
    try:
        figure, other = parse_quantity(left), parse_quantity(right)
    except ValueError:
        return left.strip() == right.strip()
    amount = converted(other, figure.unit)
    return amount is not None and amount.value == figure.amount.value


def encode_cell(value: CellValue) -> str | None:
    """Encode a cell value as tagged JSON, to keep the text `1`, the number 1 and true apart; None stays None."""
    match value:
        case None:
            return None
        case bool():
            tagged: dict[str, object] = {"boolean": value}
        case str():
            tagged = {"text": value}
        case Decimal():
            tagged = {"number": str(value)}
        case date():
            tagged = {"date": value.isoformat()}
    return json.dumps(tagged, ensure_ascii=False)


def decode_cell(text: str | None) -> CellValue:
    """Decode a value written by `encode_cell`. Raises ValueError."""
    if text is None:
        return None
    match json.loads(text):
        case {"boolean": bool(value)}:
            return value
        case {"text": str(value)}:
            return value
        case {"number": str(value)}:
            try:
                return Decimal(value)
            except InvalidOperation:
                raise ValueError(Message("{value!r} is not a number", value=value)) from None
        case {"date": str(value)}:
            return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
        case {**other}:
            raise ValueError(Message("{other} is not a kind of cell value", other=[repr(key) for key in other]))
    raise ValueError(Message("{text!r} is not a cell's value as it is written down", text=text))
