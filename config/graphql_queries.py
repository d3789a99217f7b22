"""GraphQL documents of measures: one query that reads, and that asks whether its lists are whole."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.message import Message

if TYPE_CHECKING:
    from graphql import DocumentNode, Node, SelectionSetNode

_LISTS = ("nodes", "edges")
_WRITES = re.compile(r"(?:^|[\s,}])(?:mutation|subscription)\b")
_IGNORED = re.compile(r'"""(?:\\"""|.)*?"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*', re.DOTALL)


def check_query(text: str, *, has_total: bool = False) -> None:
    """Check that a document is one query. `has_total`: the rows are held against a number that the answer states.

    Raises ValueError: a syntax error, several operations, a mutation or subscription, or a connection without
    `pageInfo`, of which one page would look like the whole.
    """
    from graphql import GraphQLError, OperationDefinitionNode, OperationType

    try:
        document = _parsed(text)
    except GraphQLError as exc:
        line = exc.locations[0].line if exc.locations else 1
        raise ValueError(Message("is not GraphQL: {reason} (its line {line})", reason=exc.message, line=line)) from None
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    for operation in operations:
        if operation.operation is not OperationType.QUERY:
            raise ValueError(
                Message("is a {kind}; a measure may only read: write a query", kind=operation.operation.value)
            )
    if len(operations) != 1:
        raise ValueError(Message("must be one query; it has {count}", count=len(operations)))
    partial = None if has_total else next(_without_page_info(document), None)
    if partial:
        raise ValueError(
            Message(
                "asks for `{name}` without `pageInfo {{ hasNextPage endCursor }}`, so that one page would look like "
                "the whole; ask for it as well, or set `total`",
                name=partial,
            )
        )


def writes(text: str) -> bool:
    """Return whether a text is a GraphQL document with a mutation or a subscription, as far as it can be read."""
    from graphql import GraphQLError, OperationDefinitionNode, OperationType

    try:
        document = _parsed(text)
    except GraphQLError:
        return bool("{" in text and _WRITES.search(_IGNORED.sub(" ", text)))
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    return any(operation.operation is not OperationType.QUERY for operation in operations)


def queries_in(document: object) -> Iterator[str]:
    """Yield the texts that a GraphQL server would take for queries: `query` of an object, or of each in a list."""
    for one in document if isinstance(document, list) else (document,):
        query = one.get("query") if isinstance(one, dict) else None
        if isinstance(query, str):
            yield query


def _parsed(text: str) -> "DocumentNode":
    from graphql import GraphQLSyntaxError, Source, parse

    try:
        return parse(text, no_location=True, max_tokens=20_000)
    except RecursionError:
        raise GraphQLSyntaxError(Source(text), 0, "it is nested too deeply") from None


def _without_page_info(document: "DocumentNode") -> Iterator[str]:
    """Yield the list of each selection that asks for a page of a connection without asking whether more follow."""
    for selections in _selections(document):
        names = {node.name.value: node for node in selections.selections if hasattr(node, "name")}
        asked = next((name for name in _LISTS if name in names), None)
        if asked is None:
            continue
        page_info = getattr(names.get("pageInfo"), "selection_set", None)
        inner = [getattr(node, "name", None) for node in page_info.selections] if page_info else []
        if not any(name is not None and name.value == "hasNextPage" for name in inner):
            yield asked


def _selections(node: "Node") -> Iterator["SelectionSetNode"]:
    from graphql import Node, SelectionSetNode

    waiting: list[Node] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, SelectionSetNode):
            yield one
        values = [getattr(one, key, None) for key in one.keys]
        listed = [value if isinstance(value, (list, tuple)) else (value,) for value in values]
        waiting += [inner for value in listed for inner in value if isinstance(inner, Node)]
