"""Select the rows of JSON documents: a list of objects, or of bare values."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from config.errors import SourceError
from config.message import Message
from config.row_paths import parse_path
from connectors.http import shorten

VALUE = "value"
"""Name of the column for a list of bare numbers or texts."""

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?")
_DEEPEST_LIST = 5
_EFFECT = Message("Its key results were left as they were.")


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
            Message("{path} finds nothing", path=_path(expression)),
            effect=_EFFECT,
            advice=_lists_of(document),
        )
    if isinstance(found, Mapping) and not expression and any(isinstance(item, list) for item in found.values()):
        saw = Message("the answer is one object, not a list of rows")
        raise SourceError(doing, saw, effect=_EFFECT, advice=_lists_of(document))
    return [_as_row(found, doing)]


def check_expression(expression: str, doing: str) -> None:
    """Check the syntax of a JMESPath (https://jmespath.org) before anything is read. Raises SourceError."""
    try:
        parse_path(expression)
    except ValueError as exc:
        raise SourceError(
            doing,
            Message("`rows: {expression}` {exc}", expression=shorten(expression), exc=exc),
            effect=_EFFECT,
            advice="Write a path such as `data.items` or `items[?state=='open']` (jmespath.org).",
        ) from exc


def parse(data: bytes | str) -> object:
    """Parse a JSON document. Raises ValueError: no JSON, or nested too deeply."""
    try:
        return json.loads(data)
    except RecursionError as exc:
        raise ValueError(Message("it is nested too deeply")) from exc


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
        if found := _first_list(document):
            return Message(
                "Say where the rows are, such as `rows: {lists}`, or `rows: '@'` for the whole answer.",
                lists=shorten(found),
            )
        return Message("It holds {document}.", document=shorten(", ".join(map(str, document))) or "nothing")
    return Message("Say with `rows` where the rows are.")


def _first_list(document: Mapping[Any, Any]) -> str:
    """Return the path of the list that is nearest to the top; empty where there is none in its objects."""
    level: list[tuple[str, Mapping[Any, Any]]] = [("", document)]
    for _ in range(_DEEPEST_LIST):
        entries = [(f"{path}{name_in_path(str(name))}", item) for path, node in level for name, item in node.items()]
        if found := next((path for path, item in entries if isinstance(item, list)), ""):
            return found
        level = [(f"{path}.", item) for path, item in entries if isinstance(item, Mapping)]
    return ""


def name_in_path(name: str) -> str:
    """Write the name of a field for JMESPath, quoted where it has to be."""
    return name if name.isascii() and name.isidentifier() else json.dumps(name, ensure_ascii=False)


def _as_row(item: object, doing: str) -> Mapping[str, Any]:
    if isinstance(item, (dict, Mapping)):  # a dictionary is found to be one much faster than a Mapping
        return item
    if isinstance(item, list):
        raise SourceError(
            doing,
            "the rows are lists, not objects",
            effect=_EFFECT,
            advice="Set `rows` so that it points to a list of objects or of numbers, such as `rows: items[].count`.",
        )
    return {VALUE: item}
