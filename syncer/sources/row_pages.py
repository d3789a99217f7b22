"""Encode pages of rows for DuckDB: one JSON text, column by column."""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from functools import partial

from config.message import Message
from config.tables import Column, ColumnType
from connectors.grids.column_rows import ColumnRows
from connectors.protocol import Row, Value

_LARGEST = 2**63
_SHOWN = 40

_Json = str | int | float | bool | list[str | None] | None


class _UnfitError(ValueError):
    """A value that does not fit a type."""


def encode_page(
    columns: Sequence[Column], rows: Sequence[Row], zone: tzinfo, faults: dict[str, str]
) -> tuple[list[Column], str]:
    """Encode a page as a JSON object of lists c0, c1, ...; return the columns that are in it, and the text.

    `faults` has the reasons of the columns, by lower-case name, that are left out; those found are added. Instants are
    written in local time of `zone`, so that days in expressions begin as in the workspace.
    """
    names = [column.name.lower() for column in columns]
    kept: list[Column] = []
    lists: list[str] = []
    for column, name in zip(columns, names, strict=True):
        if names.count(name) > 1:
            faults.setdefault(name, Message("two columns are called '{name}'", name=column.name))
        if name in faults:
            continue
        values = _values(rows, column.name)
        try:
            lists.append(f'"c{len(kept)}":{_encode(column.type, values, zone)}')
            kept.append(column)
        except ValueError:
            faults[name] = _misfit(column, values, zone)
    return kept, f"{{{','.join(lists)}}}"


def _values(rows: Sequence[Row], name: str) -> Sequence[Value]:
    return rows.values(name) if isinstance(rows, ColumnRows) else [row.get(name) for row in rows]


def _encode(kind: ColumnType, values: Sequence[Value], zone: tzinfo) -> str:
    """Encode the values of one column. Raises ValueError: a value does not fit the type."""
    fitting: Iterable[_Json]
    if _is_plain(kind, values):
        fitting = values  # type: ignore[assignment]  # plain
    elif kind == "timestamp" and _INSTANTS.issuperset(map(type, values)):
        fitting = [value and _local(value, zone) for value in values]  # type: ignore[arg-type, misc]  # datetime or None
    else:
        fitting = map(_writer(kind, zone), values)
    return json.dumps(list(fitting), separators=(",", ":"), allow_nan=False)


_PLAIN: Mapping[ColumnType, frozenset[type]] = {
    "text": frozenset({str, type(None)}),
    "number": frozenset({int, float, type(None)}),
    "boolean": frozenset({bool, type(None)}),
}
"""Types of values that are written as they are."""

_INSTANTS = frozenset({datetime, type(None)})


def _is_plain(kind: ColumnType, values: Sequence[Value]) -> bool:
    return kind in _PLAIN and _PLAIN[kind].issuperset(map(type, values))


def _misfit(column: Column, values: Sequence[Value], zone: tzinfo) -> str:
    held = next(value for value in values if not _fits(column.type, value, zone))
    text = str(held)[:_SHOWN]
    return Message(
        "column {name} holds {held!r}, which is not of type {type}", name=column.name, held=text, type=column.type
    )


def _fits(kind: ColumnType, value: Value, zone: tzinfo) -> bool:
    try:
        _writer(kind, zone)(value)
    except _UnfitError:
        return False
    return True


def _text(value: Value) -> _Json:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise _UnfitError


def _number(value: Value) -> _Json:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise _UnfitError


def _integer(value: Value) -> _Json:
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    if whole is None:
        return None
    if isinstance(whole, int) and not isinstance(whole, bool) and -_LARGEST <= whole < _LARGEST:
        return whole
    raise _UnfitError


def _boolean(value: Value) -> _Json:
    if value is None or isinstance(value, bool):
        return value
    raise _UnfitError


def _timestamp(zone: tzinfo, value: Value) -> _Json:
    if value is None:
        return None
    if isinstance(value, datetime):
        return _local(value, zone)
    raise _UnfitError


def _local(instant: datetime, zone: tzinfo) -> str:
    """Format an instant as local time, without its offset. Raises _UnfitError: it has no offset."""
    if instant.tzinfo is None:
        raise _UnfitError
    return instant.astimezone(zone).replace(tzinfo=None).isoformat(" ")


def _list(value: Value) -> _Json:
    if value is None:
        return None
    if isinstance(value, str | int | float | datetime) or not all(
        item is None or isinstance(item, str) for item in value
    ):
        raise _UnfitError
    return list(value)


def _empty(value: Value) -> _Json:
    if value is not None:
        raise _UnfitError
    return None


_WRITERS: dict[ColumnType, Callable[[Value], _Json]] = {
    "text": _text,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "list": _list,
    "empty": _empty,
}


def _writer(kind: ColumnType, zone: tzinfo) -> Callable[[Value], _Json]:
    return partial(_timestamp, zone) if kind == "timestamp" else _WRITERS[kind]
