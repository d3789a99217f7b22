"""JMESPath expressions of measures (https://jmespath.org): rows, the list that they are picked from, single values."""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from config.dataclass import dataclass
from config.message import Message

if TYPE_CHECKING:
    from jmespath.parser import ParsedResult

LINK = "link"
"""The value of `next` that means the `Link` header."""

_HEADER = re.compile(r"header\s+([A-Za-z0-9!#$%&'*+.^_`|~-]+)")

_PLAIN = {"field", "subexpression", "index", "index_expression", "identity", "current"}
_ITSELF = {"identity", "current"}
_OVER_A_LIST = {"projection", "filter_projection", "value_projection", "flatten"}
_RELAY_CURSOR = "endCursor"


def header_in(expression: str) -> str:
    """Return the HTTP header that `header X-Total-Count` names, in lower case; empty for a path."""
    found = _HEADER.fullmatch(expression)
    return found[1].lower() if found else ""


def parse_path(expression: str) -> "ParsedResult":
    """Parse an expression. Raises ValueError for one that is not JMESPath."""
    from jmespath import compile as compile_expression
    from jmespath.exceptions import JMESPathError

    try:
        return compile_expression(expression)
    except (JMESPathError, RecursionError) as exc:
        line = " ".join(str(exc).split())
        raise ValueError(Message("is not valid JMESPath ({reason})", reason=line[:200])) from None


@dataclass(frozen=True, slots=True)
class RowPath:
    """The path to the list that the rows of an answer are picked from, before filters and projections.

    `key` is equal for paths to the same list.
    """

    key: str
    _source: "ParsedResult"

    def entries(self, document: object) -> list[Any] | None:
        """Return the list; None where there is none."""
        found = _searched(self._source, document)
        return found if isinstance(found, list) else None


def parse_row_path(expression: str) -> RowPath:
    """Parse the path to rows that come page by page, or that a stated total counts.

    Raises ValueError: not JMESPath, or built of functions, so that the length of a page cannot be seen.
    """
    from jmespath.parser import ParsedResult

    parsed: Any = parse_path(expression or "@")
    source = _source(parsed.parsed)
    if source is None:
        raise ValueError(
            Message("must be a path with filters or projections, so that the length of a page can be counted")
        )
    return RowPath(json.dumps(source), ParsedResult(expression, cast("Any", source)))


@dataclass(frozen=True, slots=True)
class ValuePath:
    """The path to one value of an answer, such as a cursor or a total."""

    expression: str
    _path: "ParsedResult"
    _page_info: "ParsedResult | None"

    def find(self, document: object) -> object:
        """Return the value; None where there is none.

        That of `pageInfo.endCursor` is None where the `hasNextPage` of the same object is false, as GraphQL's cursor
        connections say (https://relay.dev/graphql/connections.htm).
        """
        if self._page_info is not None:
            info = _searched(self._page_info, document)
            if isinstance(info, Mapping) and info.get("hasNextPage") is False:
                return None
        return _searched(self._path, document)


def parse_value_path(expression: str) -> ValuePath:
    """Parse the path to one value. Raises ValueError."""
    path, _, last = expression.rpartition(".")
    page_info = parse_path(path) if last == _RELAY_CURSOR and path else None
    return ValuePath(expression, parse_path(expression), page_info)


def _searched(path: "ParsedResult", document: object) -> object:
    from jmespath.exceptions import JMESPathError

    try:
        return path.search(document)
    except JMESPathError:
        return None


def _source(node: dict[str, Any]) -> dict[str, Any] | None:
    """Return the part of an expression that leads to the list; None where there is none such."""
    kind, children = node["type"], node["children"]
    if kind in _OVER_A_LIST:
        return _source(children[0])
    if kind == "index_expression" and children[-1]["type"] == "slice":
        return _source(children[0])
    if kind in ("pipe", "subexpression") and not _is_plain(node):
        first = next(place for place, child in enumerate(children) if not _is_plain(child))
        before, rest = children[:first], _source(children[first])
        if not before or rest is None:
            return rest
        return before[0] if rest["type"] in _ITSELF else {"type": kind, "children": [*before, rest]}
    return node if _is_plain(node) else None


def _is_plain(node: dict[str, Any]) -> bool:
    """Return whether an expression is a path and no more, but for an empty list where it finds nothing."""
    if node["type"] == "or_expression":
        path, instead = node["children"]
        return _is_plain(path) and instead["type"] == "literal" and instead["value"] == []
    return node["type"] in _PLAIN and all(_is_plain(child) for child in node["children"] if isinstance(child, dict))
