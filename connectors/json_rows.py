"""Convert JSON documents to typed rows: select the list of objects, and infer column types from their values.

Numbers stay numbers and texts stay texts; nested values are left out. A column of mixed types is text, so that a sum
over it is refused instead of wrong.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from config.errors import SourceError
from config.message import Message
from config.tables import Column, ColumnType
from connectors.http import shorten
from connectors.protocol import Row, Value

VALUE = "value"
"""Name of the column for a list of bare numbers or texts."""

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?")
_LARGEST_INTEGER = 2**63 - 1
_EFFECT = Message("Its key results were left as they were.")
_MORE_FLAGS = ("has_more", "hasMore", "has_next", "hasNext")
_MORE_CURSORS = ("nextPageToken", "next_page_token", "next_cursor", "nextCursor")


def select(document: object, expression: str, doing: str) -> list[Mapping[str, Any]]:
    """Select the rows of a document by a JMESPath; without one, the document itself is the rows.

    Each object of a list is a row; bare values, in a list or single, become rows with one column `value`. A single
    object is one row.

    Raises SourceError: the expression is invalid or finds nothing, the list holds lists, or `expression` is empty and
    the document is an object that holds lists, so that the rows have to be stated.
    """
    found = _search(document, expression, doing) if expression else document
    if isinstance(found, list):
        return [_as_row(item, doing) for item in found if item is not None]
    if found is None:
        raise SourceError(
            doing,
            Message("{path} leads to nothing", path=_path(expression)),
            effect=_EFFECT,
            advice=_lists_of(document),
        )
    if isinstance(found, Mapping) and not expression and any(isinstance(item, list) for item in found.values()):
        saw = Message("the answer is one object, not a list of rows")
        raise SourceError(doing, saw, effect=_EFFECT, advice=_lists_of(document))
    return [_as_row(found, doing)]


def check_expression(expression: str, doing: str) -> None:
    """Check the syntax of a JMESPath (https://jmespath.org) before anything is read. Raises SourceError."""
    from jmespath import compile as compile_expression
    from jmespath.exceptions import JMESPathError

    try:
        compile_expression(expression)
    except JMESPathError as exc:
        raise SourceError(
            doing,
            Message(
                "`rows: {expression}` is no JMESPath ({exc})", expression=shorten(expression), exc=shorten(str(exc))
            ),
            effect=_EFFECT,
            advice="Write a path such as `data.items` or `items[?state=='open']` (jmespath.org).",
        ) from exc


def page_hint(document: object) -> str:
    """Return the key that marks a document as one page of several, such as `has_more`; empty when there is none."""
    if not isinstance(document, Mapping):
        return ""
    following = document.get("next")
    if isinstance(following, str) and following.startswith(("http://", "https://", "/")):
        return "next"
    flags = [name for name in _MORE_FLAGS if document.get(name) is True]
    cursors = [name for name in _MORE_CURSORS if isinstance(document.get(name), str) and document[name]]
    return next(iter([*flags, *cursors]), "")


def parse(data: bytes | str) -> object:
    """Parse a JSON document. Raises ValueError: no JSON, or nested too deeply."""
    try:
        return json.loads(data)
    except RecursionError as exc:
        raise ValueError(Message("it is nested too deeply")) from exc


@dataclass(frozen=True, slots=True)
class TypedRows:
    """Typed columns, rows of scalars, and the columns that failed."""

    columns: tuple[Column, ...]
    rows: list[Row]
    failed: Mapping[str, SourceError]


def typed(rows: Sequence[Mapping[str, Any]], zone: tzinfo, doing: str) -> TypedRows:
    """Convert the rows found by `select` to typed columns and rows of scalars, one type per column.

    A column whose texts are all ISO dates or date-times becomes instants in UTC; those without an offset are read in
    `zone`. Infinity and NaN become None. Columns are in the order of their first appearance. Names that differ only in
    case, which SQL cannot distinguish, fail.
    """
    names, failed = _names(rows, doing)
    columns = []
    values: list[list[Value]] = []
    for name in names:
        kind, column = _column([_scalar(row.get(name)) for row in rows], zone)
        columns.append(Column(name, kind, ""))
        values.append(column)
    kept: list[Row] = [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)] if names else []
    return TypedRows(tuple(columns), kept or [{} for _ in rows], failed)


