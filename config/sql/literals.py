"""Checks of literals in expressions: type of the compared column, closed sets of values, points in time."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from config.message import Message
from config.sql.messages import ExpressionError, closest
from config.sql.texts import date_of_number, number_of_text, quotes_missing
from config.sql.tree import Node
from config.tables import Column

COLUMN_FAMILIES = {
    "text": "t",
    "number": "n",
    "integer": "n",
    "boolean": "b",
    "timestamp": "s",
    "list": "l",
    "empty": "",
}
INSTANT_ADVICE = Message("write it as '2026-10-01' or '2026-10-01 09:00', in the workspace's time zone")
_EXACT = 15
_INSTANT_FORM = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)(?:[T ](\d\d?):(\d\d)(?::[0-5]\d(?:\.\d{1,6})?)?)?")
_OFFSET_FORM = re.compile(r"\d{4}-\d\d?-\d\d?[T ]\d\d?:\d\d.*(?:Z|[+-]\d\d(:?\d\d)?)")


def literal_family(node: Node) -> str:
    """Return the family of a literal. Raises ExpressionError for a timestamp with an offset, which SQL would ignore."""
    if node.kind == "text" and _OFFSET_FORM.fullmatch(node.name):
        raise ExpressionError(
            Message(
                "{name!r} has an offset, which SQL would pass over; {instant_advice}",
                name=node.name,
                instant_advice=INSTANT_ADVICE,
            )
        )
    return {"number": "n", "text": "t", "instant": "s", "boolean": "b"}.get(node.kind, "")


def check_literals(column: Column, others: Sequence[Node], *, equal: bool) -> None:
    """Check that literals compared with a column have the column's type. Raises ExpressionError.

    `equal`: they are compared for equality, in which digits found to be numbers may still be asked for as ids.
    """
    name, wanted = column.name, COLUMN_FAMILIES[column.type]
    for part in others:
        if part.kind not in ("number", "text", "boolean") or not wanted:
            continue
        literal = repr(part.name) if part.kind == "text" else part.name
        if wanted == "l":
            raise ExpressionError(
                Message("{name} is a list; write list_contains({name}, {literal})", name=name, literal=literal)
            )
        if wanted == "s" and not is_instant(part):
            raise ExpressionError(
                Message(
                    "{name} is a point in time and {literal} is not; {instant_advice}",
                    name=name,
                    literal=literal,
                    instant_advice=INSTANT_ADVICE,
                )
            )
        if wanted == "t" and part.kind != "text":
            raise ExpressionError(number_of_text(column, part.name) if not equal else quotes_missing(column, part.name))
        if wanted == "n" and part.kind != "number" and not (equal and is_id_of(column, part)):
            raise ExpressionError(_no_number(column, part, literal))
        if wanted == "b" and part.kind != "boolean":
            raise ExpressionError(Message("{name} is true or false; write {name} or NOT {name}", name=name))


def _no_number(column: Column, part: Node, literal: str) -> str:
    if column.note and is_instant(part):
        return date_of_number(column, literal)
    bare = part.kind == "text" and re.fullmatch(r"\s*-?\d+(\.\d+)?\s*", part.name)
    advice = (
        Message("; write {text} without quotes", text=part.name.strip())
        if bare
        else Message(" and {literal} is not", literal=literal)
    )
    return Message("{name} is a number{advice}", name=column.name, advice=advice)


def is_id_of(column: Column, part: Node) -> bool:
    """Return whether a text asks for a number of a column whose type was found in the data: '123', not '0123'."""
    text = part.name if part.kind == "text" and column.note else ""
    whole = text.isascii() and text.isdigit() and len(text) <= _EXACT
    return whole and (text == "0" or not text.startswith("0"))


def check_values(column: Column | None, others: Sequence[Node]) -> None:
    """Check that literals compared with a column of closed values are among them. Raises ExpressionError."""
    for part in others:
        if column and column.values and part.kind == "text" and part.name not in column.values:
            listed = Message("; it is one of {values}", values=[f"'{value}'" for value in column.values])
            raise ExpressionError(
                Message("'{name}' is not a value of {column}", name=part.name, column=column.name)
                + (closest(part.name, column.values) or listed)
            )


def is_instant(part: Node) -> bool:
    """Return whether a literal is text that DuckDB reads as a date or a timestamp without an offset."""
    form = _INSTANT_FORM.fullmatch(part.name) if part.kind == "text" else None
    if form is None:
        return False
    year, month, day, hour, minute = (int(digits or 0) for digits in form.groups())
    try:
        datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError:
        return False
    return True