def instant(text: str, zone: tzinfo) -> datetime | None:
    """Parse an ISO date or date-time as an instant in UTC, in `zone` if it has no offset; None for any other text."""
    if not _INSTANT.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _search(document: object, expression: str, doing: str) -> object:
    import jmespath
    from jmespath.exceptions import JMESPathError

    check_expression(expression, doing)
    try:
        return jmespath.search(expression, document)
    except JMESPathError as exc:
        saw = Message(
            "`rows: {expression}` does not fit ({exc})", expression=shorten(expression), exc=shorten(str(exc))
        )
        raise SourceError(doing, saw, effect=_EFFECT, advice=_lists_of(document)) from exc


def _path(expression: str) -> str:
    return f"`rows: {shorten(expression)}`" if expression else Message("the answer")


def _lists_of(document: object) -> str:
    if isinstance(document, Mapping):
        lists = [str(name) for name, item in document.items() if isinstance(item, list)]
        if lists:
            return Message(
                "State where the rows are, such as `rows: {lists}`, or `rows: '@'` for the whole answer.",
                lists=shorten(lists[0]),
            )
        return Message("It holds {document}.", document=shorten(", ".join(map(str, document))) or "nothing")
    return Message("State where the rows are with `rows`.")


def _as_row(item: object, doing: str) -> Mapping[str, Any]:
    if isinstance(item, Mapping):
        return item
    if isinstance(item, list):
        raise SourceError(
            doing,
            "the rows are lists, not objects",
            effect=_EFFECT,
            advice="State `rows` so that it leads to a list of objects or of numbers, such as `rows: items[].count`.",
        )
    return {VALUE: item}


def _names(rows: Iterable[Mapping[str, Any]], doing: str) -> tuple[list[str], dict[str, SourceError]]:
    """Return the names of the columns, and the error of each name that occurs in several spellings."""
    names: dict[str, None] = {}
    for row in rows:
        names.update((name, None) for name, item in row.items() if name and not isinstance(item, (list, Mapping)))
    spellings: dict[str, list[str]] = {}
    for name in names:
        spellings.setdefault(name.lower(), []).append(name)
    failed = {alike[0]: _alike(alike[0], alike[1], doing) for alike in spellings.values() if len(alike) > 1}
    return [alike[0] for alike in spellings.values() if len(alike) == 1], failed


def _alike(other: str, name: str, doing: str) -> SourceError:
    return SourceError(
        doing,
        Message(
            "the fields {other!r} and {name!r} differ only in case, which SQL cannot tell apart", other=other, name=name
        ),
        effect=_EFFECT,
        advice=Message("Name the one you mean with `rows`, such as `rows: '[].{{{name}: {name}}}'`.", name=name),
    )


def _scalar(item: object) -> str | float | bool | None:
    if isinstance(item, float):
        return item if math.isfinite(item) else None
    return item if isinstance(item, (str, int, bool)) else None


def _column(items: Sequence[str | float | bool | None], zone: tzinfo) -> tuple[ColumnType, list[Value]]:
    kinds = {type(item) for item in items if item is not None}
    if kinds == {bool}:
        return "boolean", list(items)
    if kinds == {int} and all(abs(item) <= _LARGEST_INTEGER for item in items if isinstance(item, int)):
        return "integer", list(items)
    if kinds and kinds <= {int, float}:
        return "number", [None if item is None else _float(item) for item in items]
    if kinds == {str}:
        moments = [instant(item, zone) if isinstance(item, str) else None for item in items]
        if all(moment is not None or item is None for moment, item in zip(moments, items, strict=True)):
            return "timestamp", list(moments)
    return "text", [item if item is None or isinstance(item, str) else json.dumps(item) for item in items]


def _float(item: str | float) -> float | None:
    try:
        return float(item)
    except OverflowError:
        return None
